"""Which columns the headings of a table mean."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

import ckantoolkit as tk
from rapidfuzz.distance import OSA

from ..projects.fields import once_per_schema
from . import columns, values
from .columns import Column, Kind
from .record import UnreadableFile, quoted

#: What people write behind a heading, or in another line.
_BEHIND = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[\r\n].*", re.DOTALL)

#: Where it only says how to fill in: “Contact (e-mail)” is no contact.
_HINT = re.compile(
    r"pflicht(?:feld|angabe|ig)?\b|required|mandatory|optional|freiwillig"
    r"|\bzeichen\b|characters|\b(?:max|min|maximal|mindestens)\b"
    r"|höchstens|at most|mehrere|several|ja ?/ ?nein|yes ?/ ?no"
    r"|z\. ?b\.|e\. ?g\.|tt\.mm|dd\.mm|mm/yyyy|yyyy-mm",
    re.IGNORECASE,
)

#: So much of a word may be mistyped that another one is proposed.
CLOSE = 0.33


@dataclasses.dataclass
class Heading:
    """A column of a file.

    :param letter: what spreadsheets call it: A, B, …
    :param text: what stands above it
    :param column: what it means; None where nobody knows
    """

    letter: str
    text: str
    column: Column | None = None

    def key(self, row: int) -> str:
        """What messages call one of its cells."""
        cell = f"{self.letter}{row}"
        return f"{cell} ({self.text})" if self.text else cell


def read(texts: list[str], row: int) -> list[Heading]:
    """The columns of a table.

    :param texts: what stands in the first row
    :param row: its number
    :raises UnreadableFile: where no project could be known by them, or one
        could mean two things
    """
    headings = [
        Heading(letter(place), text, meant(text))
        for place, text in enumerate(texts)
    ]
    known = {h.column.name for h in headings if h.column}
    if not {"title", "name"} & known:
        raise UnreadableFile(
            tk._(
                "Row {row} must name the columns, and {title} or {name} must"
                " be among them."
            ).format(row=row, title=_label("title"), name=_label("name"))
        )
    _check_twice(headings, row)
    return headings


def of_names(headings: list[Heading]) -> int | None:
    """The place of the heading “Name” of a table that has none for titles.

    Our files call the short name so, and people what a project is called.
    """
    known = [h.column and h.column.name for h in headings]
    if "title" in known or "name" not in known:
        return None
    place = known.index("name")
    is_so = values.key(headings[place].text) == values.key("name")
    return place if is_so else None


def num_known(texts: Iterable[str]) -> int:
    """How many of some headings mean something."""
    return sum(meant(text) is not None for text in texts)


def num_named(texts: Iterable[str]) -> int:
    """The same, or 0 where no project could be known by them."""
    found = [column.name for text in texts if (column := meant(text))]
    return len(found) if {"title", "name"} & {*found} else 0


def meant(text: str) -> Column | None:
    """The column that a heading means.

    :param text: the name of a column, or its label in any language; people
        add in brackets, or in another line, how to fill it in
    """
    return _known().get(values.key(text)) or _known().get(
        values.key(
            _BEHIND.sub(lambda m: "" if _HINT.search(m[0]) else m[0], text)
        )
    )


def notes(headings: list[Heading], row: int) -> list[str]:
    """What is to be said of headings that nobody knows."""
    unknown = [
        f"{heading.key(row)}: {_unknown(heading)}"
        for heading in headings
        if heading.column is None and heading.text
    ]
    place = of_names(headings)
    # So our own files call it.
    if place is not None and headings[place].text != "name":
        said = tk._(
            "This is read as the short name in addresses. If it is the title,"
            " please call the column {title}."
        ).format(title=_label("title"))
        unknown.append(f"{headings[place].key(row)}: {said}")
    return unknown


def _unknown(heading: Heading) -> str:
    said = tk._("There is no such field, so nothing of it is imported.")
    close = _closest(heading.text)
    if not close:
        return said
    return said + " " + tk._("Is {label} meant?").format(label=quoted(close))


def _closest(text: str) -> str:
    """The label of the field that a heading may mean, or "".

    One that is nearly its word; else the only one in which all its words are.
    """
    wanted = values.key(text)
    if column := _known().get(values.key(_BEHIND.sub("", text))):
        return column.label
    found = {
        known: OSA.normalized_distance(wanted, known) for known in _known()
    }
    best = min(found, key=lambda known: found[known], default="")
    if best and found[best] <= CLOSE:
        return _known()[best].label
    around = {
        column.name: column.label
        for column in columns.columns()
        for label in columns.all_words(column.labels)
        if _words(text) and _words(text) <= _words(label)
    }
    return next(iter(around.values())) if len(around) == 1 else ""


def _words(text: str) -> set[str]:
    return {values.key(word) for word in text.split()} - {""}


def _check_twice(headings: list[Heading], row: int) -> None:
    first: dict[str, Heading] = {}
    for heading in headings:
        # Of what is not imported it doesn't matter.
        if heading.column is None or heading.column.kind is Kind.HERE:
            continue
        name = heading.column.name
        if name in first:
            raise UnreadableFile(
                tk._(
                    "{one} and {other} mean the same. Please remove one of"
                    " these columns."
                ).format(one=first[name].key(row), other=heading.key(row))
            )
        first[name] = heading


@once_per_schema
def _known() -> dict[str, Column]:
    """The columns, by all that people may call them; names come first."""
    found: dict[str, Column] = {}
    for column in columns.columns():
        found.setdefault(values.key(column.name), column)
    labels: dict[str, list[Column]] = {}
    for column in columns.columns():
        for label in columns.all_words(column.labels):
            labels.setdefault(values.key(label), []).append(column)
    for label, meanings in labels.items():
        # What could mean two things, or has no letters, means nothing.
        if label and len({column.name for column in meanings}) == 1:
            found.setdefault(label, meanings[0])
    return found


def _label(name: str) -> str:
    return quoted(columns.by_name()[name].label)


def letter(place: int) -> str:
    """What spreadsheets call a column: A … Z, AA, …

    :param place: from 0 on
    """
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(ord("A") + rest) + found
    return found
