"""Processes that are killed, and servers that don't answer."""

from __future__ import annotations

import os
import signal
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from redis.connection import AbstractConnection

from ckan import model

COMMIT = "COMMIT"

_SERVED = sa.text(
    "select pid from pg_stat_activity where datname = current_database()"
    " and backend_type = 'client backend' and pid <> pg_backend_pid()"
)

#: What makes no difference if it comes last: nothing is changed by it.
HARMLESS = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT")

#: The same of Redis; the first ones belong to a new connection.
HARMLESS_FOR_REDIS = {"CLIENT", "SELECT", "EXISTS", "LRANGE"}


def steps_of(act: Callable[[], object]) -> list[str]:
    """Do something, and note what a kill may come before.

    It is done in this process. So those that are killed begin with all that
    is compiled and cached at first use.

    :returns: what it changes in the database, and what it changes in Redis,
        in this order
    """
    steps: list[str] = []
    model.Session.remove()
    with _each_step(steps.append):
        act()
    model.Session.remove()
    return steps


def killed_before(step: int, act: Callable[[], object], file: Path) -> None:
    """Do something in a process that is killed before one of its steps.

    :param step: index in what `steps_of` has returned
    :param file: a file for what goes wrong there
    """
    # What waits in this session must not be there twice.
    model.Session.remove()
    before = _connections()
    child = os.fork()
    if not child:
        _act_and_die(act, file, step)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), file.read_text()
    assert os.WTERMSIG(status) == signal.SIGKILL
    _wait_for_the_end_of(lambda: _connections() - before)


def _connections() -> set[int]:
    """Whom else PostgreSQL serves, by the numbers of its processes."""
    with model.meta.engine.connect() as connection:
        return set(connection.scalars(_SERVED))


def _wait_for_the_end_of(left: Callable[[], set[int]]) -> None:
    """PostgreSQL learns of a death a moment later; until then locks hold."""
    for _ in range(500):
        if not left():
            return
        time.sleep(0.01)
    raise AssertionError("the database doesn't learn that it was killed")


def _act_and_die(act: Callable[[], object], file: Path, step: int) -> None:
    steps = 0

    def die(_: str) -> None:
        nonlocal steps
        if steps == step:
            os.kill(os.getpid(), signal.SIGKILL)
        steps += 1

    try:
        # The connections so far are those of the other process, which goes
        # on with them: here they are neither used nor closed.
        model.meta.engine.dispose(close=False)
        with _each_step(die):
            act()
        file.write_text(f"There were only {steps} steps.")
    except BaseException:  # noqa: BLE001 – nothing may get back to pytest
        file.write_text(traceback.format_exc())
    finally:
        os._exit(1)


@contextmanager
def _each_step(take: Callable[[str], object]) -> Iterator[None]:
    """Call a function with each step before it is taken."""

    def execute(conn, cursor, statement, *args):
        if not statement.startswith(HARMLESS):
            take(" ".join(statement.split()))

    def commit(_: sa.Connection) -> None:
        take(COMMIT)

    def send_to_redis(self, command, *args, **kwargs):
        # The protocol's form: *2 $6 EXISTS $3 key …
        _, _, name, *_ = b"".join(command).split(b"\r\n")
        if name.decode().upper() not in HARMLESS_FOR_REDIS:
            take("Redis")
        return send(self, command, *args, **kwargs)

    engine = model.meta.engine
    send = AbstractConnection.send_packed_command
    sa.event.listen(engine, "before_cursor_execute", execute)
    sa.event.listen(engine, "commit", commit)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AbstractConnection, "send_packed_command", send_to_redis)
        try:
            yield
        finally:
            sa.event.remove(engine, "before_cursor_execute", execute)
            sa.event.remove(engine, "commit", commit)


@contextmanager
def no_server(kind: str) -> Iterator[str]:
    """The address and port of a server that is no use.

    :param kind: it `refuses` connections, or `says nothing`
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        if kind == "refuses":
            server.close()
        yield f"127.0.0.1:{port}"
