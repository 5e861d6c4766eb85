"""Locks that others hold, and who waits for them."""

from __future__ import annotations

import concurrent.futures
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ckan import model

from .acting import in_two_threads

#: What an attempt is that went well.
DONE = "done"

NOT_FOUND = "not found"

_WAITING = sa.text(
    "select count(*) from pg_stat_activity"
    " where datname = current_database() and wait_event_type = 'Lock'"
)


@contextmanager
def held(*rows: Any) -> Iterator[None]:
    """Somebody else changes some rows meanwhile, over a connection of theirs.

    :param rows: rows, or pairs of a table and an id
    """
    pairs = [
        row
        if isinstance(row, tuple)
        else (type(row), sa.inspect(row).identity[0])
        for row in rows
    ]
    # What waits here of itself would wait for ever.
    model.Session.commit()
    with model.meta.engine.connect() as connection:
        for table, id_ in pairs:
            query = sa.select(table.id).where(table.id == id_)
            connection.execute(query.with_for_update()).one()
        yield
        connection.rollback()


@contextmanager
def impatient(milliseconds: int = 50) -> Iterator[None]:
    """Nobody waits longer than that for a lock: it is an error then."""

    def set_timeout(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")

    model.Session.rollback()
    engine = model.meta.engine
    sa.event.listen(engine, "begin", set_timeout)
    try:
        yield
    finally:
        sa.event.remove(engine, "begin", set_timeout)
        model.Session.rollback()


def attempt(act: Callable[[], Any]) -> Callable[[], Any]:
    """Do something; gives `DONE`, what is wrong, or the refusal."""

    def run() -> Any:
        try:
            act()
        except tk.ValidationError as e:
            return e.error_dict
        except tk.NotAuthorized as e:
            return f"refused: {e.message}"
        except tk.ObjectNotFound:
            return NOT_FOUND
        return DONE

    return run


def meeting(
    app: Any,
    row: Any,
    *acts: Callable[[], Any],
    meanwhile: Callable[[sa.Connection], Any] | None = None,
) -> list[Any]:
    """What comes of acts that all wait for a row before one of them has it.

    :param row: a row, or a pair of a table and an id
    :param meanwhile: what somebody else, who has it first, changes
    """
    is_pair = isinstance(row, tuple)
    table, key = row if is_pair else (type(row), sa.inspect(row).identity)
    columns = sa.inspect(table).primary_key
    # What this session holds, they would wait for.
    model.Session.commit()
    with model.meta.engine.connect() as first:
        query = sa.select(*columns).where(
            sa.tuple_(*columns) == sa.tuple_(*([key] if is_pair else key))
        )
        first.execute(query.with_for_update()).one()

        def let_go() -> None:
            try:
                until_waiting(len(acts))
                if meanwhile:
                    meanwhile(first)
                first.commit()
            finally:
                first.rollback()

        attempts = [attempt(act) for act in acts]
        *results, _ = in_two_threads(app, *attempts, let_go)
    model.Session.rollback()
    model.Session.expire_all()
    return results


@contextmanager
def meanwhile(
    app: Any, is_then: Callable[[str, Any], bool], act: Callable[[], Any]
) -> Iterator[list[bool]]:
    """Somebody else does something just before a statement of this thread.

    They have done it, or wait for a lock, as the statement goes on.

    :param is_then: tells of a statement and its values whether it is that one
    :returns: whether they have had to wait, as soon as that is known
    """
    own = threading.get_ident()
    waited: list[bool] = []
    others: list[concurrent.futures.Future[Any]] = []

    def begin(_: Any, __: Any, sql: str, values: Any, *___: Any) -> None:
        if others or threading.get_ident() != own:
            return
        if is_then(sql, values):
            others.append(pool.submit(in_two_threads, app, act))
            until_done_or_waiting(others[0].done)
            waited.append(not others[0].done())

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        engine = model.ensure_engine()
        sa.event.listen(engine, "before_cursor_execute", begin)
        try:
            yield waited
        finally:
            sa.event.remove(engine, "before_cursor_execute", begin)
            # Nothing of it is left to wait for.
            model.Session.rollback()
    [other] = others
    other.result()


def until_done_or_waiting(is_done: Callable[[], bool]) -> None:
    """Wait until others have done something, or wait for a lock."""
    for _ in range(500):
        with model.ensure_engine().connect() as connection:
            if is_done() or connection.scalar(_WAITING):
                return
        time.sleep(0.02)
    raise AssertionError("they do something else")


def until_waiting(count: int) -> None:
    """Wait until so many wait for a lock."""
    for _ in range(200):
        # Within a transaction the answer would stay the same.
        with model.meta.engine.connect() as connection:
            if connection.scalar(_WAITING) >= count:
                return
        time.sleep(0.02)
    raise AssertionError("they don't wait")
