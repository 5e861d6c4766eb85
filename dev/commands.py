"""Commands that run as a step, each with a log of its own."""

from __future__ import annotations

import os
import subprocess
from typing import IO, TYPE_CHECKING, Any

from dev import locks, paths
from dev.progress import SetupError, Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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


def run(
    name: str,
    title: str,
    command: Sequence[str | Path],
    problem: str,
    *,
    user: str | None = None,
    stdin: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a command as a step.

    :param name: its log becomes .dev/log/<name>.log
    :param title: what it does, for people
    :param command: program and arguments
    :param problem: if it fails: what is wrong and what to do
    :param user: the system user to run it as; None for the present one
    :param stdin: a file that it reads
    :param env: its environment; None for that of this process
    :raises SetupError: it did not succeed, or there is no such program
    """
    log = log_of(name)
    with Step(title) as step:
        with (stdin or paths.NOTHING).open("rb") as text:
            process = spawn(
                command,
                log.open("wb"),
                user=user,
                stdin=text,
                env=env,
                pass_fds=locks.held,
            )
        try:
            while process.poll() is None:
                step.tick(log)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        if process.returncode:
            raise SetupError(problem, log)


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
