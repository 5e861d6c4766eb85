"""What a folder says of each thing that a successor of a project needs.

Pure functions; this is the one place that knows when a folder is complete.
"""

from __future__ import annotations

import datetime
import enum
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ..lib import partial_dates
from ..lib.words import COVER

#: What is said of a thing, by the names of the fields.
Entry = dict[str, Any]

#: The same of all things, by their kind.
Entries = dict[str, Entry]


class Kind(str, enum.Enum):
    """What a successor needs, in the order of the page."""

    DOMAIN = "domain"
    SERVER = "server"
    REPOSITORY = "repository"
    APP_STORE = "app_store"
    DATA = "data"
    MONEY = "money"


#: Texts in a line, and longer ones.
LINES = ("holder", "payer")
TEXTS = ("documented", "could_follow")

#: What is said of each thing, in the order of the page.
FIELDS = ("holder", "payer", "paid_until", *TEXTS)

#: The project has no such thing, and needs none.
UNUSED = "unused"

SEPARATOR = "."

#: Without these nobody else could go on.
NEEDED = ("holder", "documented")


def parameter(kind: Kind, field: str) -> str:
    """What a field of a thing is called in forms and in actions."""
    return f"{kind.value}_{field}"


def parameters() -> list[str]:
    """All of them, in the order of the page."""
    return [parameter(kind, name) for kind, name in _fields()]


def whole(stored: Mapping[str, Mapping[str, Any]]) -> Entries:
    """What is said of all things, with what isn't said as "".

    :param stored: as a row has it, or nothing where there is none
    """
    return {kind.value: _whole(stored.get(kind.value) or {}) for kind in Kind}


def _whole(entry: Mapping[str, Any]) -> Entry:
    said = {name: entry.get(name) or "" for name in FIELDS}
    return {UNUSED: bool(entry.get(UNUSED)), **said}


def changed(said: Entries, data: Mapping[str, Any]) -> Entries:
    """The same with what somebody says now; what isn't given stays.

    :param data: by the names of the parameters
    """
    return {
        kind.value: {
            name: data.get(parameter(kind, name), value)
            for name, value in said[kind.value].items()
        }
        for kind in Kind
    }


def of_parameters(data: Mapping[str, Any]) -> Entries:
    """The same where all of it is given, by the names of the parameters."""
    return changed(whole({}), data)


def is_settled(entry: Mapping[str, Any]) -> bool:
    """Whether others know how to go on with a thing.

    The project has no such thing, or it is written down who holds it and
    where it is documented. A name that was covered says nothing.
    """
    if entry.get(UNUSED):
        return True
    return all(
        (entry.get(name) or "").replace(COVER, "").strip() for name in NEEDED
    )


def is_paid(entry: Mapping[str, Any], today: datetime.date) -> bool:
    """Whether nothing is known to be paid no longer."""
    until = partial_dates.last_day(entry["paid_until"])
    return until is None or until >= today


def missing(said: Entries) -> list[str]:
    """The kinds of things that nobody else could go on with, in order."""
    return [kind.value for kind in Kind if not is_settled(said[kind.value])]


def is_complete(stored: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a project could change hands tomorrow: each thing is settled."""
    return not missing(whole(stored))


def version(said: Entries) -> str:
    """What stands for all that a folder says: a short sum of each field.

    By it is told later what has changed, without keeping what it was.
    """
    return SEPARATOR.join(
        _sum(said[kind.value][name]) for kind, name in _fields()
    )


def changed_since(read: str, said: Entries) -> list[str]:
    """The parameters whose fields say something else by now.

    What was never read, does.

    :param read: the version that somebody has read
    :param said: what the folder says now
    """
    before, now = read.split(SEPARATOR), version(said).split(SEPARATOR)
    return [
        name
        for place, name in enumerate(parameters())
        if before[place : place + 1] != now[place : place + 1]
    ]


def _fields() -> list[tuple[Kind, str]]:
    """What is said of each thing, in the order of the page."""
    return [(kind, name) for kind in Kind for name in (UNUSED, *FIELDS)]


def _sum(value: str | bool) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:8]
