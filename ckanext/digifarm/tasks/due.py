"""Tasks that somebody has taken don't stay with them for ever."""

from __future__ import annotations

import sqlalchemy as sa

from .. import config
from ..lib import clock, lookups
from ..lib.actors import Actor
from ..lib.ckan import Context, model
from ..lib.due_work import Kind, done_before
from . import mails
from .model import AssignmentState, Task, TaskAssignment
from .workflow import WORKFLOW

REMINDER = "task-reminder"


def _to_remind() -> list[str]:
    """Assignments of long ago."""
    long_ago = clock.days_ago(config.task_days())
    return _held(TaskAssignment.modified < long_ago)


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


KINDS = (
    Kind("task-expiry", _to_open, _open_again),
    Kind(REMINDER, _to_remind, _remind),
)
