"""How a sheet of Excel looks: what is merged, hidden or computed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import IO

from openpyxl.utils import range_boundaries

from .rows import Row
from .table import MOST_COLUMNS, MOST_ROWS
from .values import Wrong

#: The tags that say so.
_TAG = re.compile(rb"<(?:\w+:)?(f|mergeCell|row|col)\b([^<>]*)>")
_ATTRIBUTE = re.compile(rb"\b(ref|hidden|min|max|r)\s*=\s*[\"']([^\"']*)")

_CHUNK = 1 << 16
#: No tag of these is longer, in bytes.
_LONGEST = 4096

#: No more merged cells are kept in mind.
_MOST_MERGED = 50_000


@dataclasses.dataclass
class Layout:
    """How a sheet looks.

    :param has_formulas: whether anything in it is computed
    :param merged: the last rows of merged cells that span several, by the
        row and the column where they begin, columns counted from 0 on
    :param hidden_rows: their numbers
    :param hidden_columns: the same, from 0 on
    """

    has_formulas: bool = False
    merged: dict[tuple[int, int], int] = dataclasses.field(
        default_factory=dict
    )
    hidden_rows: set[int] = dataclasses.field(default_factory=set)
    hidden_columns: set[int] = dataclasses.field(default_factory=set)

    def filled(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Rows in which a merged cell counts for each row that it spans."""
        if not self.merged:
            yield from rows
            return
        columns = sorted({column for _, column in self.merged})
        spanning: dict[int, tuple[int, str | Wrong]] = {}
        for number, row in rows:
            cells = [*row]
            for column in columns if any(cells) else ():
                if last := self.merged.get((number, column)):
                    value = cells[column] if column < len(cells) else ""
                    spanning[column] = last, value
                last, value = spanning.get(column, (0, ""))
                if number <= last and value:
                    cells.extend([""] * (column + 1 - len(cells)))
                    cells[column] = value
            yield number, cells


def layout(stream: IO[bytes]) -> Layout:
    """How a sheet looks that is read as XML.

    openpyxl tells nothing of that where it reads row by row.
    """
    found = Layout()
    kept = b""
    while chunk := stream.read(_CHUNK):
        kept += chunk
        end = 0
        for tag in _TAG.finditer(kept):
            _take(found, tag[1], dict(_ATTRIBUTE.findall(tag[2])))
            end = tag.end()
        kept = kept[max(end, len(kept) - _LONGEST) :]
    return found


def _take(found: Layout, tag: bytes, said: dict[bytes, bytes]) -> None:
    is_hidden = said.get(b"hidden") in {b"1", b"true"}
    if tag == b"f":
        found.has_formulas = True
    elif tag == b"mergeCell":
        _take_merged(found, said.get(b"ref", b"").decode("ascii", "replace"))
    elif tag == b"row" and is_hidden:
        number = int(said.get(b"r", 0))
        if number <= MOST_ROWS:
            found.hidden_rows.add(number)
    elif tag == b"col" and is_hidden:
        first, last = int(said.get(b"min", 1)), int(said.get(b"max", 0))
        places = range(max(first, 1) - 1, min(last, MOST_COLUMNS))
        found.hidden_columns |= {*places}


def _take_merged(found: Layout, reference: str) -> None:
    column, first, _, last = range_boundaries(reference)
    is_tall = bool(column and first and last and last > first)
    is_read = (column or 1) <= MOST_COLUMNS
    if is_tall and is_read and len(found.merged) < _MOST_MERGED:
        found.merged[first or 0, (column or 1) - 1] = last or 0
