"""Tasks that somebody has taken don't stay with them for ever.

Where they say that it is done, the project is reminded to look at it.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from .. import config
from ..lib import clock, lookups
from ..lib.actors import Actor
from ..lib.ckan import Context, model
from ..lib.due_work import Kind, done_before
from . import mails
from .model import AssignmentState, Task, TaskAssignment, TaskState
from .workflow import WORKFLOW

REMINDER = "task-reminder"

#: After how many days of waiting for an answer who gets which mail.
REPORT_REMINDERS: tuple[tuple[int, dict[Actor, str]], ...] = (
    (3, {Actor.PROJECT: "task_report_reminder"}),
    (10, {Actor.PROJECT: "task_report_reminder"}),
    (
        17,
        {
            Actor.REVIEWER: "task_report_overdue",
            Actor.TAKER: "task_report_waiting",
        },
    ),
)

#: After how many days the portal waits no longer for the project's answer,
#: and keeps no longer who has reported it.
REPORT_DAYS = 45


def _to_remind() -> list[str]:
    """Assignments of long ago."""
    long_ago = clock.days_ago(config.task_days())
    # Since when it is theirs, or was given back to them.
    return _held(Task.modified < long_ago)


def _to_open() -> list[str]:
    """Assignments of those who were reminded, and didn't say anything."""
    late = clock.days_ago(config.TASK_GRACE_DAYS)
    return _held(TaskAssignment.id.in_(done_before(REMINDER, late)))


def _held(condition: sa.ColumnElement[bool]) -> list[str]:
    """Ids of assignments to tasks that are taken, of projects there are."""
    query = (
        sa.select(TaskAssignment.id)
        .join(Task, TaskAssignment.task_id == Task.id)
        .join(model.Package, model.Package.id == Task.project_id)
        .where(
            TaskAssignment.state == AssignmentState.HELD.value,
            Task.state == TaskState.TAKEN.value,
            model.Package.state == model.State.ACTIVE,
            condition,
        )
        .order_by(TaskAssignment.modified)
    )
    return list(model.Session.scalars(query))


def _locked(assignment_id: str) -> tuple[Task, TaskAssignment] | None:
    """A task and who has it; None where they don't have it any more."""
    assignment = model.Session.get(TaskAssignment, assignment_id)
    task = assignment and model.Session.get(Task, assignment.task_id)
    if task is None or lookups.lock(task) is None:
        return None
    if task.state != TaskState.TAKEN.value:
        return None
    assignment = TaskAssignment.held(task.id)
    return (
        (task, assignment)
        if assignment and assignment.id == assignment_id
        else None
    )


def _remind(assignment_id: str) -> None:
    if found := _locked(assignment_id):
        task, assignment = found
        mails.send("task_reminder", Actor.TAKER, task, assignment=assignment)


def _open_again(assignment_id: str) -> None:
    if found := _locked(assignment_id):
        task, assignment = found
        WORKFLOW.go_on(
            "expire", task, Context(), assignment=assignment, is_late=True
        )


def _reported() -> Iterator[str]:
    """Reports that wait, each with the number of the last reminder by now.

    So one that was overlooked for long is recalled once, and one of another
    time anew.
    """
    query = (
        sa.select(Task)
        .join(model.Package, model.Package.id == Task.project_id)
        .where(
            Task.state == TaskState.REPORTED.value,
            Task.modified < clock.days_ago(REPORT_REMINDERS[0][0]),
            model.Package.state == model.State.ACTIVE,
        )
        .order_by(Task.modified)
    )
    for task in model.Session.scalars(query):
        number = sum(
            task.modified < clock.days_ago(days)
            for days, *_ in REPORT_REMINDERS
        )
        yield f"{task.id}/{task.modified.isoformat()}/{number}"


def _recall(key: str) -> None:
    id_, since, number = key.split("/")
    task = model.Session.get(Task, id_)
    task = task and lookups.lock(task)
    # Somebody may have answered meanwhile.
    if task is None or task.state != TaskState.REPORTED.value:
        return
    if task.modified.isoformat() != since:
        return
    for to, template in REPORT_REMINDERS[int(number) - 1][1].items():
        mails.send(
            template,
            to,
            task,
            assignment=TaskAssignment.held(task.id),
            waiting=(clock.now() - task.modified).days,
        )


def _unanswered() -> list[str]:
    """Tasks that were reported as done, and nobody has looked at it."""
    query = (
        sa.select(Task.id)
        .where(
            Task.state == TaskState.REPORTED.value,
            Task.modified < clock.days_ago(REPORT_DAYS),
        )
        .order_by(Task.modified)
    )
    return list(model.Session.scalars(query))


def _let_go(task_id: str) -> None:
    task = model.Session.get(Task, task_id)
    task = task and lookups.lock(task)
    if task is None or task.state != TaskState.REPORTED.value:
        return
    WORKFLOW.go_on(
        "expire",
        task,
        Context(),
        assignment=TaskAssignment.held(task.id),
        is_unanswered=True,
    )


KINDS = (
    Kind("task-unanswered", _unanswered, _let_go),
    Kind("task-expiry", _to_open, _open_again),
    Kind(REMINDER, _to_remind, _remind),
    Kind("task-report", _reported, _recall),
)
