"""Parts of lists, and how much there is."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from .ckan import model


def part_of(
    query: sa.Select[Any], limit: int | None, offset: int
) -> tuple[int, list[Any]]:
    """A part of what a query finds, and the number of all.

    One SQL statement, as the database looks for all of them anyway; one more
    where there is nothing at the offset.

    :param query: in its order; for one thing, such as an id or a row
    :param limit: how many at most
    :param offset: how many to leave out first
    """
    counted = query.add_columns(sa.func.count().over().label("all"))
    rows = model.Session.execute(counted.limit(limit).offset(offset)).all()
    if rows:
        return rows[0][-1], [row[0] for row in rows]
    if not offset:
        return 0, []
    ids = query.order_by(None).subquery()
    number = model.Session.scalar(sa.select(sa.func.count()).select_from(ids))
    return number or 0, []
