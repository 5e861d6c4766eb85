"""Whose turn it is with a server: nobody asks it while another one does."""

from __future__ import annotations

import threading
from types import TracebackType

import sqlalchemy as sa
from typing_extensions import Self

from ..lib.ckan import model


class Turns:
    """The servers that this process asks; others leave them alone.

    All locks are of one connection, which threads share, and end with it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ours = set[str]()

    def __enter__(self) -> Self:
        engine = model.ensure_engine().execution_options(
            isolation_level="AUTOCOMMIT"
        )
        self._connection = engine.connect()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._connection.execute(
                sa.select(sa.func.pg_advisory_unlock_all())
            )
            self._ours.clear()
            self._connection.close()

    def take(self, host: str) -> bool:
        """Take the turn with a server, unless somebody has it."""
        with self._lock:
            if host in self._ours:
                return False
            taken = self._connection.scalar(
                sa.select(sa.func.pg_try_advisory_lock(_key(host)))
            )
            if taken:
                self._ours.add(host)
            return bool(taken)

    def give(self, host: str) -> None:
        """Let others take it."""
        with self._lock:
            if host in self._ours:
                self._ours.remove(host)
                self._connection.execute(
                    sa.select(sa.func.pg_advisory_unlock(_key(host)))
                )


def _key(host: str) -> sa.Function[int]:
    return sa.func.hashtext(f"digifarm host {host}")
