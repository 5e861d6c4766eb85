"""Commands that run as a step, each with a log of its own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from dev import locks, paths
from dev.progress import SetupError, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


def environment(**more: str) -> dict[str, str]:
    """Give the environment for CKAN's commands and servers.

    The CKAN_ variables of the caller are left out: they would win over the
    configuration of this checkout.

    :param more: variables to add
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CKAN_")
    }
    return kept | more


@dataclass(frozen=True, eq=False)
class Command:
    """A command that a step consists of.

    :param name: its log becomes .dev/log/<name>.log
    :param title: what it does, for people
    :param words: program and arguments
    :param problem: if it fails: what is wrong and what to do
    :param user: the system user to run it as; None for the present one
    :param stdin: a file that it reads
    :param env: its environment; None for that of this process
    :param after: what is done when it has succeeded
    """

    name: str
    title: str
    words: Sequence[str | Path]
    problem: str
    user: str | None = None
    stdin: Path | None = None
    env: Mapping[str, str] | None = None
    after: Callable[[], object] | None = None


def run(
    name: str,
    title: str,
    command: Sequence[str | Path],
    problem: str,
    **options: Any,
) -> None:
    """Run a command as a step.

    :param name: see :class:`Command`, also for the other parameters
    :raises SetupError: it did not succeed, or there is no such program
    """
    run_together(Command(name, title, command, problem, **options))


def run_together(*commands: Command) -> None:
    """Run commands at the same time, as one step.

    :param commands: if one fails, the others are ended
    :raises SetupError: one did not succeed, or there is no such program
    """
    if not commands:
        return
    running: dict[Command, subprocess.Popen] = {}
    with Step(", ".join(command.title for command in commands)) as step:
        try:
            for command in commands:
                running[command] = _start(command)
            while running:
                step.tick(log_of(next(iter(running)).name))
                _finish(running)
        except BaseException:
            for process in running.values():
                process.terminate()
                process.wait()
            raise


def _start(command: Command) -> subprocess.Popen:
    with (command.stdin or paths.NOTHING).open("rb") as text:
        return spawn(
            command.words,
            log_of(command.name).open("wb"),
            user=command.user,
            stdin=text,
            env=command.env,
            pass_fds=locks.held,
        )


def _finish(running: dict[Command, subprocess.Popen]) -> None:
    """Forget the commands that have ended."""
    for command, process in list(running.items()):
        if process.poll() is None:
            continue
        if process.returncode:
            raise SetupError(command.problem, log_of(command.name))
        if command.after:
            command.after()
        del running[command]


def spawn(
    command: Sequence[str | Path],
    output: IO[bytes],
    *,
    user: str | None = None,
    **options: Any,
) -> subprocess.Popen:
    """Start a program whose output and errors go to one file.

    :param command: program and arguments
    :param output: the open file, which is closed here
    :param user: the system user to run it as; None for the present one
    :param options: further ones of subprocess.Popen
    :raises SetupError: there is no such program
    """
    if user:
        options |= {"user": user, "group": user, "extra_groups": []}
    options = {"cwd": paths.ROOT} | options
    with output:
        try:
            return subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, **options
            )
        except FileNotFoundError:
            raise SetupError(
                f"There is no program {command[0]}: install it and run make"
                " again."
            ) from None


def log_of(name: str) -> Path:
    """Give the log of a command or server.

    :param name: its name
    """
    paths.LOG.mkdir(parents=True, exist_ok=True)
    return paths.LOG / f"{name}.log"
