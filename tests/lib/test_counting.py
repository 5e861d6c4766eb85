"""Lists count all, or as much as anybody reads."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ckanext.digifarm.lib.counting import part_of

pytestmark = pytest.mark.usefixtures("shared_portal")

NUMBERS = sa.select(
    sa.func.generate_series(1, 30)
    .table_valued("number")
    .render_derived()
    .c.number
).order_by("number")


@pytest.mark.parametrize(
    ("limit", "offset", "enough", "count", "found"),
    [
        (3, 0, None, 30, [1, 2, 3]),
        (3, 28, None, 30, [29, 30]),
        (3, 30, None, 30, []),
        (3, 0, 10, 10, [1, 2, 3]),
        (3, 5, 10, 15, [6, 7, 8]),
        (3, 25, 10, 30, [26, 27, 28]),
        (3, 99, 10, 30, []),
        (None, 28, 10, 30, [29, 30]),
    ],
)
def test_a_part_and_how_much_there_is(limit, offset, enough, count, found):
    assert part_of(NUMBERS, limit, offset, enough) == (count, found)


def test_of_nothing():
    nothing = NUMBERS.where(sa.false())
    assert part_of(nothing, 3, 0) == (0, [])
