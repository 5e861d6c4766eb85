"""People who have taken a task."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from ..lib import consent, forgetting, personal
from ..lib.ckan import Context, model
from ..lib.events import Event, Subject
from ..lib.personal import Person
from .model import AssignmentState, Task, TaskAssignment
from .workflow import WORKFLOW

#: In these states nothing happens any more.
ENDED = (AssignmentState.DONE.value, AssignmentState.OVER.value)


def of(person: Person, *, locked: bool = False) -> list[TaskAssignment]:
    """What somebody has taken."""
    return personal.rows(TaskAssignment, _is_of(person), locked=locked)


def erase(person: Person) -> int:
    """Forget somebody; commits nothing.

    Their tasks are open again, without a mail.

    :returns: how many rows were deleted
    """
    _lock(_is_of(person))
    found = of(person, locked=True)
    for assignment in found:
        _forget(assignment)
    model.Session.flush()
    return len(found)


def delete_unconfirmed(before: datetime) -> int:
    """Delete what nobody has confirmed in time; commits nothing."""
    return personal.delete(
        _locked(_older(AssignmentState.UNCONFIRMED, before))
    )


def forget(before: datetime) -> int:
    """Forget who had what is over; commits nothing.

    Also who has what nobody needs any more: a task of a project that was
    deleted.
    """
    unneeded = TaskAssignment.task_id.in_(
        sa.select(Task.id).where(
            forgetting.deleted_before(Task.project_id, before)
        )
    )
    _lock(unneeded)
    found = _locked(
        _older(AssignmentState.OVER, before)
        | _older(AssignmentState.DONE, before)
        | unneeded
    )
    for assignment in found:
        _forget(assignment)
    return len(found)


def export(assignment: TaskAssignment) -> dict[str, object]:
    """What is stored of somebody who has taken a task, in words."""
    task = model.Session.get(Task, assignment.task_id)
    return {
        "project": personal.package(task.project_id if task else None),
        "task": task and task.title,
        "state": assignment.state,
        "name": assignment.name,
        "email": assignment.email,
        "language": assignment.language,
        "created": assignment.created,
        "modified": assignment.modified,
        "taken": assignment.taken,
        "reported": assignment.reported,
        "report": assignment.report,
        "consent": consent.export(assignment),
        "events": personal.events(_events(assignment)),
    }


def _events(assignment: TaskAssignment) -> list[Event]:
    """What has happened while somebody had a task, or wanted it."""
    is_over = assignment.state in ENDED
    # The event is written a moment after the assignment.
    end = assignment.modified + timedelta(seconds=1)
    return [
        event
        for event in Event.of(Subject.TASK, assignment.task_id)
        if event.created >= assignment.created
        and not (is_over and event.created > end)
    ]


def _is_of(person: Person) -> sa.ColumnElement[bool]:
    return person.is_behind(TaskAssignment.email, Subject.TASK)


def _lock(condition: sa.ColumnElement[bool]) -> None:
    """Lock the tasks of some assignments: always before these."""
    assignments = sa.select(TaskAssignment.task_id).where(condition)
    model.Session.execute(
        sa.select(Task.id)
        .where(Task.id.in_(assignments))
        .order_by(Task.id)
        .with_for_update()
    )


def _older(state: AssignmentState, before: datetime) -> sa.ColumnElement[bool]:
    return (TaskAssignment.state == state.value) & (
        TaskAssignment.modified < before
    )


def _locked(condition: sa.ColumnElement[bool]) -> list[TaskAssignment]:
    return list(
        model.Session.scalars(
            sa.select(TaskAssignment)
            .where(condition)
            .order_by(TaskAssignment.id)
            .with_for_update()
        )
    )


def _forget(assignment: TaskAssignment) -> None:
    """Delete all that is known of who took a task; it is open again then."""
    task = model.Session.get(Task, assignment.task_id)
    # Others have had the task before and after.
    own = [event.id for event in _events(assignment)]
    Event.forget(Event.id.in_(own))
    if task and assignment.state == AssignmentState.HELD.value:
        WORKFLOW.go_on("forget", task, Context(), assignment=assignment)
    model.Session.delete(assignment)
