from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import ckantoolkit as tk

from . import (
    digifarm_ms,
    documents,
    encodings,
    json_files,
    kinds,
    table,
    texts,
    workbooks,
)
from .record import Source, UnreadableFile


def read(path: Path) -> Source:
    """The projects that a file describes.

    Nothing is asked of the portal, and nothing written. All of the file can
    be read: only its projects may be wrong.

    :param path: a file of a known format
    :raises UnreadableFile: where it is none
    """
    reader = READERS.get(path.suffix.lower())
    if kinds.is_workbook(path) and reader is not _json:
        # Excel calls it .xlsm, and people call it anything.
        reader = _xlsx
    if reader is None:
        raise UnreadableFile(
            tk._("Its name must end in one of: {endings}").format(
                endings=", ".join(READERS)
            )
        )
    return reader(path)


def _csv(path: Path) -> Source:
    text = texts.Text(path)
    found = table.source(text.rows)
    return dataclasses.replace(found, notes=[*text.notes, *found.notes])


def _xlsx(path: Path) -> Source:
    book = workbooks.Workbook(path)
    try:
        found = table.source(book.rows)
    except UnreadableFile as e:
        # It may be another sheet that was meant.
        raise UnreadableFile(" ".join([*book.notes, str(e)])) from e
    # Only now it is known what of it is hidden.
    return dataclasses.replace(found, notes=[*book.notes, *found.notes])


def _json(path: Path) -> Source:
    """Our own document, or what DIGIFARM.MS had."""
    encoding = encodings.of_unicode(path)
    if not encoding:
        raise encodings.no_utf8(path)
    found = json_files.read(path, encoding, documents.PROJECTS)
    reader = documents if documents.is_one(found) else digifarm_ms
    return reader.read(found)


#: What reads a format, by the extension of the file.
READERS: dict[str, Callable[[Path], Source]] = {
    ".csv": _csv,
    ".json": _json,
    ".tsv": _csv,
    ".txt": _csv,
    ".xlsm": _xlsx,
    ".xlsx": _xlsx,
}
