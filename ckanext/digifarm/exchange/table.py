"""Tables of projects: a row each, below headings that name our fields.

`texts` and `workbooks` give the rows of a file; what they mean is read here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ckantoolkit as tk

from ..projects import fields
from . import cells, columns, headings, values
from .columns import Column, Kind
from .digifarm_ms_words import partner_kind, stands_for_person
from .headings import Heading
from .record import Record, Source, Supporter, UnreadableFile, quoted
from .values import Wrong

#: A row of a file: its number, and what its cells hold; a `Wrong` stands
#: where the file itself has no value.
Row = tuple[int, list["str | Wrong"]]

#: The first cell of rows that explain something to people.
EXPLANATION = "##"

#: More projects are not read from a table, nor wider ones.
MOST_ROWS = 50_000
MOST_COLUMNS = 300


def source(rows: Callable[[], Iterator[Row]]) -> Source:
    """The projects of a table.

    :param rows: gives all its rows, each time anew
    :raises UnreadableFile: where it is no such table
    """
    number, first = next(_filled(rows()), (1, []))
    found = headings.read([_heading(text) for text in first], number)
    below = sum(1 for _ in _filled(rows())) - 1
    count = sum(1 for _ in _of_projects(rows()))
    if count > MOST_ROWS:
        raise UnreadableFile(
            tk._(
                "There are {count} rows. Please divide the table into parts of"
                " at most {most} rows."
            ).format(count=count, most=MOST_ROWS)
        )
    notes = headings.notes(found, number)
    if below > count:
        notes.append(
            tk._("Rows that begin with {mark} are left out: {count}.").format(
                mark=EXPLANATION, count=below - count
            )
        )
    return Source(
        lambda: (_record(found, *row) for row in _of_projects(rows())),
        count,
        notes,
    )


def _heading(text: str | Wrong) -> str:
    return "" if isinstance(text, Wrong) else text.strip()


def _filled(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows that hold something."""
    for number, row in rows:
        if any(isinstance(c, Wrong) or c.strip() for c in row):
            yield number, row


def _of_projects(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows below the headings, without those that explain something."""
    filled = _filled(rows)
    next(filled, None)
    for number, row in filled:
        if isinstance(row[0], Wrong) or row[0].strip() != EXPLANATION:
            yield number, row


def _record(found: list[Heading], number: int, row: list[Any]) -> Record:
    place = tk._("row {number}").format(number=number)
    record = Record(place)
    for place_, cell in enumerate(row):
        if isinstance(cell, str) and not cell.strip():
            continue
        if place_ < len(found):
            _take(record, found[place_], number, cell)
        else:
            _complain_about_more(record, place_, number)
    title = record.fields.get("title") or record.fields.get("name")
    if title:
        record.place = f"{place} {quoted(title)}"
    elif not {"title", "name"} & record.keys.keys():
        _complain_about_title(record, found, number)
    return record


def _complain_about_more(record: Record, place: int, number: int) -> None:
    record.refuse(
        f"{headings.letter(place)}{number}",
        tk._(
            "There is no heading above this cell. A value that holds commas or"
            ' semicolons must stand in "quotes"'
        ),
    )


def _complain_about_title(
    record: Record, found: list[Heading], number: int
) -> None:
    names = {"title", "name"}
    heading = next(h for h in found if h.column and h.column.name in names)
    key = heading.key(number)
    record.keys["title"] = record.keys["name"] = key
    record.refuse(key, tk._("This is empty. Please fill it in"))


def _take(record: Record, heading: Heading, number: int, cell: Any) -> None:
    column, key = heading.column, heading.key(number)
    if column is None:
        if not heading.text:
            record.report(
                key,
                tk._(
                    "There is no heading above this cell; {value} is not"
                    " imported"
                ).format(value=quoted(cell)),
            )
        return
    if column.kind is Kind.HERE:
        record.here[column.name] = str(cell).strip()
        return
    record.keys[_field(column)] = key
    try:
        if isinstance(cell, Wrong):
            raise cell
        _TAKERS.get(column.kind, _give)(record, column, key, cell)
    except Wrong as e:
        record.refuse(key, str(e))


def _field(column: Column) -> str:
    """What the validators call a column."""
    return "tags" if column.kind is Kind.TAGS else column.name


def _give(record: Record, column: Column, key: str, cell: str) -> None:
    record.give(column.name, values.read(column, cell), key)


def _tags(record: Record, column: Column, key: str, cell: str) -> None:
    names = values.read(column, cell)
    record.give("tags", [{"name": name} for name in names], key)


def _datasets(record: Record, column: Column, _: str, cell: str) -> None:
    text = values.read(column, cell)
    if not cells.is_rows(text):
        record.link(values.listed(text))
        return
    rows = values.rows(column, text)
    for row in rows:
        if not row["dataset"]:
            raise Wrong(tk._("A line names no dataset"))
        if relation := row["relation"]:
            row["relation"] = _relation(relation)
    record.link(rows)


def _relation(text: str) -> str:
    return values.choice(
        [{"value": one, "label": one} for one in ("uses", "provides")], text
    )


def _supporters(record: Record, column: Column, key: str, cell: str) -> None:
    text = values.read(column, cell)
    for row in values.rows(column, text):
        record.supporters.append(_supporter(column, key, row))


def _supporter(column: Column, key: str, row: dict[str, str]) -> Supporter:
    title, kind = row["title"], row["kind"]
    if not title:
        raise Wrong(tk._("A line has no name. Please write who supports it"))
    if not kind and stands_for_person(title):
        return Supporter(column.area, key)
    return Supporter(
        column.area,
        key,
        title,
        values.choice(columns.partner_kinds(), kind)
        if kind
        else partner_kind(title),
        row["url"],
        row["name"],
        {
            "scope": row["scope"],
            "since": _date(row["since"]),
            "until": _date(row["until"]),
        },
        is_guessed=not kind,
    )


def _date(text: str) -> str:
    return values.date(text) if text else ""


def _tasks(record: Record, column: Column, _: str, cell: str) -> None:
    text = values.read(column, cell)
    for row in values.rows(column, text):
        if not row["title"]:
            raise Wrong(tk._("A line names no task"))
        effort = row["effort"]
        record.tasks.append(
            {
                **row,
                "effort": effort
                and values.choice(fields.task_efforts(), effort),
                "for_beginners": bool(row["for_beginners"])
                and values.is_yes(row["for_beginners"]),
                "skills": values.listed(row["skills"]),
            }
        )


_TAKERS: dict[Kind, Callable[[Record, Column, str, str], None]] = {
    Kind.TAGS: _tags,
    Kind.DATASETS: _datasets,
    Kind.SUPPORTERS: _supporters,
    Kind.TASKS: _tasks,
}
