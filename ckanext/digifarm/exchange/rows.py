"""What the rows of a table are there for."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from itertools import islice

import ckantoolkit as tk

from ..projects import names
from . import headings, values
from .columns import Column
from .headings import Heading
from .values import Wrong

#: A row of a file: its number, and what its cells hold; a `Wrong` stands
#: where the file itself has no value.
Row = tuple[int, list["str | Wrong"]]

#: The first cell of rows that explain something to people.
EXPLANATION = "##"

#: Among so many rows that hold something are the headings.
SEARCHED = 20

#: Longer cells repeat no heading.
LONGEST_HEADING = 200


class Use(enum.Enum):
    """What a row is there for."""

    PROJECT = enum.auto()
    #: A project that is called as one of our fields is.
    FIELD = enum.auto()
    ABOVE = enum.auto()
    EXPLANATION = enum.auto()
    HEADINGS = enum.auto()


def left_out(use: Use, count: int) -> list[str]:
    """What is said of rows that are no projects."""
    said = {
        Use.ABOVE: tk._("Rows above the headings are left out: {count}."),
        Use.EXPLANATION: tk._(
            "Rows that begin with {mark} are left out: {count}."
        ),
        Use.HEADINGS: tk._(
            "Rows that only repeat the headings are left out: {count}."
        ),
    }
    return [said[use].format(mark=EXPLANATION, count=count)] if count else []


def of_headings(rows: Iterator[Row]) -> tuple[int, list[str], int]:
    """The row that names the columns, and how many stand above it.

    It is the one of the first that names most of them: people write above it
    what their table is.
    """
    first = [*islice(filled(rows), SEARCHED)]
    best = max(
        range(len(first)),
        key=lambda n: headings.num_named(map(text, first[n][1])),
        default=None,
    )
    if best is None:
        return 1, [], 0
    number, row = first[best]
    return number, [*map(text, row)], best


def text(cell: str | Wrong) -> str:
    """What stands in a cell, "" where it has no value."""
    return "" if isinstance(cell, Wrong) else cell.strip()


def filled(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows that hold something."""
    for number, row in rows:
        if not all(map(is_empty, row)):
            yield number, row


def below(rows: Iterator[Row], headings_at: int) -> Iterator[Row]:
    """The rows below the headings that hold something.

    :param headings_at: the number of the row that names the columns
    """
    return (row for row in filled(rows) if row[0] > headings_at)


def use(found: list[Heading], row: Row) -> Use:
    """What a row below the headings is there for.

    :param found: the headings
    """
    cells = row[1]
    if isinstance(cells[0], str) and cells[0].strip() == EXPLANATION:
        return Use.EXPLANATION
    known = [
        (heading, cell)
        for heading, cell in zip(found, cells, strict=False)
        if heading.column and not is_empty(cell)
    ]
    if known and all(_meant(cell) == h.column for h, cell in known):
        return Use.HEADINGS
    titles = [c for h, c in known if h.column and h.column.name == "title"]
    return Use.FIELD if any(map(_meant, titles)) else Use.PROJECT


def are_titles(found: list[Heading], rows: Iterator[Row], place: int) -> bool:
    """Whether people wrote titles where short names are expected.

    A single short name among them says that all were meant to be some.

    :param rows: those below the headings
    :param place: of the column
    """
    words = {
        text(row[1][place])
        for row in rows
        if use(found, row) is Use.PROJECT and place < len(row[1])
    } - {""}
    return bool(words) and not any(map(names.looks_like_one, words))


def _meant(cell: str | Wrong) -> Column | None:
    """The column whose heading a cell repeats."""
    words = text(cell)
    return headings.meant(words) if len(words) <= LONGEST_HEADING else None


def is_empty(cell: str | Wrong) -> bool:
    """Whether nobody sees anything in a cell."""
    return isinstance(cell, str) and values.is_blank(cell)
