"""People who have taken a task."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ..lib import personal
from ..lib.ckan import Context, model
from ..lib.events import Event, Subject
from .model import AssignmentState, Task, TaskAssignment
from .workflow import WORKFLOW


def of(email: str, *, locked: bool = False) -> list[TaskAssignment]:
    """What somebody with an address has taken."""
    return personal.holding(email, TaskAssignment.email, locked=locked)


def erase(email: str) -> int:
    """Forget whoever has an address; commits nothing.

    Their tasks are open again, without a mail.

    :returns: how many rows were deleted
    """
    _lock(email)
    found = of(email, locked=True)
    for assignment in found:
        _forget(assignment)
    return len(found)


def delete_unconfirmed(before: datetime) -> int:
    """Delete what nobody has confirmed in time; commits nothing."""
    return personal.delete(_older(AssignmentState.UNCONFIRMED, before=before))


def forget(before: datetime) -> int:
    """Forget who had what is over; commits nothing."""
    found = _older(AssignmentState.OVER, before=before)
    for assignment in found:
        _forget(assignment)
    return len(found)


def _lock(email: str) -> None:
    """Lock the tasks of somebody's assignments: always before these."""
    assignments = sa.select(TaskAssignment.task_id).where(
        sa.func.lower(TaskAssignment.email) == email.strip().lower()
    )
    model.Session.execute(
        sa.select(Task.id)
        .where(Task.id.in_(assignments))
        .order_by(Task.id)
        .with_for_update()
    )


def _older(
    state: AssignmentState, *, before: datetime
) -> list[TaskAssignment]:
    return list(
        model.Session.scalars(
            sa.select(TaskAssignment)
            .where(
                TaskAssignment.state == state.value,
                TaskAssignment.modified < before,
            )
            .with_for_update()
        )
    )


def _forget(assignment: TaskAssignment) -> None:
    """Delete all that is known of who took a task; it is open again then."""
    task = model.Session.get(Task, assignment.task_id)
    Event.forget_of(Subject.TASK, assignment.task_id)
    if task and assignment.state == AssignmentState.HELD.value:
        WORKFLOW.go_on("forget", task, Context(), assignment=assignment)
    model.Session.delete(assignment)
