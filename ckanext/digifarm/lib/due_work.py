"""What time brings: reminders, digests, what is to be forgotten, repairs.

A subject says in its module `due` what kinds there are; `ckan digifarm
run-due` does what is due of all of them. A row says when each was last done
for what. Each is done in a transaction of its own, so that one that fails
stops nothing else, and a crash repeats no more than one. No two processes do
the same at a time.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from . import clock, jobs
from .ckan import model

#: The key where there is one thing of a kind.
ALL = "all"

DONE, FAILED = "done", "failed"


class Due(tk.BaseModel):
    """When due work was done for something, and when it is due again."""

    __tablename__ = "digifarm_due"

    kind: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    #: Id of what it is done for, or `ALL`.
    key: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    done: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    #: None where it was done for good.
    due: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    #: What the last attempt failed with, without its words.
    error: Mapped[str] = mapped_column(
        sa.UnicodeText, default="", server_default=""
    )


@dataclass(frozen=True)
class Kind:
    """A kind of due work.

    :param name: stands in the database, so it stays what it is
    :param keys: tells for what it is due, by their ids; what was done is left
        out
    :param do: does it for one of them. What it leaves to commit is committed
        together with the note that it is done. What commits itself may be
        begun once more after a crash, so it must look at what is left.
    :param pause: after how long it is due again, with 0 whenever `keys` tells
        so; None: never
    """

    name: str
    keys: Callable[[], Iterable[str]]
    do: Callable[[str], object]
    pause: datetime.timedelta | None = None

    def count(self) -> int:
        """How much is due now."""
        return len(_open(self))

    def run(self) -> Counter[str]:
        """Do what is due.

        :returns: how many were `done`, and how many `failed`
        """
        counts: Counter[str] = Counter()
        for key in _open(self):
            if outcome := _try(self, key):
                counts[outcome] += 1
        return counts


@dataclass(frozen=True)
class Queue:
    """What has rows of its own that wait, such as mails.

    :param name: what it is called
    :param count: tells how much waits
    :param run: does it, and tells how many were `done` and `failed`
    :param is_slow: whether nothing else should wait for it
    """

    name: str
    count: Callable[[], int]
    run: Callable[[], Counter[str]]
    is_slow: bool = False


def run(kind: Kind | Queue) -> Counter[str]:
    """Do what is due of a kind; what is wrong with it stops no other.

    :returns: how many were `done`, and how many `failed`
    """
    try:
        return kind.run()
    except Exception as e:  # noqa: BLE001
        model.Session.rollback()
        jobs.log_failure(kind.name, e)
        return Counter({FAILED: 1})


def done_before(kind: str, moment: datetime.datetime) -> sa.Select[tuple[str]]:
    """A query for the keys for which something was done before a moment.

    :param kind: its name
    """
    return sa.select(Due.key).where(Due.kind == kind, Due.done < moment)


def undo(kind: str, key: str) -> None:
    """Let something be due once more; commits nothing.

    :param kind: its name
    :param key: for what
    """
    model.Session.execute(
        sa.delete(Due).where(Due.kind == kind, Due.key == key)
    )


def _open(kind: Kind) -> list[str]:
    """For what a kind is due, and wasn't done already."""
    keys = list(dict.fromkeys(kind.keys()))
    model.Session.rollback()
    return _open_of(kind, keys)


def _open_of(kind: Kind, keys: list[str]) -> list[str]:
    """The keys for which it wasn't done already."""
    settled = sa.select(Due.key).where(
        Due.kind == kind.name,
        Due.key.in_(keys),
        Due.due.is_(None) | (Due.due > clock.now()),
    )
    rest = {*model.Session.scalars(settled)}
    return [key for key in keys if key not in rest]


def _try(kind: Kind, key: str) -> str:
    """Do one thing, unless another process does.

    :returns: `DONE`, `FAILED`, or "" where another one has it
    """
    with _reserved(kind.name, key) as is_ours:
        if not (is_ours and key in _open_of(kind, [key])):
            model.Session.rollback()
            return ""
        try:
            kind.do(key)
            done, pause = clock.now(), kind.pause
            due = None if pause is None else done + pause
            _note(kind.name, key, done=done, due=due, attempts=0, error="")
            model.Session.commit()
        # Whatever is wrong with one must not hold up the others.
        except Exception as e:  # noqa: BLE001
            model.Session.rollback()
            jobs.log_failure(f"{kind.name} of {key}", e)
            _postpone(kind.name, key, e)
            return FAILED
        return DONE


@contextmanager
def _reserved(kind: str, key: str) -> Iterator[bool]:
    """Keep others from doing the same; tells whether nobody does so already.

    The lock has a connection of its own: it must outlast what the work
    commits, such as core's actions.
    """
    name = f"digifarm due {kind} {key}"
    lock = sa.func.pg_try_advisory_xact_lock(sa.func.hashtext(name))
    with model.ensure_engine().connect() as connection:
        yield bool(connection.scalar(sa.select(lock)))


def _note(kind: str, key: str, **values: Any) -> None:
    """Write down how it went, whatever the session knows of the row."""
    model.Session.execute(
        insert(Due)
        .values(kind=kind, key=key, **values)
        .on_conflict_do_update(index_elements=[Due.kind, Due.key], set_=values)
    )


def _postpone(kind: str, key: str, error: Exception) -> None:
    query = sa.select(Due.attempts).where(Due.kind == kind, Due.key == key)
    attempts = (model.Session.scalar(query) or 0) + 1
    due = clock.now() + jobs.pause(attempts)
    name = type(error).__name__
    _note(kind, key, due=due, attempts=attempts, error=name)
    model.Session.commit()
