"""The mails about projects that are over, or go on after all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import ckantoolkit as tk

from .. import config
from ..lib import addresses, outbox, people
from ..lib.actors import Actor
from ..lib.ckan import model
from ..lib.events import Event, Subject
from ..lib.language import speaking
from ..lib.outbox import Recipient
from ..partners.model import Partner
from ..projects import fields, reasons
from ..support import mails as support_mails
from ..support.model import Support
from ..tasks import mails as task_mails
from ..tasks.model import Task, TaskAssignment
from .model import Ending


@dataclass(frozen=True)
class News:
    """What there is to tell somebody of what they give a project.

    :param to: who is told, if they can be reached
    :param area: of a support, or ""
    :param task: title of a task, or ""
    :param is_over: whether it is over with the project
    """

    to: Recipient | None
    area: str = ""
    task: str = ""
    is_over: bool = False


def of_support(support: Support, *, is_over: bool) -> News:
    """What to tell whoever supports a project."""
    partner = model.Session.get(Partner, support.partner_id or "")
    to = support_mails.supporter(support, partner)
    return News(to, area=support.area, is_over=is_over)


def of_task(task: Task, assignment: TaskAssignment, *, is_over: bool) -> News:
    """What to tell whoever has taken a task."""
    to = task_mails.taker(assignment)
    return News(to, task=task.title, is_over=is_over)


def tell_end(
    project: model.Package,
    ending: Ending,
    news: Iterable[News],
    *,
    with_team: bool,
) -> None:
    """Write the mails that a project is over; commits nothing.

    :param news: what to tell those who give it something
    :param with_team: whether its own people are told
    """
    team = _team(project) if with_team else []
    _tell("project_over", project, team, news, ending)


def tell_resumed(project: model.Package, news: Iterable[News]) -> None:
    """Write the mails that a project goes on; commits nothing."""
    _tell("project_resumed", project, _team(project), news)


def tell_gone(
    template: str,
    project: model.Package,
    team: list[model.User],
    news: Iterable[News],
) -> None:
    """Write the mails that a project was deleted, or is back; commits nothing.

    :param template: name of the mail's template
    :param team: its own people who are told
    :param news: what to tell those who give it something
    """
    # Where nobody else is left, the city's team need not know.
    told = people.recipients(team) if team else []
    _tell(template, project, told, news)


def _tell(
    template: str,
    project: model.Package,
    team: list[Recipient],
    news: Iterable[News],
    ending: Ending | None = None,
) -> None:
    """Write a mail to a project's own people, and one to each of the others.

    :param news: what to tell the others
    """
    _write(template, project, team, [], ending)
    for recipient, own in _by_mailbox(news):
        _write(template, project, [recipient], own, ending)


def _team(project: model.Package) -> list[Recipient]:
    return people.recipients(people.of_project(project))


def _by_mailbox(
    news: Iterable[News],
) -> list[tuple[Recipient, list[News]]]:
    """What there is to tell each person, who gets one mail."""
    found: dict[str, tuple[Recipient, list[News]]] = {}
    for one in news:
        if one.to:
            mailbox = addresses.mailbox(one.to.email)
            found.setdefault(mailbox, (one.to, []))[1].append(one)
    return list(found.values())


def _write(
    template: str,
    project: model.Package,
    recipients: list[Recipient],
    news: list[News],
    ending: Ending | None,
) -> None:
    public = project.extras.get("contact_email") or config.contact_email()
    for recipient in recipients:
        with speaking(recipient.language):
            link = tk.h.url_for(
                "civic_project.read", id=project.name, qualified=True
            )
        outbox.write(
            f"endings/emails/{template}",
            recipient,
            subject_id=project.id,
            reply_to=str(public or ""),
            # Who ends a project and lets it go on writes to them each time.
            is_rationed=True,
            project=project,
            stage=project.extras.get("stage"),
            ending=ending,
            by_city=bool(ending) and _is_by_city(project),
            is_team=not news,
            news=news,
            area_label=_area,
            reason_label=_reason,
            link=link,
        )


def _is_by_city(project: model.Package) -> bool:
    """Whether reviewers have said last what has become of a project."""
    said = Event.last_of(Subject.PROJECT, [project.id]).get(project.id)
    return bool(said) and said.actor == Actor.REVIEWER.value


def _area(area: str) -> str:
    return fields.choice_label("help_wanted", area)


def _reason(code: str) -> str:
    return fields.choice_label_of(reasons.of(reasons.STOPPING), code)
