"""Finds and deletes rows, for all subjects."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from .ckan import model

#: What is nobody's business, not even that of whom it is about.
HIDDEN = frozenset({"token_key", "submission"})


def holding(
    email: str, column: InstrumentedAttribute[str], *, locked: bool
) -> Any:
    """The rows of a table that hold an address.

    :param locked: as they are about to be changed
    """
    table: Any = column.class_
    query = (
        sa.select(table)
        .where(sa.func.lower(column) == email.strip().lower(), column != "")
        .order_by(table.id)
    )
    if locked:
        query = query.with_for_update().execution_options(
            populate_existing=True
        )
    return model.Session.scalars(query).all()


def delete(rows: Iterable[Any]) -> int:
    """Delete rows; returns how many."""
    number = 0
    for row in rows:
        model.Session.delete(row)
        number += 1
    return number


def dictize(row: Any) -> dict[str, Any]:
    """A row as a dictionary of its columns, a picture as text."""
    return {
        column.name: _text(getattr(row, column.name))
        for column in row.__table__.columns
        if column.name not in HIDDEN
    }


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value
