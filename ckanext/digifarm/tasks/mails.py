"""The mails about tasks."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ckan import model

from .. import config
from ..lib import outbox, people, tokens
from ..lib.language import known, speaking
from ..lib.outbox import Recipient
from ..lib.tokens import Purpose
from ..lib.workflow import Actor
from .model import ClaimState, Task, TaskClaim


def send(
    template: str,
    to: Actor,
    task: Task,
    *,
    claim: TaskClaim | None = None,
    **values: Any,
) -> None:
    """Write a mail about a task to one side; commits nothing.

    :param template: name of the mail's template
    :param to: who gets it
    :param claim: of whoever takes the task, or had it; without one there is
        nobody to tell
    :param values: what the template needs besides
    """
    project = model.Package.get(task.project_id)
    if project is None or claim is None:
        return
    if to is Actor.PROJECT:
        recipients = people.recipients(people.of_project(project))
        reply_to = claim.email
    else:
        recipients = [_taker(claim)]
        reply_to = _public_address(project)
    for recipient in recipients:
        with speaking(recipient.language):
            link = _link(template, to, project, claim)
        outbox.write(
            f"tasks/emails/{template}",
            recipient,
            subject_id=task.id,
            reply_to=reply_to,
            task=task,
            claim=claim,
            project=project,
            to_project=to is Actor.PROJECT,
            address=reply_to,
            link=link,
            token_days=config.token_days(),
            task_days=config.task_days(),
            grace_days=config.TASK_GRACE_DAYS,
            **values,
        )


def _taker(claim: TaskClaim) -> Recipient:
    # Until it is confirmed, anybody may have written anything there.
    is_known = claim.state != ClaimState.UNCONFIRMED.value
    name = claim.name if is_known else ""
    return Recipient(claim.email, name, known(claim.language))


def _public_address(project: model.Package) -> str:
    """What a project tells everybody who takes a task: no owner's address."""
    public = project.extras.get("contact_email")
    return str(public or config.contact_email() or "")


def _link(
    template: str, to: Actor, project: model.Package, claim: TaskClaim
) -> str:
    if to is Actor.PROJECT:
        route, params = "digifarm_tasks.project", {"id": project.name}
    elif claim.state == ClaimState.OVER.value:
        route, params = "civic_project.read", {"id": project.name}
    elif template == "task_confirm":
        route = "digifarm_tasks.confirm"
        params = {"token": _token(Purpose.TASK_CONFIRM, claim)}
    else:
        route = "digifarm_tasks.by_link"
        params = {"token": _token(Purpose.TASK, claim)}
    return tk.h.url_for(route, qualified=True, **params)


def _token(purpose: Purpose, claim: TaskClaim) -> str:
    return tokens.make(purpose, claim.id, claim.token_key)
