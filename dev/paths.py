"""Where things are in this checkout."""

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "dev"
# Tells this checkout from others on the machine.
CHECKOUT = hashlib.sha256(bytes(ROOT)).hexdigest()[:12]

VENV = ROOT / ".venv"
BIN = VENV / "bin"

STATE = ROOT / ".dev"
LOG = STATE / "log"
RUN = STATE / "run"
CKAN_INI = STATE / "ckan.ini"

NOTHING = Path("/dev/null")


def replace(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file so that an interruption leaves the old one or the new.

    :param path: the file; its directory is created if need be
    :param text: its new content
    :param mode: its permissions
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    new.touch(mode)
    new.write_text(text, encoding="utf-8")
    new.replace(path)
