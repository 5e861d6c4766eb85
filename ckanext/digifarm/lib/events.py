"""What has happened, for people's histories and for statistics.

docs/events.md says what is written down. `Event.record` writes; all else
reads.
"""

from __future__ import annotations

import datetime
import enum
import json
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import Self

from . import clock
from .acting import Acting, who
from .ckan import make_uuid, model


class Subject(str, enum.Enum):
    """What an event is about."""

    CONFIRMATION = "confirmation"
    DATASET = "dataset"
    LINK = "link"
    OWNER = "owner"
    PARTNER = "partner"
    PORTAL = "portal"
    PROJECT = "project"
    PROPOSAL = "proposal"
    QUESTION = "question"
    SUCCESSOR = "successor"
    SUPPORT = "support"
    TASK = "task"


class Change(str, enum.Enum):
    """The actions of events that no step of a life brings about."""

    # Of links and successors.
    CREATED = "created"  # and of projects
    CHANGED = "changed"
    REMOVED = "removed"  # and of owners
    # Of owners.
    ADDED = "added"
    # Of projects.
    APPROVED = "approved"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    STAGE_CHANGED = "stage_changed"
    COMPLETED = "completed"
    ENDED = "ended"
    REOPENED = "reopened"
    DELETED = "deleted"
    RESTORED = "restored"
    PURGED = "purged"
    HELP_OPENED = "help_opened"
    HELP_CLOSED = "help_closed"
    ORGANIZATION_CHANGED = "organization_changed"  # and of datasets
    # Of datasets that projects are linked with.
    FORMAT_LOST = "format_lost"
    # Of what no step brings about; it is looked for once a day.
    FOUND = "found"
    COUNTED = "counted"


#: Somebody has taken on the project by a link; no state changes.
CLAIMED = "claimed"

#: Where nothing of one transaction lies in one of another; see `since`.
_XACT = "(pg_current_xact_id()::text)::bigint"


class Position(NamedTuple):
    """How far somebody has read.

    :param xact: the transaction of the last event that was read
    :param number: the number of that event
    """

    xact: int
    number: int


class Event(tk.BaseModel):
    """Something that has happened: what, when, by whom if known, and why.

    Events are only ever added, and stay when what they are about is gone.
    Personal are `created_by` and `reason` only: they are forgotten.
    """

    __tablename__ = "digifarm_event"
    __table_args__ = (sa.Index("digifarm_event_position", "xact", "number"),)

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    #: The order in which events were written, not that of the commits.
    number: Mapped[int] = mapped_column(
        sa.BigInteger, sa.Identity(always=True)
    )
    #: The transaction that wrote it.
    xact: Mapped[int] = mapped_column(
        sa.BigInteger, server_default=sa.text(_XACT)
    )
    subject: Mapped[str] = mapped_column(sa.UnicodeText)
    subject_id: Mapped[str] = mapped_column(sa.UnicodeText, index=True)
    #: Name of an action, one of `Change`, or a word for what the portal did.
    action: Mapped[str] = mapped_column(sa.UnicodeText)
    #: None where it comes into being.
    source: Mapped[str | None] = mapped_column(sa.UnicodeText)
    #: None where it is gone.
    target: Mapped[str | None] = mapped_column(sa.UnicodeText)
    #: No key: what has happened stays true when the project is purged.
    project_id: Mapped[str | None] = mapped_column(sa.UnicodeText, index=True)
    #: As whom somebody has done it: an `Actor`.
    actor: Mapped[str] = mapped_column(sa.UnicodeText)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    reason: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    created: Mapped[datetime.datetime] = mapped_column(
        # Who moves the clock moves it here, too.
        sa.DateTime,
        default=lambda: clock.now(),  # noqa: PLW0108
    )
    created_by: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="SET NULL")
    )

    @classmethod
    def record(
        cls,
        subject: Subject,
        subject_id: str,
        action: str | Change,
        source: str | None,
        target: str | None,
        *,
        project: model.Package | None = None,
        by: Acting | None = None,
        reason: str = "",
        data: dict[str, Any] | None = None,
    ) -> str:
        """Add an event; commits nothing.

        :param subject: what it is about
        :param subject_id: its id
        :param action: what has happened
        :param source: the state before
        :param target: the state from now on
        :param project: the project that it belongs to; what statistics filter
            by is kept as it is now
        :param by: who did it (default: who acts now)
        :param reason: why, in the words of whoever did it
        :param data: what else belongs to it; nothing personal
        :returns: its id
        """
        by, id_ = by or who(), make_uuid()
        model.Session.add(
            cls(
                id=id_,
                subject=subject.value,
                subject_id=subject_id,
                action=(
                    action.value if isinstance(action, Change) else action
                ),
                source=source,
                target=target,
                project_id=project.id if project else None,
                actor=by.actor.value,
                created_by=by.user_id,
                reason=reason,
                data=_facts(project) | (data or {}),
            )
        )
        return id_

    @classmethod
    def reason_of(cls, id_: str) -> str:
        """Why somebody did it, as long as that is known."""
        event = model.Session.get(cls, id_)
        return event.reason if event else ""

    @classmethod
    def of(cls, subject: Subject, subject_id: str) -> list[Self]:
        """The events of a subject, the oldest first."""
        return list(
            model.Session.scalars(
                sa.select(cls)
                .where(
                    cls.subject == subject.value, cls.subject_id == subject_id
                )
                .order_by(cls.number)
            )
        )

    @classmethod
    def last_of(
        cls, subject: Subject, subject_ids: Collection[str]
    ) -> dict[str, Self]:
        """The last event of each of some subjects, by their ids.

        One SQL statement.
        """
        query = (
            sa.select(cls)
            .where(
                cls.subject == subject.value, cls.subject_id.in_(subject_ids)
            )
            .distinct(cls.subject_id)
            .order_by(cls.subject_id, cls.number.desc())
        )
        found = model.Session.scalars(query)
        return {event.subject_id: event for event in found}

    @classmethod
    def last_changes(
        cls, subject: Subject, subject_ids: Collection[str]
    ) -> dict[str, datetime.datetime]:
        """When some subjects were last changed in their states, by their ids.

        One SQL statement.
        """
        query = (
            sa.select(cls.subject_id, sa.func.max(cls.created))
            .where(
                cls.subject == subject.value,
                cls.subject_id.in_(subject_ids),
                cls.source == cls.target,
            )
            .group_by(cls.subject_id)
        )
        return dict(row.tuple() for row in model.Session.execute(query))

    @classmethod
    def forget(
        cls, *conditions: sa.ColumnElement[bool], keep_reason: bool = False
    ) -> int:
        """Forget who has done something, and why; commits nothing.

        That it has happened is kept.

        :param conditions: of which events
        :param keep_reason: forget only who has done it
        :returns: of how many there was something to forget
        """
        # Those that wait to be written are meant, too.
        model.Session.flush()
        is_known = cls.created_by.is_not(None)
        values: dict[str, Any] = {"created_by": None}
        if not keep_reason:
            is_known |= cls.reason != ""
            values["reason"] = ""
        forgotten = model.Session.scalars(
            sa.update(cls)
            .where(is_known, *conditions)
            .values(values)
            .returning(cls.id)
        )
        return len(forgotten.all())

    @classmethod
    def forget_of(cls, subject: Subject, subject_id: str) -> None:
        """Forget who has done something with a subject, and why."""
        cls.forget(cls.subject == subject.value, cls.subject_id == subject_id)


#: Where all that has happened is still to be read.
START = Position(0, 0)

#: The oldest transaction that still runs.
_RUNNING = sa.text("(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")

#: The order in which events are read.
_ORDER = sa.tuple_(Event.xact, Event.number)


class Reader(tk.BaseModel):
    """How far somebody has read who tells others of it."""

    __tablename__ = "digifarm_event_reader"

    name: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    xact: Mapped[int] = mapped_column(sa.BigInteger)
    number: Mapped[int] = mapped_column(sa.BigInteger)


def since(
    position: Position = START, limit: int = 1000
) -> tuple[list[Event], Position]:
    """What has happened since somebody has read last.

    A transaction that began early may commit late. So events are read in the
    order of transactions, and only up to the oldest one that still runs: what
    it writes comes after all that was read.

    After the database was restored on another server, transactions count anew
    there; docs/operation.md says what to do.

    :param position: how far they have read (default: nothing)
    :param limit: how many to read at most
    :returns: the events, and how far has been read now
    """
    events = list(
        model.Session.scalars(
            sa.select(Event)
            .where(*_after(position))
            .order_by(Event.xact, Event.number)
            .limit(limit)
        )
    )
    if events:
        position = Position(events[-1].xact, events[-1].number)
    return events, position


def unread(name: str) -> sa.Select[Any]:
    """What has happened since a reader was here last; commits nothing.

    As `since`, for who reads all of it in the database. The position is
    stored, and locked until the commit; who comes for the first time begins
    with what happens from now on.

    :param name: of the reader
    :returns: a query for the events
    """
    row = model.Session.get(
        Reader, name, with_for_update=True, populate_existing=True
    )
    if row is None:
        _begin(name)
        return sa.select(Event).where(sa.false())
    before = Position(row.xact, row.number)
    last = (
        sa.select(Event.xact, Event.number)
        .where(*_after(before))
        .order_by(Event.xact.desc(), Event.number.desc())
        .limit(1)
    )
    now = model.Session.execute(last).first() or before
    row.xact, row.number = now
    model.Session.flush()
    return sa.select(Event).where(
        sa.tuple_(*map(sa.literal, before)) < _ORDER,
        sa.tuple_(*map(sa.literal, now)) >= _ORDER,
    )


def _begin(name: str) -> None:
    """Let a reader begin with what isn't committed yet."""
    running = model.Session.scalar(sa.select(_RUNNING)) or 0
    model.Session.execute(
        insert(Reader)
        .values(name=name, xact=running, number=0)
        .on_conflict_do_nothing()
    )


def _after(position: Position) -> tuple[sa.ColumnElement[bool], ...]:
    """Whether an event comes after a position, and none before it any more."""
    return (
        sa.tuple_(*map(sa.literal, position)) < _ORDER,
        Event.xact < _RUNNING,
    )


def _facts(project: model.Package | None) -> dict[str, Any]:
    return facts(project.owner_org, project.extras) if project else {}


def facts(
    organization: str | None, extras: Mapping[str, str] | None
) -> dict[str, Any]:
    """What statistics filter by, as it is now.

    :param organization: that a project belongs to
    :param extras: of the project
    """
    extras = extras or {}
    return {
        "organization": organization or None,
        "action_fields": choices(extras.get("action_fields")),
        "origin": extras.get("origin_community") or None,
    }


def choices(stored: str | None) -> list[str]:
    """The choices that a package extra holds: JSON, or one word."""
    try:
        found = json.loads(stored or "[]")
    except ValueError:
        found = stored
    return [
        str(one) for one in (found if isinstance(found, list) else [found])
    ]
