"""What the Makefile calls: python3 -m dev COMMAND."""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from dev import (
    commands,
    locks,
    mail,
    paths,
    portal,
    postgres,
    python,
    redis,
    servers,
    solr,
    system,
)
from dev.progress import SetupError, Step, tail

# What comes into being in a checkout; "**" is any directory.
GENERATED = (
    ".dev",
    ".venv",
    "*.egg-info",
    ".hypothesis",
    ".pytest_cache",
    ".ruff_cache",
    "build",
    "dist",
    "**/__pycache__",
)


def demo(asked: str) -> int:
    """Bring up the demo portal, or start it again.

    :param asked: the port where it is served
    :returns: the exit status
    """
    port = portal.check_port(asked)
    with locks.alone(paths.ROOT):
        given = _prepare()
        portal.start(
            given or servers.start_private("ckan_default", solr.DEMO_CORE, 0),
            port,
        )
    print(f"\nThe portal is at http://127.0.0.1:{port}\n")
    print(portal.accounts())
    print("Mails: .dev/mail/new    Logs: .dev/log")
    print("Ends with make stop, starts again with make demo.")
    return 0


def test(*arguments: str) -> NoReturn:
    """Run the tests.

    :param arguments: further ones for pytest
    """
    _become(paths.BIN / "pytest", "--ckan-ini=test.ini", *arguments)


def script(name: str, *arguments: str) -> NoReturn:
    """Run a script of dev/ with the servers that the tests use.

    :param name: of its module
    :param arguments: its arguments
    """
    _become(paths.BIN / "python", "-m", f"dev.{name}", *arguments)


def lint() -> int:
    """Check style and types.

    :returns: the exit status
    """
    _install()
    checks = (["ruff", "check"], ["ruff", "format", "--check"], ["pyright"])
    return max(
        subprocess.run(
            [paths.BIN / program, *arguments], cwd=paths.ROOT, check=False
        ).returncode
        for program, *arguments in checks
    )


def docs() -> int:
    """Make docs/api.md.

    :returns: the exit status
    """
    _install()
    command = [paths.BIN / "python", "-B", "-m", "dev.api_docs"]
    return subprocess.run(command, cwd=paths.ROOT, check=False).returncode


def stop() -> int:
    """Stop everything that was started for this checkout.

    :returns: the exit status
    """
    with locks.alone(paths.ROOT):
        _stop()
    return 0


def clean() -> int:
    """Stop everything and remove all that was made here.

    :returns: the exit status
    """
    with locks.alone(paths.ROOT):
        _stop()
        with Step("Removing what was made here"):
            postgres.remove()
            for pattern in GENERATED:
                for path in list(paths.ROOT.glob(pattern)):
                    shutil.rmtree(path)
    return 0


def _install() -> None:
    """Install what is missing for commands without servers."""
    with locks.alone(paths.ROOT):
        system.install(system.FOR_PYTHON)
        python.install()


def _prepare(*packages: system.Packages) -> servers.Servers | None:
    """Install what is missing, and give the servers of the environment."""
    given = servers.given()
    if given is None:
        packages += (system.FOR_SERVERS,)
    system.install(system.FOR_PYTHON, *packages)
    python.install()
    return given


def _become(*command: str | Path) -> NoReturn:
    """Replace this process by a command that has the tests' servers."""
    with locks.alone(paths.ROOT):
        given = _prepare(system.FOR_BROWSER)
        if given is None:
            used = servers.start_private("ckan_test", solr.TEST_CORE, 1)
        else:
            used = portal.apart_from_demo(given)
    # Held until the command ends, which inherits it.
    with locks.alone(paths.ROOT / "tests"):
        os.chdir(paths.ROOT)
        sys.stdout.flush()
        environment = commands.environment(**used.environment())
        os.execve(command[0], [str(word) for word in command], environment)


def _stop() -> None:
    portal.stop()
    for server in (mail, solr, redis, postgres):
        server.stop()


COMMANDS = {
    "bench": functools.partial(script, "bench"),
    "clean": clean,
    "core-tests": functools.partial(script, "core_tests"),
    "demo": demo,
    "docs": docs,
    "lint": lint,
    "stop": stop,
    "test": test,
}


def main() -> int:
    """Run the command that the arguments name.

    :returns: the exit status
    """
    name, *arguments = sys.argv[1:]
    # Asked to end, end what is running as well, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return COMMANDS[name](*arguments)
    except KeyboardInterrupt:
        problem = "interrupted; run it again to go on."
    except SetupError as error:
        problem = str(error)
        if error.log:
            print(*tail(error.log), sep="\n", file=sys.stderr)
            problem += f" All of the log: {error.log}"
    except OSError as error:
        problem = str(error)
    print(f"\nmake {name}: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
