"""The periods of which numbers are asked."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterator
from typing import NamedTuple

#: Of so many months numbers are given one by one, of more by years.
MOST_MONTHS = 36

#: So many months are shown first.
USUAL_MONTHS = 12


class Step(str, enum.Enum):
    """How long a period is."""

    MONTH = "month"
    YEAR = "year"


class Span(NamedTuple):
    """From a month to another, in periods.

    :param since: the first day of the first month
    :param until: the first day of the last month
    """

    since: datetime.date
    until: datetime.date
    step: Step

    @classmethod
    def of(
        cls,
        since: datetime.date | None,
        until: datetime.date | None,
        step: Step | None,
        begins: datetime.date,
        today: datetime.date,
    ) -> Span:
        """What is asked for, within what there is; years are whole.

        :param begins: the first month of which something is known
        :param today: no month after this one has begun
        """
        last = min(until or today, today).replace(day=1)
        last = max(last, begins)
        usual = add_months(last, 1 - USUAL_MONTHS)
        first = min(max(since or usual, begins), last).replace(day=1)
        months = _number(last) - _number(first) + 1
        if step is None or months > MOST_MONTHS:
            step = Step.YEAR if months > MOST_MONTHS else Step.MONTH
        if step is Step.YEAR:
            first = max(first.replace(month=1), begins)
            last = min(last.replace(month=12), today)
        return cls(first, last, step)

    def periods(self) -> Iterator[datetime.date]:
        """The first day of each period; it may be before the first month."""
        period = self.start(self.since)
        while period <= self.until:
            yield period
            period = add_months(period, 12 if self.step is Step.YEAR else 1)

    def start(self, month: datetime.date) -> datetime.date:
        """The first day of the period that a month is in."""
        is_year = self.step is Step.YEAR
        return month.replace(month=1) if is_year else month


def add_months(month: datetime.date, number: int) -> datetime.date:
    """The month so many months later, or earlier."""
    year, place = divmod(_number(month) + number, 12)
    return datetime.date(year, place + 1, 1)


def _number(month: datetime.date) -> int:
    return month.year * 12 + month.month - 1
