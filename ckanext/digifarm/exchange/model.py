from __future__ import annotations

import datetime
import enum
from collections import Counter
from collections.abc import Collection

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..lib import clock
from ..lib.ckan import make_uuid, model
from .plan import Result


class ImportState(str, enum.Enum):
    """How far an upload is."""

    #: Its rows are being looked at.
    UPLOADED = "uploaded"
    #: Whoever has uploaded it sees what would happen.
    CHECKED = "checked"
    #: Its rows are being written.
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


#: In these the file is still needed.
WAITING = (ImportState.UPLOADED, ImportState.CHECKED, ImportState.RUNNING)

#: In these a worker has something to do.
AT_WORK = (ImportState.UPLOADED, ImportState.RUNNING)

#: So long a file waits for a yes, in days.
UNCONFIRMED_DAYS = 7

#: So long it can be seen what became of it, in days.
KEPT_DAYS = 30

#: What is written once somebody says yes.
WRITTEN = (Result.CREATED, Result.UPDATED)


class Import(tk.BaseModel):
    """A table that a reviewer has uploaded; for themselves alone.

    The file lies here and nowhere else, and is gone as soon as it is written
    or cancelled.
    """

    __tablename__ = "digifarm_import"

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    user_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("user.id", ondelete="CASCADE"),
        index=True,
    )
    #: The one that gets new projects whose rows name none.
    organization_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("group.id", ondelete="SET NULL")
    )
    filename: Mapped[str] = mapped_column(sa.UnicodeText)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    #: By which the same file is known that is sent twice.
    digest: Mapped[str] = mapped_column(sa.UnicodeText)
    #: In which what is wrong is written down.
    language: Mapped[str] = mapped_column(sa.UnicodeText)
    #: What is to be said of the file as a whole.
    notes: Mapped[list[str]] = mapped_column(JSONB)
    num_rows: Mapped[int]
    state: Mapped[str] = mapped_column(sa.UnicodeText)
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )
    #: Since when it has its state.
    modified: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )

    @classmethod
    def of(cls, user_id: str, states: Collection[ImportState]) -> list[Import]:
        """The uploads of a user that have one of some states, newest first."""
        return list(
            model.Session.scalars(
                sa.select(cls)
                .where(
                    cls.user_id == user_id,
                    cls.state.in_([state.value for state in states]),
                )
                .order_by(cls.created.desc(), cls.id)
            )
        )

    @classmethod
    def part(
        cls, user_id: str, limit: int, offset: int
    ) -> tuple[int, list[Import]]:
        """Some uploads of a user, newest first, and how many there are."""
        own = cls.user_id == user_id
        query = sa.select(sa.func.count()).select_from(cls).where(own)
        found = (
            sa.select(cls)
            .where(own)
            .order_by(cls.created.desc(), cls.id)
            .limit(limit)
            .offset(offset)
        )
        count = model.Session.scalar(query) or 0
        return count, list(model.Session.scalars(found))

    @classmethod
    def at_work(cls) -> list[str]:
        """Ids of those with which a worker has to go on, oldest first."""
        states = [state.value for state in AT_WORK]
        query = sa.select(cls.id).where(cls.state.in_(states))
        return list(
            model.Session.scalars(query.order_by(cls.modified, cls.id))
        )

    @classmethod
    def state_of(cls, id_: str) -> str | None:
        """The state as it is now, whatever the session knows."""
        return model.Session.scalar(sa.select(cls.state).where(cls.id == id_))

    def empty(self) -> None:
        """Let the file go."""
        self.content = b""


class ImportRow(tk.BaseModel):
    """What becomes, or would become, of a row of an upload."""

    __tablename__ = "digifarm_import_row"

    import_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("digifarm_import.id", ondelete="CASCADE"),
        primary_key=True,
    )
    #: From 0 on, in the order of the file.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: Where it stands in the file, for people.
    place: Mapped[str] = mapped_column(sa.UnicodeText)
    #: Short name of its project, also where that failed; "" where it has none.
    project: Mapped[str] = mapped_column(sa.UnicodeText)
    #: A `Result`: what would happen, and once it is done, what has.
    result: Mapped[str] = mapped_column(sa.UnicodeText)
    #: What changes in its project, as columns of tables are named.
    changed: Mapped[list[str]] = mapped_column(JSONB)
    #: All that is wrong, cell by cell.
    complaints: Mapped[list[str]] = mapped_column(JSONB)
    #: What is not taken over as it stands there.
    reports: Mapped[list[str]] = mapped_column(JSONB)
    #: Whether its writing has begun: after a crash, part of it may be there.
    is_begun: Mapped[bool] = mapped_column(default=False)
    is_done: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def get(cls, import_id: str, number: int) -> ImportRow | None:
        """A row of an upload."""
        return model.Session.get(cls, (import_id, number))

    @classmethod
    def counts(cls, import_id: str) -> Counter[str]:
        """How many there are, by result; and as `done`, how many are done."""
        found = model.Session.execute(
            sa.select(
                cls.result,
                sa.func.count(),
                sa.func.count().filter(cls.is_done),
            )
            .where(cls.import_id == import_id)
            .group_by(cls.result)
        )
        counts: Counter[str] = Counter()
        for result, num, num_done in found:
            counts[result] = num
            counts["done"] += num_done
        return counts

    @classmethod
    def nums_to_write(cls, import_ids: list[str]) -> Counter[str]:
        """How many rows of some uploads are written, or would be."""
        results = [result.value for result in WRITTEN]
        found = model.Session.execute(
            sa.select(cls.import_id, sa.func.count())
            .where(cls.import_id.in_(import_ids), cls.result.in_(results))
            .group_by(cls.import_id)
        )
        return Counter(dict(map(tuple, found)))

    @classmethod
    def to_write(cls, import_id: str) -> set[int]:
        """Numbers of the rows that are still to be written."""
        results = [result.value for result in WRITTEN]
        return {
            *model.Session.scalars(
                sa.select(cls.number).where(
                    cls.import_id == import_id,
                    cls.result.in_(results),
                    ~cls.is_done,
                )
            )
        }

    @classmethod
    def names(cls, import_id: str) -> dict[int, tuple[str, str]]:
        """What the projects of the rows are called, and where they stand.

        :returns: both by the number of the row
        """
        query = sa.select(cls.number, cls.project, cls.place)
        found = model.Session.execute(query.where(cls.import_id == import_id))
        return {row.number: (row.project, row.place) for row in found}

    @classmethod
    def part(
        cls, import_id: str, result: str, limit: int, offset: int
    ) -> list[ImportRow]:
        """Some rows of an upload, in the order of the file.

        :param result: only those with this result, unless it is ""
        """
        query = sa.select(cls).where(cls.import_id == import_id)
        if result:
            query = query.where(cls.result == result)
        query = query.order_by(cls.number).limit(limit).offset(offset)
        return list(model.Session.scalars(query))

    @classmethod
    def forget_unwritten(cls, import_id: str) -> None:
        """Delete the rows of which nothing was written; commits nothing."""
        query = sa.delete(cls).where(cls.import_id == import_id)
        model.Session.execute(query.where(~cls.is_begun))
