"""Tables for programs that calculate."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

#: How a cell begins that such a program would run.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV, whose texts no program takes for formulas.

    :param header: names of the columns
    :param rows: their values; None is left empty
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    is_formula = isinstance(value, str) and value.startswith(FORMULAS)
    return f"'{value}" if is_formula else value
