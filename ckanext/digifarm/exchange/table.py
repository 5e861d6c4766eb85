"""CSV whose header names our own fields, and `datasets`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ..projects import fields
from .record import Record, UnreadableFile, quoted


def read(text: str) -> list[Record]:
    """The projects of a table, one a row.

    Commas or semicolons stand between the columns, commas between several
    values in a cell. An empty cell gives no value.

    :param text: the content of the file
    :raises UnreadableFile: where it is no such table
    """
    rows = _rows(text)
    _, header = next(rows, (1, []))
    _check_header(header)
    return [_record(f"line {line}", header, row) for line, row in rows]


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that aren't empty, each with the line where it begins."""
    first_line = text.partition("\n")[0]
    semicolons = first_line.count(";") > first_line.count(",")
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=";" if semicolons else ",",
        strict=True,
    )
    line = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as e:
        raise UnreadableFile(f"Line {line} can't be read as CSV: {e}") from e


def _check_header(header: list[str]) -> None:
    if not {"title", "name"} & set(header):
        raise UnreadableFile(
            "The first line must name the columns, among them title or name."
        )
    for column in filter(None, header):
        if header.count(column) > 1:
            raise UnreadableFile(f"Two columns are named {quoted(column)}.")


def _record(place: str, header: list[str], row: list[str]) -> Record:
    record = Record(place)
    if any(row[len(header) :]):
        record.refuse(
            "row",
            "has more cells than there are columns; a cell with commas or"
            ' semicolons must stand in "quotes"',
        )
    for column, cell in zip(header, row, strict=False):
        if cell:
            _take(record, column, cell)
    title = record.fields.get("title") or record.fields.get("name")
    if title:
        record.place = f"{place} {quoted(title)}"
    else:
        record.refuse("title", "missing")
    return record


def _take(record: Record, column: str, cell: str) -> None:
    values = fields.parts(column, cell)
    if column == "datasets":
        record.link(values)
    elif column == "tag_string":
        record.fields["tags"] = [{"name": tag} for tag in sorted(set(values))]
    elif column in fields.multiple_fields():
        record.fields[column] = values
    elif fields.field(column):
        record.fields[column] = cell
    else:
        record.report(
            column or "column without a name",
            f"unknown, not imported: {quoted(cell)}",
        )
