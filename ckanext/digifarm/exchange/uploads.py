"""Files as they come by the web: looked at before anything is stored."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import ckantoolkit as tk

from ..lib.errors import refuse
from ..lib.text import printable
from . import files
from .record import Source, UnreadableFile

#: A larger file is for the command, in bytes; so is one that unpacks to more.
MOST_BYTES = 2_000_000
MOST_UNPACKED = 40_000_000

#: So many rows are imported by the web.
MOST_ROWS = 2000

#: So much of its name is kept.
NAME_LENGTH = 200


class Upload(NamedTuple):
    """A file that somebody has chosen.

    :param name: as their computer calls it
    """

    name: str
    content: bytes


def taken(upload: Any) -> Upload:
    """A file as a form or the API sends it.

    :param upload: with `filename` and `stream`
    :raises ValidationError: where there is none, or it is too large
    """
    name, stream = (getattr(upload, n, None) for n in ("filename", "stream"))
    if not name or stream is None:
        refuse("upload", tk._("Please choose a file"))
    stream.seek(0)
    # No more is read than has to be.
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        refuse("upload", _too_large())
    if not content:
        refuse("upload", tk._("This file is empty"))
    return Upload(_name(name), content)


def _name(name: str) -> str:
    """Its name without folders; the end, which says what it is, stays."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return printable(last)[-NAME_LENGTH:]


def check(upload: Upload) -> Source:
    """Look whether a file can be read, and is not too long.

    :raises ValidationError: with what is wrong with the file as a whole
    """
    try:
        _check_unpacked(upload)
        with opened(upload.name, upload.content) as source:
            if source.count > MOST_ROWS:
                refuse(
                    "upload",
                    tk._(
                        "There are {count} rows. Please divide the table into"
                        " parts of at most {most} rows."
                    ).format(count=source.count, most=MOST_ROWS),
                )
            if not source.count:
                refuse("upload", tk._("There are no projects in this file"))
            return source
    except UnreadableFile as e:
        refuse("upload", printable(str(e)), e)


@contextmanager
def opened(name: str, content: bytes) -> Iterator[Source]:
    """What a file describes, to be read while the block runs.

    :raises UnreadableFile: where it describes nothing
    """
    with tempfile.TemporaryDirectory(prefix="digifarm-import-") as folder:
        path = Path(folder) / f"table{Path(name).suffix.lower()}"
        path.write_bytes(content)
        yield files.read(path)


def _check_unpacked(upload: Upload) -> None:
    """Refuse what would fill the memory once it is unpacked."""
    if not zipfile.is_zipfile(io.BytesIO(upload.content)):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(upload.content)) as file:
            size = sum(part.file_size for part in file.infolist())
    except zipfile.BadZipFile:
        # Whoever reads it says so.
        return
    if size > MOST_UNPACKED:
        raise UnreadableFile(_too_large())


def _too_large() -> str:
    return tk._("It is too large. Please divide the table into several files.")
