"""The mails about tasks."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from .. import config
from ..lib import outbox, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import model
from ..lib.language import known, speaking
from ..lib.outbox import Recipient
from ..lib.tokens import Purpose
from .model import AssignmentState, Task, TaskAssignment


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
    else:
        recipients = [taker(assignment)]
        reply_to = _public_address(project)
    for recipient in recipients:
        with speaking(recipient.language):
            link = _link(to, project, assignment)
        outbox.write(
            f"tasks/emails/{template}",
            recipient,
            subject_id=task.id,
            reply_to=reply_to,
            task=task,
            assignment=assignment,
            project=project,
            to_project=to is Actor.PROJECT,
            address=reply_to,
            link=link,
            token_days=config.token_days(),
            task_days=config.task_days(),
            grace_days=config.TASK_GRACE_DAYS,
            **values,
        )


def taker(assignment: TaskAssignment) -> Recipient:
    """How whoever takes a task is written to."""
    # Until it is confirmed, anybody may have written anything there.
    is_known = assignment.state != AssignmentState.UNCONFIRMED.value
    name = assignment.name if is_known else ""
    return outbox.outsider(assignment.email, name, known(assignment.language))


def _public_address(project: model.Package) -> str:
    """What a project tells everybody who takes a task: no owner's address."""
    public = project.extras.get("contact_email")
    return str(public or config.contact_email() or "")


def _link(
    to: Actor, project: model.Package, assignment: TaskAssignment
) -> str:
    if to is Actor.PROJECT:
        route, params = "digifarm_tasks.project", {"id": project.name}
    elif assignment.state == AssignmentState.OVER.value:
        route, params = "civic_project.read", {"id": project.name}
    elif assignment.state == AssignmentState.UNCONFIRMED.value:
        route = "digifarm_tasks.confirm"
        params = {"token": _token(Purpose.TASK_CONFIRM, assignment)}
    else:
        route = "digifarm_tasks.by_link"
        params = {"token": _token(Purpose.TASK, assignment)}
    return tk.h.url_for(route, qualified=True, **params)


def _token(purpose: Purpose, assignment: TaskAssignment) -> str:
    return tokens.make(purpose, assignment.id, assignment.token_key)
