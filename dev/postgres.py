"""A private PostgreSQL, with one database for the demo and one for tests."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

from dev import commands, paths, processes
from dev.progress import SetupError

NAME = "postgres"
DATA = paths.STATE / "postgres"
# Where the data is if the user postgres can't enter the checkout.
OUTSIDE = Path("/var/lib/postgresql", f"digifarm-{paths.CHECKOUT}")


def installations() -> list[Path]:
    """Give the program directories of all PostgreSQLs, the newest last."""
    programs = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return sorted(
        (program.parent for program in programs),
        key=lambda directory: int(directory.parent.name),
    )


def start() -> None:
    """Start PostgreSQL; the first time its databases are created.

    :raises SetupError: it doesn't come up
    """
    if not DATA.exists():
        _create()
    programs = _programs()
    port = processes.port_of(NAME)
    processes.start(
        processes.Server(
            name=NAME,
            title="PostgreSQL",
            command=[
                programs / "postgres",
                *("-D", DATA.resolve()),
                *("-c", f"port={port}"),
                *("-c", "listen_addresses=127.0.0.1"),
                # A socket's path must be short, a checkout's may be long.
                *("-c", "unix_socket_directories="),
            ],
            directory=paths.STATE,
            answers=lambda: _answers(programs, port),
            user=_user(),
        )
    )


def url(database: str) -> str:
    """Give the address of a database.

    :param database: its name, one of those in databases.sql
    """
    port = processes.port_of(NAME)
    return f"postgresql://ckan_default:pass@127.0.0.1:{port}/{database}"


def stop() -> None:
    """Stop PostgreSQL; who is still connected is sent away."""
    processes.stop(NAME, signal.SIGINT)


def remove() -> None:
    """Remove the data that lies outside the checkout."""
    for directory in (OUTSIDE, _unfinished(OUTSIDE)):
        if directory.exists():
            shutil.rmtree(directory)


def _create() -> None:
    """Create the databases, elsewhere at first: DATA is never half-made."""
    home = DATA if _may_enter(paths.STATE) else OUTSIDE
    new = _unfinished(home)
    for leftover in (home, new):
        shutil.rmtree(leftover, ignore_errors=True)
    new.mkdir(parents=True, mode=0o700)
    user = _user()
    if user:
        shutil.chown(new, user, user)
    programs = installations()[-1]
    problem = "The databases could not be created."
    commands.run(
        "initdb",
        "Database cluster",
        [
            programs / "initdb",
            *("-D", new),
            *("--username", "postgres"),
            *("--auth-local", "reject"),
            *("--auth-host", "scram-sha-256"),
            *("--encoding", "UTF8"),
            *("--locale", "C.UTF-8"),
        ],
        problem,
        user=user,
    )
    commands.run(
        "databases",
        "Databases",
        [
            *(programs / "postgres", "--single"),
            *("-D", new),
            *("-c", "exit_on_error=true"),
            "postgres",
        ],
        problem,
        user=user,
        stdin=paths.SOURCES / "databases.sql",
    )
    new.rename(home)
    if home != DATA:
        DATA.unlink(missing_ok=True)
        DATA.symlink_to(home)


def _unfinished(home: Path) -> Path:
    return home.with_name(f"{home.name}.new")


def _programs() -> Path:
    """Give the programs of the version that the data was created with."""
    version = (DATA / "PG_VERSION").read_text(encoding="ascii").strip()
    for programs in installations():
        if programs.parent.name == version:
            return programs
    raise SetupError(
        f"The databases in .dev are of PostgreSQL {version}, which is gone:"
        f" install postgresql-{version}, or start anew with make clean."
    )


def _user() -> str | None:
    """Give who runs PostgreSQL: it refuses root."""
    return "postgres" if os.geteuid() == 0 else None


def _may_enter(directory: Path) -> bool:
    user = _user()
    if user is None:
        return True
    test = subprocess.run(
        ["test", "-x", directory],
        user=user,
        group=user,
        extra_groups=[],
        check=False,
    )
    return test.returncode == 0


def _answers(programs: Path, port: int) -> bool:
    ready = subprocess.run(
        [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)],
        check=False,
    )
    return ready.returncode == 0
