"""Parts of lists, and how much there is."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from .ckan import model

#: Nobody works off more than so many; to count them all would take longer
#: than to find the first ones.
ENOUGH = 500


def part_of(
    query: sa.Select[Any],
    limit: int | None,
    offset: int,
    enough: int | None = None,
) -> tuple[int, list[Any]]:
    """A part of what a query finds, and how much there is.

    One SQL statement; one more where there is nothing at the offset.

    :param query: in its order; for one thing, such as an id or a row
    :param limit: how many at most
    :param offset: how many to leave out first
    :param enough: so many after the offset are counted (default: all), the
        first ones, as an index has the order
    :returns: the number of all, and the part
    """
    if enough:
        count = _count(query, offset + enough)
    else:
        count = _count(query.order_by(None))
    part = query.add_columns(count.scalar_subquery().label("all"))
    rows = model.Session.execute(part.limit(limit).offset(offset)).all()
    if rows:
        return rows[0][-1], [row[0] for row in rows]
    return (model.Session.scalar(count) or 0) if offset else 0, []


def part_of_found(
    query: sa.Select[Any], limit: int | None, offset: int
) -> tuple[int, list[Any]]:
    """As `part_of`, where all is found anyway before the first is known.

    That is so where no index has the order.

    :returns: how much there is, of which `ENOUGH` after the offset are
        counted, and the part
    """
    count = sa.func.count().over().label("all")
    part = query.add_columns(count).limit(limit).offset(offset)
    rows = model.Session.execute(part).all()
    if rows:
        return min(rows[0][-1], offset + ENOUGH), [row[0] for row in rows]
    return number(query) if offset else 0, []


def number(query: sa.Select[Any], *, in_order: bool = False) -> int:
    """How much a query finds; of more than `ENOUGH`, so many are counted.

    :param in_order: whether these are the first ones, as an index has the
        order; else the database may read all that is no part of it
    """
    counted = query if in_order else query.order_by(None)
    return model.Session.scalar(_count(counted, ENOUGH)) or 0


def _count(
    query: sa.Select[Any], most: int | None = None
) -> sa.Select[tuple[int]]:
    counted = query.limit(most).subquery()
    return sa.select(sa.func.count()).select_from(counted)
