"""All that is wrong with a record, so that it is said at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ckantoolkit as tk

from ..lib import core_words
from . import columns
from .record import Complaint, Record

#: How a table calls a place: its cell, and what stands above it.
_CELL = re.compile(r"([A-Z]{1,3})[0-9]+\b")


class Gathering:
    """What is found wrong with a record, step by step.

    Of a field, the first complaint counts: what is said of its cell. Where a
    cell has rows, each of them counts.

    :param record: with what was found wrong when it was read
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self.found = [
            Complaint(key, message)
            for key, messages in record.errors.items()
            for message in messages
        ]
        self._keys = {complaint.key for complaint in self.found}

    def __bool__(self) -> bool:
        return bool(self.found)

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Let the block complain; what follows it is done all the same."""
        try:
            yield
        except tk.ValidationError as e:
            new = self._new(of_errors(e.error_dict, self._record))
            self._keys |= {complaint.key for complaint in new}
            self.found += new

    def _new(self, complaints: list[Complaint]) -> list[Complaint]:
        """Those of whose cell nothing was said yet, or of another row there.

        What was wrong with a value is not said once more of its absence.
        """
        with_rows = {
            key
            for field, key in self._record.keys.items()
            if columns.has_rows(field)
        }
        said = {(one.key, one.message) for one in self.found}
        return [
            one
            for one in complaints
            if (
                (one.key, one.message) not in said
                if one.key in with_rows or columns.has_rows(one.key)
                else one.key not in self._keys
            )
        ]

    def without_wrong(self, values: dict[str, Any]) -> dict[str, Any]:
        """Those values that nobody has complained about."""
        keys = self._record.keys
        return {
            field: value
            for field, value in values.items()
            if keys.get(field, field) not in self._keys
        }


def in_order(found: Iterable[Complaint]) -> list[Complaint]:
    """Complaints as people read their cells, then those about the whole."""

    def place(complaint: Complaint) -> tuple[bool, int, str]:
        cell = _CELL.match(complaint.key)
        letters = cell.group(1) if cell else ""
        return not cell, len(letters), letters

    return sorted(found, key=place)


def of_errors(errors: Mapping[str, Any], record: Record) -> list[Complaint]:
    """What actions refuse, each after the name that it has in the file."""
    return [
        Complaint(_key(record, field), message, field)
        for field, messages in errors.items()
        for message in _texts(messages)
    ]


def _key(record: Record, field: str) -> str:
    """What the file calls a field; a name may be made from the title."""
    if field == "name" and "name" not in record.keys:
        field = "name" if "title" not in record.keys else "title"
        return record.keys.get("title", field)
    return record.keys.get(field, field)


def _texts(messages: Any) -> Iterator[str]:
    """The sentences in what validators say, also of rows of a field."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            for text in _texts(inner):
                yield f"{name} – {text}" if name != "name" else text
    elif isinstance(messages, list | tuple):
        for inner in messages:
            yield from _texts(inner)
    elif messages:
        yield core_words.plain(str(messages))
