"""Tasks that somebody has taken don't stay with them for ever."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from ckan import model
from ckan.types import Context

from .. import config
from ..lib import clock
from ..lib.workflow import Actor
from . import mails
from .model import ClaimState, Task, TaskClaim, TaskState
from .workflow import WORKFLOW


def remind() -> Counter[str]:
    """Remind those who took a task long ago, or open it again; commits.

    :returns: how many were `reminded`, and how many tasks are `open` again
    """
    counts: Counter[str] = Counter()
    late = clock.days_ago(config.TASK_GRACE_DAYS)
    for task, claim in _held(TaskClaim.reminded < late):
        WORKFLOW.go_on("expire", task, Context(), claim=claim, is_late=True)
        counts["open"] += 1
    long_ago = clock.days_ago(config.task_days())
    for task, claim in _held(
        TaskClaim.reminded.is_(None), TaskClaim.modified < long_ago
    ):
        mails.send("task_reminder", Actor.TAKER, task, claim=claim)
        claim.reminded = clock.now()
        counts["reminded"] += 1
    model.Session.commit()
    return counts


def _held(
    *conditions: sa.ColumnElement[bool],
) -> list[tuple[Task, TaskClaim]]:
    """Tasks of projects that there are, and who has them, locked."""
    query = (
        sa.select(Task, TaskClaim)
        .join(TaskClaim, TaskClaim.task_id == Task.id)
        .join(model.Package, model.Package.id == Task.project_id)
        .where(
            Task.state == TaskState.TAKEN.value,
            TaskClaim.state == ClaimState.HELD.value,
            model.Package.state == model.State.ACTIVE,
            *conditions,
        )
        .with_for_update(of=Task, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return [row.tuple() for row in model.Session.execute(query)]
