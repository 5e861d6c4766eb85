"""The table of the numbers, by months."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..lib.ckan import model
from .groups import Group
from .numbers import Number

#: So many rows are written at a time.
CHUNK = 1000


class Figure(tk.BaseModel):
    """What a month has added to a number; made of events, at any time anew.

    No keys to other tables: what was counted stays counted. "" stands for all
    organisations, fields and origins.
    """

    __tablename__ = "digifarm_statistic"

    organization: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    action_field: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    origin: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    #: Its first day.
    month: Mapped[datetime.date] = mapped_column(sa.Date, primary_key=True)
    number: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    key: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    amount: Mapped[int] = mapped_column(default=0, server_default="0")
    #: How long each took, in days; of durations only.
    days: Mapped[list[int]] = mapped_column(
        ARRAY(sa.Integer), default=list, server_default="{}"
    )

    @classmethod
    def write(
        cls,
        month: datetime.date,
        amounts: Mapping[tuple[Number, str, Group], int],
        days: Mapping[tuple[Number, str, Group], list[int]],
    ) -> None:
        """Write all that a month has, of which nothing is there; no commit."""
        rows: list[dict[str, Any]] = []
        for row in cls._rows(month, amounts, days):
            rows.append(row)
            if len(rows) == CHUNK:
                model.Session.execute(sa.insert(cls), rows)
                rows = []
        if rows:
            model.Session.execute(sa.insert(cls), rows)

    @classmethod
    def _rows(
        cls,
        month: datetime.date,
        amounts: Mapping[tuple[Number, str, Group], int],
        days: Mapping[tuple[Number, str, Group], list[int]],
    ) -> Iterator[dict[str, Any]]:
        found: dict[Any, dict[str, Any]] = {}
        for key, amount in amounts.items():
            if amount:
                found[key] = {"amount": amount, "days": []}
        for key, took in days.items():
            found[key] = {"amount": len(took), "days": sorted(took)}
        for (number, key, group), values in found.items():
            yield {
                **group._asdict(),
                "month": month,
                "number": number.value,
                "key": key,
                **values,
            }


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
