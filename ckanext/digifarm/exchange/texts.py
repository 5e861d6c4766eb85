"""Rows of tables in text files, whatever program has written them."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ckantoolkit as tk

from . import headings
from .record import UnreadableFile
from .table import Row

#: What may stand between the columns.
SEPARATORS = (";", ",", "\t", "|")

#: Excel's own first line, which says what does.
SEPARATOR_LINE = re.compile(r'"?sep=(.|\\t)"?\s*', re.IGNORECASE)

#: Excel on Windows writes this one where nobody asks for UTF-8.
WINDOWS = "cp1252"

_CHUNK = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Text:
    """A table as text: how it is to be read is found out once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoding = encoding(path)
        self._separator, self._skipped = self._look()

    def rows(self) -> Iterator[Row]:
        """Its rows, numbered as Excel does.

        :raises UnreadableFile: where a row is none
        """
        with self._open() as file:
            for _ in range(self._skipped):
                file.readline()
            yield from self._rows(file)

    def _rows(self, file: Any) -> Iterator[Row]:
        reader = csv.reader(file, delimiter=self._separator, strict=True)
        number = 0
        try:
            for number, row in enumerate(reader, start=1):
                yield number, [*row]
        except csv.Error as e:
            raise UnreadableFile(
                tk._("Row {row} can't be read as CSV: {error}").format(
                    row=number + 1, error=e
                )
            ) from e
        except UnicodeDecodeError as e:
            raise UnreadableFile(_no_text(number + 1)) from e

    def _open(self) -> Any:
        return self._path.open(encoding=self._encoding, newline="")

    def _look(self) -> tuple[str, int]:
        """What stands between the columns, and how many lines say so."""
        with self._open() as file:
            try:
                head = file.read(_CHUNK)
            except UnicodeDecodeError as e:
                raise UnreadableFile(_no_text(1)) from e
        first, _, _ = head.partition("\n")
        if said := SEPARATOR_LINE.fullmatch(first.strip("\r")):
            return said[1].replace("\\t", "\t"), 1
        return max(SEPARATORS, key=lambda one: _fits(head, one)), 0


def encoding(path: Path) -> str:
    """How the text of a file is encoded.

    :raises UnreadableFile: where it can't be opened
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            head = file.read(4)
            for mark, name in _MARKS:
                if head.startswith(mark):
                    return name
            if head[1::2] == b"\0\0":
                return "utf-16-le"
            decoder.decode(head)
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except OSError as e:
        raise UnreadableFile(
            tk._("It can't be opened: {error}").format(error=e.strerror)
        ) from e
    except UnicodeDecodeError:
        return WINDOWS
    return "utf-8"


def _fits(head: str, separator: str) -> tuple[int, int]:
    """How well a text is divided so: headings known, and columns."""
    try:
        for row in csv.reader(io.StringIO(head), delimiter=separator):
            if any(row):
                return headings.num_known(row), len(row)
    except csv.Error:
        pass
    return 0, 0


def _no_text(row: int) -> str:
    return tk._(
        "Row {row} is no text in UTF-8 or Windows-1252; please save the file"
        " as “CSV UTF-8”."
    ).format(row=row)
