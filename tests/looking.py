"""How many rows the database looks at for what it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from ckan import model

Ask = Callable[[], object]


def sent_by(ask: Ask) -> tuple[str, Any]:
    """The first statement by which something is asked for."""
    sent = []

    def note(_: Any, cursor: Any, *statement: Any) -> None:
        sent.append(statement[:2])

    engine = model.ensure_engine()
    sa.event.listen(engine, "before_cursor_execute", note, once=True)
    ask()
    [one] = sent
    return one


@contextmanager
def with_more(*statements: sa.TextClause) -> Iterator[sa.Connection]:
    """A portal with rows that are never committed."""
    with model.ensure_engine().connect() as connection:
        for statement in statements:
            connection.execute(statement)
        yield connection


def looked_at(ask: Ask, *statements: sa.TextClause) -> dict[str, int]:
    """How many rows of each table are looked at, by the names of the tables.

    :param ask: what is asked for
    :param statements: these make rows before, and let the database know them
    """
    statement, parameters = sent_by(ask)
    with with_more(*statements) as connection:
        explained = connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters
        )
        [found] = explained.scalar_one()
    numbers: dict[str, int] = {}
    for node in _nodes(found["Plan"]):
        if table := node.get("Relation Name"):
            rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            numbers[table] = numbers.get(table, 0) + (
                rows * node["Actual Loops"]
            )
    return numbers


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
