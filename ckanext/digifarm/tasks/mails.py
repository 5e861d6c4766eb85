"""The mails about tasks."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from .. import config
from ..config import PROJECT_TYPE
from ..lib import outbox, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import model
from ..lib.language import known, speaking
from ..lib.outbox import Recipient
from ..lib.tokens import Purpose
from ..projects.stages import asks_now
from .model import AssignmentState, Task, TaskAssignment

#: Where the link in a mail to a taker leads, and what it is good for.
LINKS = {
    AssignmentState.UNCONFIRMED.value: (
        "digifarm_tasks.confirm",
        Purpose.TASK_CONFIRM,
    ),
    AssignmentState.HELD.value: ("digifarm_tasks.by_link", Purpose.TASK),
    AssignmentState.DONE.value: (
        "digifarm_own_tasks.thanks_by_link",
        Purpose.TASK_DONE,
    ),
}


def send(
    template: str,
    to: Actor,
    task: Task,
    *,
    assignment: TaskAssignment | None = None,
    **values: Any,
) -> None:
    """Write a mail about a task to one side; commits nothing.

    :param template: name of the mail's template
    :param to: who gets it
    :param assignment: of whoever takes the task, or had it; without one
        there is nobody to tell
    :param values: what the template needs besides
    """
    project = model.Package.get(task.project_id)
    if project is None or assignment is None:
        return
    if to is Actor.PROJECT:
        recipients = people.recipients(people.of_project(project))
        reply_to = assignment.email
    elif to is Actor.REVIEWER:
        recipients = people.recipients(people.reviewers())
        reply_to = ""
    else:
        recipients = [taker(assignment)]
        reply_to = public_address(project)
    is_new = assignment.state == AssignmentState.UNCONFIRMED.value
    for recipient in recipients:
        with speaking(recipient.language):
            link = _link(to, project, assignment)
        outbox.write(
            f"tasks/emails/{template}",
            recipient,
            # Several may want the same task.
            subject_id=assignment.id if is_new else task.id,
            reply_to=reply_to,
            task=task,
            assignment=assignment,
            project=project,
            to_project=to is Actor.PROJECT,
            asks=asks_now(project.extras),
            address=reply_to,
            link=link,
            token_days=config.token_days(),
            task_days=config.task_days(),
            grace_days=config.TASK_GRACE_DAYS,
            keep_days=config.retention_days(),
            **values,
        )


def taker(assignment: TaskAssignment) -> Recipient:
    """How whoever takes a task is written to."""
    # Until it is confirmed, anybody may have written anything there.
    is_known = assignment.state != AssignmentState.UNCONFIRMED.value
    name = assignment.name if is_known else ""
    return outbox.outsider(assignment.email, name, known(assignment.language))


def public_address(project: model.Package) -> str:
    """What a project tells everybody who takes a task: no owner's address.

    :returns: that of the city's team where the project has none, or ""
    """
    public = project.extras.get("contact_email")
    return str(public or config.contact_email() or "")


def _link(
    to: Actor, project: model.Package, assignment: TaskAssignment
) -> str:
    """Where a mail leads: nobody gets a key but their own."""
    page, params = f"{PROJECT_TYPE}.read", {"id": project.name}
    if to is Actor.PROJECT:
        page = "digifarm_tasks.project"
    elif to is Actor.TAKER and (found := LINKS.get(assignment.state)):
        page, purpose = found
        token = tokens.make(purpose, assignment.id, assignment.token_key)
        params = {"token": token}
    return tk.h.url_for(page, qualified=True, **params)
