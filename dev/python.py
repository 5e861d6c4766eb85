"""The virtual environment .venv with everything in dev-requirements.txt."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import sysconfig

from dev import commands, paths
from dev.progress import SetupError

# CKAN 2.12's.
OLDEST = (3, 10)

REQUIREMENTS = [
    paths.ROOT / name
    for name in ("dev-requirements.txt", "pyproject.toml", "setup.py")
]
# Written when all is installed. Without it .venv is half-made.
STAMP = paths.VENV / "digifarm.json"


def install() -> None:
    """Bring .venv up to date; made anew if it is half-made or was moved.

    :raises SetupError: this Python is too old, or the packages don't come
    """
    if sys.version_info < OLDEST:
        raise SetupError(
            "CKAN 2.12 needs Python 3.10 or newer, and this one is"
            f" {sysconfig.get_python_version()}: name another one, such as"
            " make demo PYTHON=python3.12."
        )
    wanted = {"home": _home(), "requirements": _requirements()}
    found = json.loads(STAMP.read_text()) if STAMP.exists() else {}
    if found == wanted:
        return
    if found.get("home") != wanted["home"]:
        _create()
    STAMP.unlink(missing_ok=True)
    _install_packages()
    paths.replace(STAMP, json.dumps(wanted, indent=2) + "\n")


def _home() -> str:
    """Tell what a virtual environment can't change: its Python and place."""
    return f"Python {sysconfig.get_python_version()} in {paths.ROOT}"


def _requirements() -> str:
    digest = hashlib.sha256()
    for file in REQUIREMENTS:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _create() -> None:
    commands.run(
        "venv",
        "Python environment",
        [sys.executable, "-m", "venv", "--clear", paths.VENV],
        "The virtual environment .venv could not be created.",
    )


def _install_packages() -> None:
    temporary = paths.STATE / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    pip = [paths.BIN / "python", "-m", "pip", "install", "--no-input"]
    commands.run(
        "pip",
        "Python packages",
        [*pip, "--retries", "2", "--requirement", REQUIREMENTS[0]],
        "The Python packages could not be installed: is the package index"
        " within reach?",
        # What a killed pip leaves goes with .dev.
        env={**os.environ, "TMPDIR": str(temporary)},
    )
