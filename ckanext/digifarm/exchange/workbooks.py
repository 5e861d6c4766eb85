"""Rows of tables in Excel's files (XLSX)."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import ckantoolkit as tk
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from . import headings, sheets
from .record import UnreadableFile, quoted
from .rows import SEARCHED, Row
from .shown import shown
from .table import MOST_COLUMNS, MOST_ROWS, too_wide
from .values import Wrong

#: Larger files are refused, in bytes; so are those that unpack to more.
MOST_BYTES = 20_000_000
MOST_UNPACKED = 300_000_000

#: What the programs of a clerk may leave in a file that is none.
BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)

#: Among so many rows of a sheet are its headings.
_LOOKED_AT = 200

#: More sheets are not looked at, nor so many tags in a part that is read
#: whole: Excel itself knows no more than 64 000 formats.
_MOST_SHEETS = 200
_MOST_TAGS = 300_000
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b")

#: Parts that openpyxl reads as a whole, each time.
_WHOLE = re.compile(r"(?:.*/)?(?:workbook|styles|\[Content_Types\])\d*\.xml")

#: So many hidden rows, columns and other sheets are named.
_NAMED = 10

# What it can't keep when it writes is nobody's concern here.
warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")


class Workbook:
    """A table in a file of Excel.

    Of the sheets that are not hidden, that one is read of whose headings most
    are known, or the first.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        _check_size(path)
        with _Opened(path) as book:
            visible = [s for s in book.worksheets if _is_visible(s)]
            if not visible:
                raise UnreadableFile(tk._("All its sheets are hidden."))
            best = max(visible, key=_num_named)
            self._place = book.worksheets.index(best)
            names = [sheet.title for sheet in book.worksheets]
            self._layout = _layout(path, best)
        self._notes = _notes(names, self._place)
        self._hidden_rows: dict[int, None] = {}
        self._hidden_columns: dict[int, None] = {}

    @property
    def notes(self) -> list[str]:
        """What is to be said of it, once its rows were read."""
        rows = [*map(str, self._hidden_rows)]
        columns = [*map(headings.letter, sorted(self._hidden_columns))]
        said = {
            tk._("Hidden rows are read as all others: {places}."): rows,
            tk._("Hidden columns are read as all others: {places}."): columns,
        }
        return [
            *self._notes,
            *(
                words.format(places=_few(places))
                for words, places in said.items()
                if places
            ),
        ]

    def rows(self) -> Iterator[Row]:
        """Its rows; where a formula has no value, a `Wrong` stands.

        :raises UnreadableFile: where there are too many
        """
        for number, cells in self._layout.filled(self._rows()):
            self._note_hidden(number, cells)
            yield number, cells

    def _rows(self) -> Iterator[Row]:
        if not self._layout.has_formulas:
            with _Opened(self._path) as book:
                for number, cells in _cells(book, self._place):
                    yield number, [shown(cell) for cell in cells]
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
                        shown(cell, formula)
                        for cell, formula in zip(cells, formulas, strict=False)
                    ],
                )

    def _note_hidden(self, number: int, cells: list[str | Wrong]) -> None:
        if number in self._layout.hidden_rows and any(cells):
            self._hidden_rows[number] = None
        for place in self._layout.hidden_columns:
            if place < len(cells) and cells[place]:
                self._hidden_columns[place] = None


class _Opened:
    """The file, until the block ends."""

    def __init__(self, path: Path, *, data_only: bool = True) -> None:
        self._path = path
        self._data_only = data_only

    def __enter__(self) -> Any:
        # By its path, it would be judged by its name.
        self._file = self._path.open("rb")
        try:
            self._book = openpyxl.load_workbook(
                self._file, read_only=True, data_only=self._data_only
            )
        except BROKEN as e:
            self._file.close()
            raise _broken() from e
        return self._book

    def __exit__(self, *_: object) -> None:
        self._book.close()
        self._file.close()


def _broken() -> UnreadableFile:
    return UnreadableFile(tk._("It is no file of Excel (XLSX), or broken."))


def _check_size(path: Path) -> None:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UnreadableFile(_too_large())
        with zipfile.ZipFile(path) as file:
            if sum(part.file_size for part in file.infolist()) > MOST_UNPACKED:
                raise UnreadableFile(_too_large())
            for name in filter(_WHOLE.fullmatch, file.namelist()):
                _check_part(file.read(name))
    except BROKEN as e:
        raise _broken() from e


def _check_part(xml: bytes) -> None:
    """Refuse what takes long to read, however small it is."""
    num_sheets = sum(1 for _ in islice(_SHEET.finditer(xml), _MOST_SHEETS + 1))
    if num_sheets > _MOST_SHEETS or xml.count(b"<") > _MOST_TAGS:
        raise UnreadableFile(_too_large())


def _too_large() -> str:
    return tk._("It is too large. Please divide the table into several files.")


def _is_visible(sheet: Any) -> bool:
    return sheet.sheet_state == "visible" and hasattr(sheet, "iter_rows")


def _num_named(sheet: Any) -> int:
    """How many headings of a sheet are known."""
    found = (
        [text for text in map(shown, cells) if isinstance(text, str)]
        for _, cells in islice(_of_sheet(sheet), _LOOKED_AT)
    )
    first = islice(filter(any, found), SEARCHED)
    return max(map(headings.num_named, first), default=0)


def _notes(names: list[str], place: int) -> list[str]:
    if len(names) == 1:
        return []
    others = [quoted(n) for i, n in enumerate(names) if i != place]
    return [
        tk._("The sheet {name} is read, not {others}.").format(
            name=quoted(names[place]), others=_few(others)
        )
    ]


def _few(places: list[str]) -> str:
    more = ["…"] if len(places) > _NAMED else []
    return ", ".join([*places[:_NAMED], *more])


def _layout(path: Path, sheet: Any) -> sheets.Layout:
    """What openpyxl doesn't tell of a sheet that it reads row by row."""
    try:
        with (
            zipfile.ZipFile(path) as file,
            # Nothing else tells which part it is.
            file.open(sheet._worksheet_path) as stream,  # noqa: SLF001
        ):
            return sheets.layout(stream)
    except BROKEN as e:
        raise _broken() from e


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
        raise _broken() from e


def _check_bounds(number: int, cells: tuple[Any, ...]) -> None:
    """Refuse what is too much; what is only coloured doesn't count."""
    if number > MOST_ROWS and any(cell.value is not None for cell in cells):
        raise UnreadableFile(
            tk._("It has more than {most} rows.").format(most=MOST_ROWS)
        )
    if any(cell.value is not None for cell in cells[MOST_COLUMNS:]):
        raise too_wide()
