"""Charts of numbers over time: columns, as the template draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

#: The size of the drawing, in units of its own: it is as wide as its place.
WIDTH, HEIGHT = 240.0, 40.0

#: The part of a column's place that stays empty.
GAP = 0.2

#: What is there is seen, however little it is; and so is that nothing was.
LEAST, ZERO = 4.0, 1.0


class Column(NamedTuple):
    """A column of a chart, in units of the drawing.

    :param is_zero: whether it says that there was nothing
    """

    x: float
    y: float
    width: float
    height: float
    is_zero: bool = False


def columns(values: Sequence[Any], highest: float) -> list[Column]:
    """The columns of some values; none where there is no value.

    :param values: numbers, durations, or None
    :param highest: the value that is as high as the drawing
    """
    place = WIDTH / max(len(values), 1)
    found = []
    for number, value in enumerate(values):
        if value is None:
            continue
        size = amount(value)
        height = max(HEIGHT * size / highest, LEAST) if size else ZERO
        found.append(
            Column(
                round(place * (number + GAP / 2), 2),
                round(HEIGHT - height, 2),
                round(place * (1 - GAP), 2),
                round(height, 2),
                not size,
            )
        )
    return found


def amount(value: Any) -> int:
    """What is drawn of a value: of durations, the median."""
    if isinstance(value, dict):
        value = value["median"]
    return value or 0
