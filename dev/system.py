"""Debian packages: what of them this machine lacks, and how to install it."""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

from dev import commands, paths, postgres
from dev.progress import SetupError

# dpkg leaves its journal here when it is interrupted.
DPKG_JOURNAL = Path("/var/lib/dpkg/updates")
# Names the packages that are being installed. Interrupted, they may look as
# if they were there.
UNFINISHED = paths.STATE / "packages"

# A Chromium without windows, both the package and the program. The whole
# Chromium draws its own tabs and menus too, which takes most of its time.
BROWSER = "chromium-headless-shell"


def _program(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


def _c_headers() -> bool:
    return Path(sysconfig.get_path("include"), "Python.h").exists()


# By package: whether what is wanted of it is there, wherever it comes from.
Packages = dict[str, Callable[[], bool]]

FOR_PYTHON: Packages = {
    "gcc": _program("gcc"),
    "libmagic1": lambda: ctypes.util.find_library("magic") is not None,
    "libpq-dev": Path("/usr/include/postgresql/libpq-fe.h").exists,
    "python3-dev": _c_headers,
    "python3-venv": lambda: importlib.util.find_spec("ensurepip") is not None,
}
FOR_SERVERS: Packages = {
    "default-jdk-headless": _program("javac"),
    "maven": _program("mvn"),
    "postgresql": lambda: bool(postgres.installations()),
    "redis-server": _program("redis-server"),
}
FOR_BROWSER: Packages = {BROWSER: _program(BROWSER)}


def install(*wanted: Packages) -> None:
    """Install the Debian packages that this machine lacks.

    :param wanted: groups of packages, such as :data:`FOR_SERVERS`
    :raises SetupError: they can't be installed
    """
    unfinished = UNFINISHED.read_text() if UNFINISHED.exists() else ""
    missing = [
        package
        for group in wanted
        for package, is_there in group.items()
        if package in unfinished.split() or not is_there()
    ]
    if not missing:
        return
    names = " ".join(missing)
    apt = [*_as_root(names), "env", "DEBIAN_FRONTEND=noninteractive"]
    paths.replace(UNFINISHED, names)
    problem = (
        f"The Debian packages {names} could not be installed: is the package"
        " archive within reach?"
    )
    if any(DPKG_JOURNAL.iterdir()):
        resume = [*apt, "dpkg", "--configure", "-a"]
        commands.run("dpkg", "Interrupted packages", resume, problem)
    apt += ["apt-get", "--yes", "--option", "DPkg::Lock::Timeout=600"]
    commands.run("apt-update", "List of packages", [*apt, "update"], problem)
    commands.run(
        "apt",
        f"Packages {names}",
        [*apt, "install", "--no-install-recommends", *missing],
        problem,
    )
    UNFINISHED.unlink()


def _as_root(names: str) -> list[str]:
    """Give the words that make a command run as root, for which packages."""
    by_hand = f"install {names} (Debian's names) and run make again."
    if not shutil.which("apt-get"):
        raise SetupError(f"This machine has no apt-get: {by_hand}")
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        raise SetupError(f"You are not root and there is no sudo: {by_hand}")
    # Ask for the password now: later a live line would hide the question.
    ask = ["sudo"] if sys.stdin.isatty() else ["sudo", "--non-interactive"]
    if subprocess.run([*ask, "true"], check=False).returncode:
        raise SetupError(f"sudo refuses: as root, {by_hand}")
    return ["sudo", "--non-interactive"]
