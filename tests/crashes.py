"""Processes that are killed, and servers that don't answer."""

from __future__ import annotations

import os
import signal
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from redis.connection import AbstractConnection

from ckan import model

COMMIT = "COMMIT"


def steps_of(act: Callable[[], object], file: Path) -> list[str]:
    """Do something in a process of its own.

    :param file: a file for notes
    :returns: what it changes in the database, and what it sends to Redis, in
        this order
    """
    assert not _dies(act, file, None)
    return file.read_text().splitlines()


def killed_before(step: int, act: Callable[[], object], file: Path) -> None:
    """Do something in a process that is killed before one of its steps.

    :param step: index in what `steps_of` has returned
    """
    assert _dies(act, file, step)


def _dies(act: Callable[[], object], file: Path, step: int | None) -> bool:
    # Connections must not be shared with another process.
    model.Session.remove()
    model.meta.engine.dispose()
    child = os.fork()
    if not child:
        _act_and_exit(act, file, step)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, file.read_text()
    return False


def _act_and_exit(
    act: Callable[[], object], file: Path, step: int | None
) -> None:
    status = 1
    try:
        with file.open("w") as notes:
            _die_before(step, notes.write)
            act()
        status = 0
    except BaseException:  # noqa: BLE001 – nothing may get back to pytest
        file.write_text(traceback.format_exc())
    finally:
        os._exit(status)


def _die_before(step: int | None, note: Callable[[str], object]) -> None:
    """Let this process kill itself when it takes a step."""
    count = 0

    def take(what: str) -> None:
        nonlocal count
        if count == step:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1
        note(f"{' '.join(what.split())}\n")

    def execute(conn, cursor, statement, *args):
        # What is only read makes no difference.
        if not statement.startswith("SELECT"):
            take(statement)

    engine = model.meta.engine
    sa.event.listen(engine, "before_cursor_execute", execute)
    sa.event.listen(engine, "commit", lambda _: take(COMMIT))
    send = AbstractConnection.send_packed_command

    def send_to_redis(self, *args, **kwargs):
        take("Redis")
        return send(self, *args, **kwargs)

    AbstractConnection.send_packed_command = send_to_redis


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
