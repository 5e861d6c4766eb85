"""Rows of tables in Excel's files (XLSX)."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import ckantoolkit as tk
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from . import headings
from .record import UnreadableFile, quoted
from .table import MOST_COLUMNS, MOST_ROWS, Row
from .values import Wrong

#: Larger files are refused, in bytes; so are those that unpack to more.
MOST_BYTES = 20_000_000
MOST_UNPACKED = 300_000_000

#: What the programs of a clerk may leave in a file that is none.
BROKEN = (
    zipfile.BadZipFile,
    InvalidFileException,
    KeyError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
)

#: In a format of dates, what is text, colour or a condition.
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')

#: What is only computed, begins so in the file.
_FORMULA = b"<f"


class Workbook:
    """A table in a file of Excel.

    The first sheet that is not hidden is read, or the first whose headings
    are known.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        _check_size(path)
        with _Opened(path) as book:
            visible = [s for s in book.worksheets if _is_visible(s)]
            if not visible:
                raise UnreadableFile(tk._("All its sheets are hidden."))
            self._place = book.worksheets.index(_best(visible))
            names = [sheet.title for sheet in book.worksheets]
        self.notes = _notes(names, self._place)
        self._has_formulas = _has_formulas(path)

    def rows(self) -> Iterator[Row]:
        """Its rows; where a formula has no value, a `Wrong` stands.

        :raises UnreadableFile: where there are too many
        """
        if not self._has_formulas:
            with _Opened(self._path) as book:
                for number, cells in _cells(book, self._place):
                    yield number, [_text(cell) for cell in cells]
            return
        with (
            _Opened(self._path) as book,
            _Opened(self._path, data_only=False) as source,
        ):
            pairs = zip_longest(
                _cells(book, self._place), _cells(source, self._place)
            )
            for (number, cells), (_, formulas) in pairs:
                yield (
                    number,
                    [
                        _text(cell, formula)
                        for cell, formula in zip(cells, formulas, strict=False)
                    ],
                )


class _Opened:
    """The file, until the block ends."""

    def __init__(self, path: Path, *, data_only: bool = True) -> None:
        self._path = path
        self._data_only = data_only

    def __enter__(self) -> Any:
        try:
            self._book = openpyxl.load_workbook(
                self._path, read_only=True, data_only=self._data_only
            )
        except BROKEN as e:
            raise UnreadableFile(
                tk._("It is no file of Excel (XLSX), or broken.")
            ) from e
        return self._book

    def __exit__(self, *_: object) -> None:
        self._book.close()


def _check_size(path: Path) -> None:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UnreadableFile(_too_large())
        with zipfile.ZipFile(path) as file:
            if sum(part.file_size for part in file.infolist()) > MOST_UNPACKED:
                raise UnreadableFile(_too_large())
    except (OSError, zipfile.BadZipFile) as e:
        raise UnreadableFile(
            tk._("It is no file of Excel (XLSX), or broken.")
        ) from e


def _too_large() -> str:
    return tk._("It is too large. Please divide the table into several files.")


def _is_visible(sheet: Any) -> bool:
    return sheet.sheet_state == "visible" and hasattr(sheet, "iter_rows")


def _best(sheets: list[Any]) -> Any:
    """The sheet with the table: its headings are known, or it is the first."""
    for sheet in sheets:
        for _, cells in _of_sheet(sheet):
            texts = [_text(cell) for cell in cells]
            if any(texts):
                known = [t for t in texts if isinstance(t, str)]
                if headings.num_known(known):
                    return sheet
                break
    return sheets[0]


def _notes(names: list[str], place: int) -> list[str]:
    if len(names) == 1:
        return []
    others = [quoted(n) for i, n in enumerate(names) if i != place]
    return [
        tk._("The sheet {name} is read, not {others}.").format(
            name=quoted(names[place]), others=", ".join(others)
        )
    ]


def _has_formulas(path: Path) -> bool:
    """Whether anything in the file is computed: only then it is read twice."""
    with zipfile.ZipFile(path) as file:
        for part in file.namelist():
            if part.startswith("xl/worksheets/") and _contains(file, part):
                return True
    return False


def _contains(file: zipfile.ZipFile, part: str) -> bool:
    end = b""
    with file.open(part) as stream:
        while chunk := stream.read(1 << 16):
            if _FORMULA in end + chunk:
                return True
            end = chunk[-1:]
    return False


def _cells(book: Any, place: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    return _of_sheet(book.worksheets[place])


def _of_sheet(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    # What the file says of its own size may be wrong.
    sheet.reset_dimensions()
    try:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            _check_bounds(number, cells)
            yield number, cells[:MOST_COLUMNS]
    except BROKEN as e:
        raise UnreadableFile(
            tk._("It is no file of Excel (XLSX), or broken.")
        ) from e


def _check_bounds(number: int, cells: tuple[Any, ...]) -> None:
    if number > MOST_ROWS:
        raise UnreadableFile(
            tk._("It has more than {most} rows.").format(most=MOST_ROWS)
        )
    if any(cell.value is not None for cell in cells[MOST_COLUMNS:]):
        raise UnreadableFile(
            tk._("It has more than {most} columns.").format(most=MOST_COLUMNS)
        )


def _text(cell: Any, formula: Any = None) -> str | Wrong:
    """What people see in a cell."""
    value = cell.value
    if value is None:
        is_computed = formula is not None and formula.data_type == "f"
        return _no_value() if is_computed else ""
    if cell.data_type == "e":
        return Wrong(
            tk._(
                "This formula has an error ({code}). Please correct it, or"
                " write the value itself"
            ).format(code=value)
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.15g}"
    if isinstance(value, datetime.datetime):
        return _date(value, str(cell.number_format))
    return str(value)


def _no_value() -> Wrong:
    return Wrong(
        tk._(
            "This formula has no value yet. Please open the file in a"
            " spreadsheet program and save it, or write the value itself"
        )
    )


def _date(value: datetime.datetime, shown: str) -> str:
    """A date, as precise as it is shown: `Mai 2026` is stored as a day."""
    letters = _LITERAL.sub("", shown).lower()
    if "y" in letters and "d" not in letters:
        return value.strftime("%Y-%m" if "m" in letters else "%Y")
    return value.date().isoformat()
