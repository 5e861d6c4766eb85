"""What is told of private persons, and of spans of time."""

from __future__ import annotations

import datetime

import pytest

from ckanext.digifarm.statistics.booking import rounded
from ckanext.digifarm.statistics.periods import Span, Step
from ckanext.digifarm.statistics.reading import FOLDED, _took, folded


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({}, {}),
        ({"a": 1}, {FOLDED: None}),
        ({"a": 1, "b": 1}, {FOLDED: None}),
        ({"a": 1, "b": 2}, {FOLDED: 3}),
        ({"a": 3}, {"a": 3}),
        # Who knows all would know what is left.
        ({"a": 3, "b": 1}, {FOLDED: 4}),
        ({"a": 9, "b": 4, "c": 2}, {"a": 9, FOLDED: 6}),
        ({"a": 9, "b": 2, "c": 1}, {"a": 9, FOLDED: 3}),
        ({"a": 9, "b": 4}, {"a": 9, "b": 4}),
    ],
)
def test_rare_things_are_counted_together(cells, told):
    assert folded(cells) == told


@pytest.mark.parametrize(
    ("days", "kept"),
    [(0, 0), (99, 99), (100, 100), (123, 120), (999, 990), (1234, 1200)],
)
def test_days_have_two_digits(days, kept):
    assert rounded(days) == kept


def test_median_and_ninety():
    assert _took({}) is None
    assert _took({4: 1}) == {"count": 1, "median": 4, "ninety": 4}
    assert _took({1: 5, 2: 4, 30: 1}) == {
        "count": 10,
        "median": 1,
        "ninety": 2,
    }
    assert _took({1: 5, 2: 3, 30: 2}) == {
        "count": 10,
        "median": 1,
        "ninety": 30,
    }


BEGINS, TODAY = datetime.date(2020, 3, 1), datetime.date(2026, 11, 1)


def span(since: str, until: str, step: Step | None = None) -> list[str]:
    """The step and the first and the last period."""

    def day(month: str) -> datetime.date | None:
        return datetime.date.fromisoformat(f"{month}-01") if month else None

    found = Span.of(day(since), day(until), step, BEGINS, TODAY)
    periods = [f"{period:%Y-%m}" for period in found.periods()]
    return [found.step.value, periods[0], periods[-1]]


@pytest.mark.parametrize(
    ("since", "until", "step", "expected"),
    [
        ("", "", None, ["month", "2025-12", "2026-11"]),
        ("2026-05", "", None, ["month", "2026-05", "2026-11"]),
        ("", "2024-01", None, ["month", "2023-02", "2024-01"]),
        # Not before it began, nor later than now.
        ("1990-01", "2021-01", None, ["month", "2020-03", "2021-01"]),
        ("2026-10", "2030-01", None, ["month", "2026-10", "2026-11"]),
        ("2030-01", "2031-01", None, ["month", "2026-11", "2026-11"]),
        ("1990-01", "1991-01", None, ["month", "2020-03", "2020-03"]),
        ("2026-05", "2026-01", None, ["month", "2026-01", "2026-01"]),
        # Three years are told by months, more by years.
        ("2023-12", "2026-11", None, ["month", "2023-12", "2026-11"]),
        ("2023-11", "2026-11", None, ["year", "2023-01", "2026-01"]),
        ("2020-01", "", Step.MONTH, ["year", "2020-01", "2026-01"]),
        ("2026-01", "", Step.YEAR, ["year", "2026-01", "2026-01"]),
    ],
)
def test_spans(since, until, step, expected):
    assert span(since, until, step) == expected
