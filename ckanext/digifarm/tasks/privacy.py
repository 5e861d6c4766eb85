"""People who have taken a task."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ckan import model
from ckan.types import Context

from ..lib import personal
from ..lib.events import Event, Subject
from .model import ClaimState, Task, TaskClaim
from .workflow import WORKFLOW


def of(email: str) -> list[TaskClaim]:
    """What somebody with an address has taken, locked."""
    return personal.holding(email, TaskClaim.email)


def erase(email: str) -> int:
    """Forget whoever has an address; commits nothing.

    Their tasks are open again, without a mail.

    :returns: how many rows were deleted
    """
    _lock(email)
    found = of(email)
    for claim in found:
        _forget(claim)
    return len(found)


def delete_unconfirmed(before: datetime) -> int:
    """Delete what nobody has confirmed in time; commits nothing."""
    return personal.delete(_older(ClaimState.UNCONFIRMED, before=before))


def forget(before: datetime) -> int:
    """Forget who had what is over; commits nothing."""
    found = _older(ClaimState.OVER, before=before)
    for claim in found:
        _forget(claim)
    return len(found)


def _lock(email: str) -> None:
    """Lock the tasks of somebody's claims: always before the claims."""
    claims = sa.select(TaskClaim.task_id).where(
        sa.func.lower(TaskClaim.email) == email.strip().lower()
    )
    model.Session.execute(
        sa.select(Task.id).where(Task.id.in_(claims)).with_for_update()
    )


def _older(state: ClaimState, *, before: datetime) -> list[TaskClaim]:
    return list(
        model.Session.scalars(
            sa.select(TaskClaim).where(
                TaskClaim.state == state.value, TaskClaim.modified < before
            )
        )
    )


def _forget(claim: TaskClaim) -> None:
    """Delete all that is known of who took a task; it is open again then."""
    task = model.Session.get(Task, claim.task_id)
    Event.forget_of(Subject.TASK, claim.task_id)
    if task and claim.state == ClaimState.HELD.value:
        WORKFLOW.go_on("forget", task, Context(), claim=claim)
    model.Session.delete(claim)
