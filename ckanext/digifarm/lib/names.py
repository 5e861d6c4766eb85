"""Names in addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import ckantoolkit as tk
from anyascii import anyascii

from . import text
from .ckan import model, munge_title_to_name


@dataclass(frozen=True)
class Collision:
    """Something whose address belongs to a page of ours.

    :param route: that of the form in which it gets another name
    """

    id: str
    name: str
    route: str

    def __str__(self) -> str:
        form = tk.h.url_for(self.route, id=self.id, qualified=True)
        return (
            f"{self.name} ({self.id}): its address is that of another page;"
            f" give it another short name: {form}"
        )


#: How German is written without umlauts; core would leave out the `e`.
GERMAN = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "ẞ": "SS",
    }
)


#: Pictures, and what belongs to them: their names would stand there.
SYMBOLS = frozenset({"So", "Sk", "Cf"})


def latin(line: str) -> str:
    """A line in Latin letters without accents, as far as there are some."""
    letters = (c for c in line if unicodedata.category(c) not in SYMBOLS)
    return anyascii(text.composed("".join(letters)).translate(GERMAN))


def from_title(title: str, default: str) -> str:
    """A name that is made from a title, in Latin letters.

    :param default: the name for a title without any letter or digit
    """
    name = munge_title_to_name(latin(title))
    # Core fills up what is too short by underscores.
    return name if re.search("[a-z0-9]", name) else default


def free_name(
    title: str, default: str, column: Any, reserved: Collection[str]
) -> str:
    """A name that is made from a title; one that is taken gets a number.

    :param default: the name for a title without any letter for one
    :param column: of the names that are taken
    :param reserved: other names that are taken
    """
    name = from_title(title, default)
    taken = {
        row[0]
        for row in model.Session.query(column).filter(
            column.startswith(name, autoescape=True)
        )
    }.union(reserved)
    numbers = range(2, len(taken) + 3)
    free = (n for n in (name, *(f"{name}-{i}" for i in numbers)))
    return next(n for n in free if n not in taken)
