"""What others have done with what somebody has offered, taken or proposed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..lib.actors import Actor
from ..lib.ckan import model
from ..lib.events import Event, Subject
from ..partners.model import Partner
from ..proposals.model import Proposal
from ..support.model import Support
from ..tasks.model import AssignmentState, Task, TaskAssignment

#: These tell somebody by mail what becomes of their own.
OTHERS = (Actor.PROJECT, Actor.PARTNER, Actor.REVIEWER, Actor.PORTAL)

_TIME = sa.DateTime()
_BEGINNING = sa.cast(sa.literal("-infinity"), _TIME)
_END = sa.cast(sa.literal("infinity"), _TIME)


def last(user_id: str, limit: int) -> list[dict[str, Any]]:
    """The last steps of others; one SQL statement.

    :param user_id: of whoever has offered, taken or proposed something
    :param limit: how many at most
    :returns: dictionaries with `subject`, `id`, `state`, `title` of what it
        is about, and `created`; the newest first
    """
    # Few rows: to share them among processes would take longer than to read.
    own = (
        _own(user_id)
        .cte("own")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    package = model.package_table.c
    titles = (Task.title, Partner.title, sa.func.nullif(package.title, ""))
    query = (
        sa.select(
            Event.subject,
            Event.subject_id.label("id"),
            Event.target.label("state"),
            sa.func.coalesce(*titles, package.name).label("title"),
            Event.created,
        )
        .join(own, own.c.id == Event.subject_id)
        .outerjoin(Task, Task.id == Event.subject_id)
        .outerjoin(Partner, Partner.id == Event.subject_id)
        .outerjoin(model.package_table, package.id == Event.project_id)
        .where(
            Event.subject == own.c.subject,
            Event.target.is_not(None),
            Event.target.is_distinct_from(Event.source),
            Event.actor.in_([actor.value for actor in OTHERS]),
            Event.created_by.is_distinct_from(user_id),
            Event.created.between(own.c.since, own.c.until),
        )
        .order_by(Event.number.desc())
        .limit(limit)
    )
    return [
        {**row, "created": row["created"].isoformat()}
        for row in model.Session.execute(query).mappings()
        # A project that was purged has no title any more.
        if row["title"]
    ]


def _own(user_id: str) -> sa.CompoundSelect[Any]:
    """What is somebody's, and from when until when it was."""
    always = [
        sa.select(
            sa.literal(subject.value).label("subject"),
            table.id,
            _BEGINNING.label("since"),
            _END.label("until"),
        ).where(table.user_id == user_id)
        for subject, table in (
            (Subject.SUPPORT, Support),
            (Subject.PROPOSAL, Proposal),
            (Subject.PARTNER, Partner),
        )
    ]
    task = TaskAssignment
    is_theirs = task.state == AssignmentState.HELD.value
    for_a_time = sa.select(
        sa.literal(Subject.TASK.value),
        task.task_id,
        sa.func.coalesce(task.taken, task.created),
        # What ended it is written a moment after it.
        sa.case(
            (is_theirs, _END),
            else_=task.modified + sa.text("interval '1 minute'"),
        ),
    ).where(task.user_id == user_id)
    return sa.union_all(*always, for_a_time)
