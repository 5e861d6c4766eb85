"""Whether two who do something at the same moment can wait for each other."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from psycopg2.errors import DeadlockDetected

from ckan import model

from .acting import in_two_threads
from .locks import meanwhile

Act = Callable[[], Any]

#: Statements that lock something.
LOCKING = re.compile(
    r"^\s*(INSERT|UPDATE|DELETE)\b"
    r"|\bFOR (UPDATE|NO KEY UPDATE|SHARE|KEY SHARE)\b"
    r"|\bpg_advisory"
)

_here = threading.local()


class NotKept(Exception):  # noqa: N818 – it is what was wanted
    """Nothing of an attempt stays, so that it can be made again."""


def attempt(act: Act, kept: int = 0) -> Act:
    """Do something up to its commit, and take it back.

    It gives all that it has locked until then; a refusal is an error.

    :param kept: so many commits before that one change nothing
    """

    def run() -> list[str]:
        _here.locked = locked = []
        _here.left = kept
        try:
            act()
        except Exception as e:  # another one may say so of it
            if not (
                isinstance(e, NotKept) or isinstance(e.__cause__, NotKept)
            ):
                raise
        finally:
            _here.left = None
            model.Session.rollback()
        return locked

    return run


def deadlock(app: Any, one: Act, other: Act) -> str:
    """Before which statement two attempts come to wait for each other.

    The one is interrupted before a statement that locks something: there the
    other is made, until it is done or waits. The first statement where it
    waits is all that has to be tried: with what the one locks later, the
    other has got less far, and the one has less before it.

    :returns: the statement, or "" where they never do
    """
    with _nothing_kept():
        [statements] = in_two_threads(app, one)
        assert statements
        # Mostly, the first lock is what the other waits for.
        first, last = 1, len(statements) - 1
        number = first
        while first <= last:
            waits, is_deadlock = _interrupted(app, number, one, other)
            if is_deadlock:
                return statements[number]
            if waits:
                last = number - 1
            else:
                first = number + 1
            number = (first + last) // 2
    return ""


def _interrupted(
    app: Any, number: int, one: Act, other: Act
) -> tuple[bool, bool]:
    """Make one attempt before a statement of the other.

    :param number: which of those that lock something
    :returns: whether the other has to wait; whether they do for ever
    """
    before = iter(range(number))
    ended: list[bool] = []

    def is_then(sql: str, _: Any) -> bool:
        return bool(LOCKING.search(sql)) and next(before, None) is None

    def note(context: sa.engine.ExceptionContext) -> None:
        if isinstance(context.original_exception, DeadlockDetected):
            ended.append(True)

    def both() -> bool:
        with meanwhile(app, is_then, lambda: _or_deadlock(other)) as waited:
            _or_deadlock(one)
        return waited == [True]

    engine = model.ensure_engine()
    sa.event.listen(engine, "handle_error", note)
    try:
        [waits] = in_two_threads(app, both)
    finally:
        sa.event.remove(engine, "handle_error", note)
    return waits, bool(ended)


def _or_deadlock(act: Act) -> None:
    """Do something that may end in a deadlock, which is noted already."""
    try:
        act()
    except Exception as e:
        causes = [e, e.__cause__, getattr(e.__cause__, "__cause__", None)]
        if not any("DeadlockDetected" in str(cause) for cause in causes):
            raise


@contextmanager
def _nothing_kept() -> Iterator[None]:
    """Let no attempt commit what it has come to, and note what it locks."""

    def execute(_: Any, __: Any, sql: str, *___: Any) -> None:
        if getattr(_here, "left", None) is not None and LOCKING.search(sql):
            _here.locked.append(" ".join(sql.split())[:80])

    def commit(_: sa.Connection) -> None:
        left = getattr(_here, "left", None)
        if left == 0:
            raise NotKept
        if left:
            _here.left = left - 1

    engine = model.ensure_engine()
    listeners = {"before_cursor_execute": execute, "commit": commit}
    for name, listener in listeners.items():
        sa.event.listen(engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            sa.event.remove(engine, name, listener)
