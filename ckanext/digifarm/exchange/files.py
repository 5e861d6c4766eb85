from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ckantoolkit as tk

from . import digifarm_ms, documents, table, texts, workbooks
from .record import Source, UnreadableFile, quoted


def read(path: Path) -> Source:
    """The projects that a file describes.

    Nothing is asked of the portal, and nothing written. All of the file can
    be read: only its projects may be wrong.

    :param path: a file of a known format
    :raises UnreadableFile: where it is none
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFile(
            tk._("Its name must end in one of: {endings}").format(
                endings=", ".join(READERS)
            )
        )
    return reader(path)


def _csv(path: Path) -> Source:
    return table.source(texts.Text(path).rows)


def _xlsx(path: Path) -> Source:
    book = workbooks.Workbook(path)
    found = table.source(book.rows)
    return dataclasses.replace(found, notes=[*book.notes, *found.notes])


def _json(path: Path) -> Source:
    """Our own document, or what DIGIFARM.MS had."""
    encoding = texts.encoding(path)
    if encoding == texts.WINDOWS:
        raise UnreadableFile(_no_utf8(path))
    try:
        text = path.read_text(encoding)
        found = json.loads(text, object_pairs_hook=_unique_keys)
    except RecursionError as e:
        raise UnreadableFile(tk._("The JSON is nested too deeply.")) from e
    except ValueError as e:
        raise UnreadableFile(
            tk._("This can't be read as JSON: {error}").format(error=e)
        ) from e
    if documents.is_one(found):
        return documents.read(found)
    return digifarm_ms.read(found)


def _no_utf8(path: Path) -> str:
    try:
        path.read_bytes().decode()
    except UnicodeDecodeError as e:
        line = e.object.count(b"\n", 0, e.start) + 1
    else:
        line = 1
    return tk._(
        "Line {line} is no UTF-8; please save the file in that encoding."
    ).format(line=line)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, unless a value would vanish behind another one."""
    row = dict(pairs)
    if len(row) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(
            tk._("an object has the key {key} twice").format(key=quoted(twice))
        )
    return row


#: What reads a format, by the extension of the file.
READERS: dict[str, Callable[[Path], Source]] = {
    ".csv": _csv,
    ".json": _json,
    ".xlsx": _xlsx,
}
