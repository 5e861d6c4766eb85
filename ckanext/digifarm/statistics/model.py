"""The table of the numbers, by months."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from itertools import islice
from typing import Any, NamedTuple

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..lib.ckan import model
from .groups import Group
from .numbers import Number


class Counted(NamedTuple):
    """What is counted.

    :param key: which of those that the number stands for
    :param group: for whom
    :param days: how long it took, of durations
    """

    number: Number
    key: str
    group: Group
    days: int = 0


#: So many rows are written at a time.
CHUNK = 1000


class Figure(tk.BaseModel):
    """What a month has added to a number; made of events, at any time anew.

    No keys to other tables: what was counted stays counted. "" stands for all
    organisations, fields and origins.
    """

    __tablename__ = "digifarm_statistic"
    __table_args__ = (
        # What became of the projects of each community.
        sa.Index(
            "digifarm_statistic_origins",
            *("number", "month"),
            postgresql_where=sa.text(
                "organization = '' AND action_field = '' AND origin <> ''"
            ),
        ),
    )

    organization: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    action_field: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    origin: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    #: Its first day.
    month: Mapped[datetime.date] = mapped_column(sa.Date, primary_key=True)
    number: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    key: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    #: Of durations how long it took: so many have taken so many days.
    days: Mapped[int] = mapped_column(primary_key=True, default=0)
    amount: Mapped[int]

    @classmethod
    def is_of(cls, group: Group) -> sa.ColumnElement[bool]:
        """Whether it is kept for a group."""
        return sa.and_(
            *(
                getattr(cls, name) == value
                for name, value in group._asdict().items()
            )
        )

    @classmethod
    def write(
        cls, month: datetime.date, amounts: Mapping[Counted, int]
    ) -> None:
        """Write all that a month has, of which nothing is there; no commit."""
        rows = (
            {
                **counted.group._asdict(),
                "month": month,
                "number": counted.number.value,
                "key": counted.key,
                "days": counted.days,
                "amount": amount,
            }
            for counted, amount in amounts.items()
            if amount
        )
        while chunk := [*islice(rows, CHUNK)]:
            model.Session.execute(sa.insert(cls), chunk)


class State(tk.BaseModel):
    """Of when the numbers are; one row, or none before they were made."""

    __tablename__ = "digifarm_statistic_state"

    ONLY = 1

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    as_of: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    #: The month of the first event.
    begins: Mapped[datetime.date] = mapped_column(sa.Date)
    #: What numbers can be filtered by: ids and words, by dimensions.
    choices: Mapped[dict[str, list[str]]] = mapped_column(JSONB)

    @classmethod
    def write(cls, **values: Any) -> None:
        """Say of when they are; commits nothing."""
        model.Session.merge(cls(id=cls.ONLY, **values))
        model.Session.flush()
