"""Numbers as a table: a row for each period, a column for each number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .numbers import Kind


def header(found: dict[str, Any]) -> list[str]:
    """The names of the columns.

    :param found: what :py:func:`digifarm_statistics` gives
    """
    return ["period", *(name for name, _ in _columns(found))]


def rows(found: dict[str, Any]) -> Iterator[list[Any]]:
    """The values, period by period."""
    columns = [values for _, values in _columns(found)]
    for place, period in enumerate(found["periods"]):
        yield [period, *(values[place] for values in columns)]


def _columns(found: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    columns = []
    for row in found["numbers"]:
        name = ".".join(filter(None, [row["number"], row["key"]]))
        if row["kind"] != Kind.DURATION.value:
            columns.append((name, row["values"]))
            continue
        columns += [
            (
                f"{name}.{part}",
                [value and value[part] for value in row["values"]],
            )
            for part in ("count", "median", "ninety")
        ]
    return columns
