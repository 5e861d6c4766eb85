"""Tables of projects: a row each, below headings that name our fields.

`texts` and `workbooks` give the rows of a file; what they mean is read here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ckantoolkit as tk

from ..projects import fields
from . import cells, columns, headings, values
from . import rows as rows_of
from .columns import Column, Kind
from .digifarm_ms_words import partner_kind, stands_for_person
from .headings import Heading
from .record import Record, Source, Supporter, UnreadableFile, quoted
from .rows import Row, Use, is_empty, text
from .values import Wrong

#: How people call a row that adds up others, as `values.key` gives it.
SUMS = frozenset(
    {"ergebnis", "gesamt", "gesamtsumme", "insgesamt", "sum", "summe"}
)
SUMS |= {"summen", "total", "totals", "zwischensumme", "σ"}
NUMBER = re.compile(r"\W*\d[\d.,'\s]*\W*(?:EUR|Euro)?\s*", re.IGNORECASE)

#: Longer cells are no number.
LONGEST_NUMBER = 40

#: From so many columns on, a row has more than a title.
WIDE = 3

#: How programs write text that must not be taken for a number.
_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')

#: More projects are not read from a table, nor wider ones.
MOST_ROWS = 50_000
MOST_COLUMNS = 300


def too_wide() -> UnreadableFile:
    """What to say of a table that has too many columns."""
    return UnreadableFile(
        tk._("It has more than {most} columns.").format(most=MOST_COLUMNS)
    )


def source(rows: Callable[[], Iterator[Row]]) -> Source:
    """The projects of a table.

    :param rows: gives all its rows, each time anew
    :raises UnreadableFile: where it is no such table
    """
    number, first, above = rows_of.of_headings(rows())
    found = headings.read(first, number)
    taken = _titles_for_names(found, rows_of.below(rows(), number))
    counts = Counter(
        rows_of.use(found, row) for row in rows_of.below(rows(), number)
    )
    _check_turned(found, counts)
    count = counts[Use.PROJECT] + counts[Use.FIELD]
    if count > MOST_ROWS:
        raise UnreadableFile(
            tk._(
                "There are {count} rows. Please divide the table into parts of"
                " at most {most} rows."
            ).format(count=count, most=MOST_ROWS)
        )
    return Source(
        lambda: (
            _record(found, *row)
            for row in rows_of.below(rows(), number)
            if rows_of.use(found, row) in {Use.PROJECT, Use.FIELD}
        ),
        count,
        [
            *(rows_of.left_out(Use.ABOVE, above) if above else ()),
            *headings.notes(found, number),
            *(f"{heading.key(number)}: {_as_titles()}" for heading in taken),
            *rows_of.left_out(Use.EXPLANATION, counts[Use.EXPLANATION]),
            *rows_of.left_out(Use.HEADINGS, counts[Use.HEADINGS]),
        ],
    )


def _titles_for_names(
    found: list[Heading], rows: Iterator[Row]
) -> list[Heading]:
    """Let a column of short names be one of titles, where it holds these.

    :param rows: those below the headings
    :returns: the heading of that column, if it is so
    """
    place = headings.of_names(found)
    if place is None or not rows_of.are_titles(found, rows, place):
        return []
    found[place].column = columns.by_name()["title"]
    return [found[place]]


def _as_titles() -> str:
    return tk._(
        "There is no column “{title}”, and what stands here can’t be short"
        " names of projects, so it is taken as their titles."
    ).format(title=columns.by_name()["title"].label)


def _check_turned(found: list[Heading], counts: Counter[Use]) -> None:
    """Refuse a table whose fields stand below each other.

    :raises UnreadableFile: then
    """
    known = [heading for heading in found if heading.column]
    if len(known) == 1 and counts[Use.FIELD] > 1:
        raise UnreadableFile(
            tk._(
                "In column {column} stand names of fields below each other."
                " Please turn the table, so that each project has a row."
            ).format(column=known[0].letter)
        )


def _record(found: list[Heading], number: int, row: list[Any]) -> Record:
    place = tk._("row {number}").format(number=number)
    record = Record(place)
    for place_, cell in enumerate(row):
        if is_empty(cell):
            if place_ < len(found):
                _call_empty(record, found[place_], number)
        elif place_ < len(found):
            _take(record, found[place_], number, cell)
        else:
            # What follows is there for the same reason.
            _complain_about_more(record, place_, number)
            break
    title = record.fields.get("title") or record.fields.get("name")
    if title:
        record.place = f"{place} {quoted(title.strip())}"
        _complain_about_sum(record, found, row)
        _ask_about_title(record, found)
    elif not {"title", "name"} & record.keys.keys():
        _complain_about_title(record, found, number)
    if not any(h.column and h.column.name == "title" for h in found):
        # New projects need one.
        label = quoted(columns.by_name()["title"].label)
        said = tk._("no column {title}").format(title=label)
        record.keys.setdefault("title", said)
    return record


def _call_empty(record: Record, heading: Heading, number: int) -> None:
    """Let what is said of a field that must not be empty name its cell."""
    column = heading.column
    if column and column.name not in {"title", "name"}:
        record.keys[_field(column)] = heading.key(number)


def _ask_about_title(record: Record, found: list[Heading]) -> None:
    """Say where a row may only be a remark, or a heading of some rows."""
    taken = [h for h in found if h.column and h.column.kind is not Kind.HERE]
    is_wide = len(taken) >= WIDE
    has_more = record.links or record.supporters or record.tasks
    is_bare = not (has_more or record.errors)
    if is_wide and is_bare and record.fields.keys() == {"title"}:
        record.report(
            record.keys["title"],
            tk._(
                "Nothing else is filled in. Please see whether this is a"
                " project"
            ),
        )


def _complain_about_more(record: Record, place: int, number: int) -> None:
    record.refuse(
        f"{headings.letter(place)}{number}",
        tk._(
            "There is no heading above this cell. A value that holds commas or"
            ' semicolons must stand in "quotes"'
        ),
    )


def _complain_about_sum(
    record: Record, found: list[Heading], row: list[Any]
) -> None:
    """Refuse what would become a project that is called “total”."""
    if values.key(record.fields.get("title", "")) not in SUMS:
        return
    others = [
        cell
        for heading, cell in zip(found, row, strict=False)
        if not (heading.column and heading.column.name == "title")
        and not is_empty(cell)
    ]
    if others and all(_is_number(text(cell)) for cell in others):
        record.refuse(
            record.keys["title"],
            tk._(
                "This seems to be a total, not a project. Please leave this"
                " row out, or write another title"
            ),
        )


def _is_number(words: str) -> bool:
    return len(words) <= LONGEST_NUMBER and bool(NUMBER.fullmatch(words))


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
    if isinstance(cell, str) and values.is_nothing(column, cell):
        return
    record.keys[_field(column)] = key
    try:
        cell = _checked(cell)
        _TAKERS.get(column.kind, _give)(record, column, key, cell)
    except Wrong as e:
        record.refuse(key, str(e))
        return
    if values.is_garbled(cell):
        record.report(
            key,
            tk._(
                "Some letters seem to be garbled: {value}. Please see whether"
                " the table was written so"
            ).format(value=quoted(cell)),
        )


def _checked(cell: str | Wrong) -> str:
    """What stands in a cell.

    :raises Wrong: where that is no value
    """
    if isinstance(cell, Wrong):
        raise cell
    values.check_shown(cell)
    if as_text := _AS_TEXT.fullmatch(cell.strip()):
        return as_text[1].replace('""', '"')
    return cell


def _field(column: Column) -> str:
    """What the validators call a column."""
    return "tags" if column.kind is Kind.TAGS else column.name


def _give(record: Record, column: Column, key: str, cell: str) -> None:
    record.give(column.name, values.read(column, cell), key)


def _tags(record: Record, column: Column, key: str, cell: str) -> None:
    names = values.read(column, cell)
    record.give("tags", [{"name": name} for name in names], key)


@contextmanager
def _noting(record: Record, key: str) -> Iterator[None]:
    """Say what is wrong in a part of a cell, and go on with the next."""
    try:
        yield
    except Wrong as e:
        record.refuse(key, str(e))


def _datasets(record: Record, column: Column, key: str, cell: str) -> None:
    text = values.read(column, cell)
    if not cells.is_rows(text):
        record.link(values.listed(text))
        return
    rows = []
    for row in values.rows(column, text):
        if not row["dataset"]:
            record.refuse(key, tk._("A line names no dataset"))
            continue
        relation, row["relation"] = row["relation"], ""
        with _noting(record, key):
            row["relation"] = relation and _relation(relation)
        rows.append(row)
    record.link(rows)


def _relation(text: str) -> str:
    return values.choice(
        [{"value": one, "label": one} for one in ("uses", "provides")], text
    )


def _supporters(record: Record, column: Column, key: str, cell: str) -> None:
    text = cells.without_rows(values.read(column, cell))
    for row in values.rows(column, text):
        if row["title"]:
            record.supporters.append(_supporter(record, column, key, row))
        else:
            record.refuse(
                key,
                tk._("A line has no name. Please write who supports it"),
            )


def _supporter(
    record: Record, column: Column, key: str, row: dict[str, str]
) -> Supporter:
    title, said = row["title"], row["kind"]
    if not said and stands_for_person(title):
        return Supporter(column.area, key)
    kind = partner_kind(title)
    with _noting(record, key):
        kind = values.choice(columns.partner_kinds(), said) if said else kind
    texts = {"scope": row["scope"]}
    for name in ("since", "until"):
        with _noting(record, key):
            texts[name] = values.date(row[name]) if row[name] else ""
    return Supporter(
        column.area,
        key,
        title,
        kind,
        row["url"],
        row["name"],
        texts,
        is_guessed=not said,
    )


def _tasks(record: Record, column: Column, key: str, cell: str) -> None:
    text = values.read(column, cell)
    for row in values.rows(column, text):
        if not row["title"]:
            record.refuse(key, tk._("A line names no task"))
            continue
        effort, is_easy = row["effort"], row["for_beginners"]
        task: dict[str, Any] = {
            **row,
            "effort": "",
            "for_beginners": False,
            "skills": values.listed(row["skills"]),
        }
        with _noting(record, key):
            task["effort"] = effort and values.choice(
                fields.task_efforts(), effort
            )
        with _noting(record, key):
            task["for_beginners"] = bool(is_easy) and values.is_yes(is_easy)
        record.tasks.append(task)


_TAKERS: dict[Kind, Callable[[Record, Column, str, str], None]] = {
    Kind.TAGS: _tags,
    Kind.DATASETS: _datasets,
    Kind.SUPPORTERS: _supporters,
    Kind.TASKS: _tasks,
}
