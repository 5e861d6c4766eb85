"""Charts of numbers over time: columns, as the template draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

#: The size of the drawing, in units of its own: it is as wide as its place.
WIDTH, HEIGHT = 240.0, 40.0

#: Of fewer values than so many, columns are not wider.
FEWEST = 12

#: The part of a column's place that stays empty.
GAP = 0.2


class Column(NamedTuple):
    """A column of a chart, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float


def columns(values: Sequence[Any], highest: float) -> list[Column]:
    """The columns of some values; none where there is nothing.

    :param values: numbers, durations, or None
    :param highest: the value that is as high as the drawing
    """
    place = WIDTH / max(len(values), FEWEST)
    found = []
    for number, value in enumerate(values):
        size = amount(value)
        if size and highest:
            # What is there is seen, however little it is.
            height = max(HEIGHT * size / highest, 1.5)
            found.append(
                Column(
                    round(place * (number + GAP / 2), 2),
                    round(HEIGHT - height, 2),
                    round(place * (1 - GAP), 2),
                    round(height, 2),
                )
            )
    return found


def amount(value: Any) -> int:
    """What is drawn of a value: of durations, the median."""
    if isinstance(value, dict):
        value = value["median"]
    return value or 0
