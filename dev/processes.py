"""Servers in the background: started once, found again, stopped for sure."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dev import commands, paths, ports
from dev.progress import SetupError, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# Seconds that a server may take to answer, and to stop.
TIME_TO_START = 90
TIME_TO_STOP = 30

# States of processes that have ended and wait to be forgotten.
ENDED = "ZX"


@dataclass(frozen=True)
class Server:
    """A program that runs in the background.

    :param name: of its files: .dev/run/<name>.pid and .dev/log/<name>.log
    :param title: its name for people
    :param command: program and arguments
    :param directory: where it runs; created if need be
    :param answers: tells whether it is ready
    :param user: the system user to run it as; None for the present one
    :param env: its environment; None for that of this process
    """

    name: str
    title: str
    command: Sequence[str | Path]
    directory: Path
    answers: Callable[[], bool]
    user: str | None = None
    env: Mapping[str, str] | None = None


class _Process(NamedTuple):
    pid: int
    session: int
    # In clock ticks since the machine started.
    started: int


def start(server: Server) -> None:
    """Start a server if it isn't running, and wait until it answers.

    :param server: what to start
    :raises SetupError: it ended, or doesn't answer in time
    """
    log = commands.log_of(server.name)
    with Step(server.title) as step:
        if not is_running(server.name):
            _launch(server, log)
        while not server.answers():
            if not is_running(server.name):
                raise SetupError(f"{server.title} ended when it started.", log)
            if step.elapsed > TIME_TO_START:
                raise SetupError(
                    f"{server.title} doesn't answer after"
                    f" {TIME_TO_START} seconds: try make stop and again.",
                    log,
                )
            step.tick(log)


def is_running(name: str) -> bool:
    """Tell whether a server that was started here still runs.

    :param name: the server
    """
    return _leader(name) is not None


def port_of(name: str) -> int:
    """Give the port of a server: the one that it has, or may start with.

    :param name: the server
    """
    return ports.of(name) if is_running(name) else ports.choose(name)


def stop(name: str, gently: signal.Signals = signal.SIGTERM) -> None:
    """Stop a server and whatever it started.

    Who doesn't follow in time is killed, and so is what a server that ended
    by itself left behind.

    :param name: the server; nothing happens if it isn't running
    :param gently: the signal that asks it to stop
    :raises SetupError: it belongs to another user
    """
    if _family(name):
        with Step(f"Stopping {name}") as step:
            leader = _leader(name)
            if leader:
                _signal(name, leader, gently)
            while family := _family(name):
                if step.elapsed > TIME_TO_STOP or not is_running(name):
                    for pid in family:
                        _signal(name, pid, signal.SIGKILL)
                step.tick()
    _pid_file(name).unlink(missing_ok=True)


def _launch(server: Server, log: Path) -> None:
    server.directory.mkdir(parents=True, exist_ok=True)
    paths.RUN.mkdir(parents=True, exist_ok=True)
    with _pid_file(server.name).open("w") as pid_file:
        commands.spawn(
            server.command,
            log.open("ab"),
            user=server.user,
            cwd=server.directory,
            env=server.env,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            # The server notes its own pid before it becomes the server, so
            # that none ever runs unnoticed, whenever this process is killed.
            preexec_fn=functools.partial(_note_self, pid_file.fileno()),
        )


def _note_self(file: int) -> None:
    own = _look(os.getpid())
    if own:
        os.write(file, f"{own.pid} {own.started}\n".encode())


def _noted(name: str) -> tuple[int, int] | None:
    """Give pid and start time that a server noted.

    A pid alone may meanwhile be that of another process; together with the
    time when the process started it is unique.
    """
    try:
        pid, started = _pid_file(name).read_text(encoding="ascii").split()
    except (FileNotFoundError, ValueError):
        return None
    return int(pid), int(started)


def _leader(name: str) -> int | None:
    """Give the pid of a server that runs."""
    noted = _noted(name)
    found = _look(noted[0]) if noted else None
    if found and (found.pid, found.started) == noted:
        return found.pid
    return None


def _family(name: str) -> list[int]:
    """Give the pids of a server's session: itself and what it started."""
    noted = _noted(name)
    if noted is None:
        return []
    leader, started = noted
    found = _look(leader)
    if found and found.started != started:
        return []
    pids = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    living = filter(None, map(_look, pids))
    return [process.pid for process in living if process.session == leader]


def _look(pid: int) -> _Process | None:
    """Look at a process; None if it doesn't exist or has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # See proc(5). The second field is the program's name in parentheses, and
    # anything may be in it. What follows begins with the third field.
    fields = stat.rpartition(")")[2].split()
    if fields[0] in ENDED:
        return None
    return _Process(pid, session=int(fields[3]), started=int(fields[19]))


def _signal(name: str, pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
    except PermissionError:
        raise SetupError(
            f"The server {name} (process {pid}) was started by another user:"
            " run make stop as that user."
        ) from None


def _pid_file(name: str) -> Path:
    return paths.RUN / f"{name}.pid"
