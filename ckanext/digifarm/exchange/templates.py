"""Tables for people to fill in, which explain themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ckantoolkit as tk
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from ..lib import language, spreadsheets
from ..projects import fields
from . import columns
from .columns import Column, Kind
from .record import UnreadableFile
from .rows import EXPLANATION

#: How wide a column is, in characters.
WIDTH = 28


def write(path: Path) -> None:
    """Write a table to fill in, in the language of the request.

    :param path: its ending says whether for Excel (.xlsx) or as CSV
    :raises UnreadableFile: for another ending, or where it can't be written
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UnreadableFile(
            tk._("Its name must end in one of: {endings}").format(
                endings=", ".join(_WRITERS)
            )
        )
    try:
        writer(path)
    except OSError as e:
        raise UnreadableFile(
            tk._("It can't be written: {error}").format(error=e.strerror)
        ) from e


def _explanations() -> list[list[str]]:
    """Each column with what it means and what may stand there."""
    return [
        [column.label, _help(column), _choices(column)]
        for column in columns.given()
    ]


def _help(column: Column) -> str:
    help_ = fields.text(column.help) if column.help else ""
    more = {
        Kind.CHOICES: tk._("Several, with commas between."),
        Kind.WORDS: tk._("Several, with commas between."),
        Kind.TAGS: tk._("Several, with commas between."),
        Kind.LINES: tk._("One in each line."),
        Kind.ROWS: tk._("One in each line: {parts}").format(
            parts=" | ".join(column.parts)
        ),
    }.get(column.kind, "")
    return " ".join(filter(None, [help_, more]))


def _choices(column: Column) -> str:
    if column.kind is Kind.FLAG:
        return "; ".join([tk._("Yes"), tk._("No")])
    labels = [fields.text(one.get("label", "")) for one in column.choices]
    return "; ".join(labels)


def _heads() -> list[str]:
    return [tk._("Column"), tk._("What it means"), tk._("One of")]


def _csv(path: Path) -> None:
    """For Excel, which opens it by a click."""
    said = tk._("Rows that begin so explain something; leave them out.")
    rows = [[EXPLANATION, said]]
    for label, help_, choices in _explanations():
        words = ": ".join(filter(None, [label, help_]))
        rows.append([EXPLANATION, words, choices])
    heads = [column.label for column in columns.given()]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(
            spreadsheets.csv_lines(heads, rows, language.current())
        )


def _xlsx(path: Path) -> None:
    book = Workbook(write_only=True)
    table = book.create_sheet(tk._("Civic projects"))
    given = columns.given()
    for place, _ in enumerate(given, start=1):
        table.column_dimensions[get_column_letter(place)].width = WIDTH
    table.freeze_panes = "A2"
    table.append([_bold(table, column.label) for column in given])
    about = book.create_sheet(tk._("Explanation"))
    for place, width in enumerate((WIDTH, 2 * WIDTH, 3 * WIDTH), start=1):
        about.column_dimensions[get_column_letter(place)].width = width
    about.append([_bold(about, head) for head in _heads()])
    for row in _explanations():
        about.append([_wrapped(about, text) for text in row])
    book.save(path)


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _wrapped(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


_WRITERS = {".csv": _csv, ".xlsx": _xlsx}
