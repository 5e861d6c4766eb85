"""Rows of tables in text files, whatever program has written them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import ckantoolkit as tk

from . import encodings, headings
from .record import UnreadableFile
from .rows import SEARCHED, Row
from .table import MOST_COLUMNS, too_wide

#: What may stand between the columns.
SEPARATORS = (";", ",", "\t", "|")

#: Excel's own first line, which says what does; a program that took it for a
#: row has put more behind it.
SEPARATOR_LINE = re.compile(r'"?sep=([^\w"]|\\t)"?[;,\t|]*\s*', re.IGNORECASE)

_LINE_END = re.compile(r"\r\n|\r|\n")
_CHUNK = 1 << 16

#: What those encodings are called that people may have to check.
_NAMES = {"mac_roman": "Mac Roman", "cp850": "MS-DOS 850"}


class Text:
    """A table as text: how it is to be read is found out once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoding = encodings.encoding(path)
        self._skipped, self._style = self._look()

    @property
    def notes(self) -> list[str]:
        """What is to be said of how it is read."""
        if self._encoding not in _NAMES:
            return []
        return [
            tk._(
                "The file is read in the encoding {name}. Please see whether"
                " its letters are right, or save it as “CSV UTF-8”."
            ).format(name=_NAMES[self._encoding])
        ]

    def rows(self) -> Iterator[Row]:
        """Its rows, numbered as Excel does.

        :raises UnreadableFile: where a row is none
        """
        with self._open() as file:
            for _ in range(self._skipped):
                file.readline()
            yield from self._rows(file)

    def _rows(self, file: Any) -> Iterator[Row]:
        reader = csv.reader(
            file,
            delimiter=self._style.separator,
            skipinitialspace=self._style.has_blanks,
            strict=True,
        )
        number = 0
        try:
            for number, row in enumerate(reader, start=1):
                if any(row[MOST_COLUMNS:]):
                    place = tk._("row {number}").format(number=number)
                    raise UnreadableFile(f"{place}: {too_wide()}")
                yield number, [*row[:MOST_COLUMNS]]
        except csv.Error as e:
            raise UnreadableFile(_why(str(e), number + 1)) from e
        except UnicodeDecodeError as e:
            raise self._no_text() from e

    def _no_text(self) -> UnreadableFile:
        """What to say where its mark promises another encoding."""
        if self._encoding.startswith("utf-8"):
            return encodings.no_utf8(self._path)
        return encodings.no_text(1)

    def _open(self) -> Any:
        return self._path.open(encoding=self._encoding, newline="")

    def _look(self) -> tuple[int, _Style]:
        """How many lines say what stands between the columns, and what does.

        What such a line says counts where headings are known by it.
        """
        with self._open() as file:
            try:
                head = file.read(_CHUNK)
            except UnicodeDecodeError as e:
                raise self._no_text() from e
        first, *rest = _LINE_END.split(head, maxsplit=1)
        marks, skipped = [*SEPARATORS], 0
        if said := SEPARATOR_LINE.fullmatch(first):
            marks.insert(0, said[1].replace("\\t", "\t"))
            head, skipped = "".join(rest), 1
        return skipped, max((_style(head, mark) for mark in marks), key=_fit)


class _Style(NamedTuple):
    """A way to divide rows.

    :param known: how many headings are known by it
    :param columns: how many there are
    :param has_blanks: whether one stands behind each separator
    """

    separator: str
    known: int = 0
    columns: int = 0
    has_blanks: bool = False


def _fit(style: _Style) -> tuple[int, int]:
    return style.known, style.columns


def _style(head: str, separator: str) -> _Style:
    """How well the beginning of a text is divided so."""
    best = _Style(separator)
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
    try:
        for row in islice(filter(any, reader), SEARCHED):
            found = _Style(
                separator,
                headings.num_named(row),
                len(row),
                len(row) > 1 and all(cell[:1] == " " for cell in row[1:]),
            )
            best = max(best, found, key=_fit)
    except csv.Error:
        # Whoever reads all rows says so.
        pass
    return best


def _why(error: str, row: int) -> str:
    """Why a row can't be read, in words for people."""
    if "field limit" in error:
        said = tk._("Row {row} has a cell of more than {most} characters.")
    elif "end of data" in error:
        said = tk._(
            "In row {row}, a value begins with a quotation mark, and none"
            " ends it."
        )
    elif "expected after" in error:
        said = tk._(
            "In row {row}, something follows a value in quotation marks."
            ' Within such a value, each " is to be written twice.'
        )
    else:
        said = tk._("Row {row} can't be read as CSV: {error}")
    return said.format(row=row, error=error, most=csv.field_size_limit())
