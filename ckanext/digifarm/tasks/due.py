"""Tasks that somebody has taken don't stay with them for ever."""

from __future__ import annotations

import sqlalchemy as sa

from ckan import model
from ckan.types import Context

from .. import config
from ..lib import clock, lookups
from ..lib.due_work import Kind, done_before
from ..lib.workflow import Actor
from . import mails
from .model import ClaimState, Task, TaskClaim
from .workflow import WORKFLOW

REMINDER = "task-reminder"


def _to_remind() -> list[str]:
    """Claims of long ago."""
    long_ago = clock.days_ago(config.task_days())
    return _held(TaskClaim.modified < long_ago)


def _to_open() -> list[str]:
    """Claims of those who were reminded, and didn't say anything."""
    late = clock.days_ago(config.TASK_GRACE_DAYS)
    return _held(TaskClaim.id.in_(done_before(REMINDER, late)))


def _held(condition: sa.ColumnElement[bool]) -> list[str]:
    """Ids of claims by which somebody has a task, of projects there are."""
    query = (
        sa.select(TaskClaim.id)
        .join(Task, TaskClaim.task_id == Task.id)
        .join(model.Package, model.Package.id == Task.project_id)
        .where(
            TaskClaim.state == ClaimState.HELD.value,
            model.Package.state == model.State.ACTIVE,
            condition,
        )
        .order_by(TaskClaim.modified)
    )
    return list(model.Session.scalars(query))


def _locked(claim_id: str) -> tuple[Task, TaskClaim] | None:
    """A task and who has it; None where they don't have it any more."""
    claim = model.Session.get(TaskClaim, claim_id)
    task = claim and model.Session.get(Task, claim.task_id)
    if task is None or lookups.lock(task) is None:
        return None
    claim = TaskClaim.held(task.id)
    return (task, claim) if claim and claim.id == claim_id else None


def _remind(claim_id: str) -> None:
    if found := _locked(claim_id):
        task, claim = found
        mails.send("task_reminder", Actor.TAKER, task, claim=claim)


def _open_again(claim_id: str) -> None:
    if found := _locked(claim_id):
        task, claim = found
        WORKFLOW.go_on("expire", task, Context(), claim=claim, is_late=True)


KINDS = (
    Kind("task-expiry", _to_open, _open_again),
    Kind(REMINDER, _to_remind, _remind),
)
