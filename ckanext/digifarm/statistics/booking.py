"""The book of the numbers: what events mean for them, month by month.

Months are those of the portal's clock. Of levels the book has what they go up
and down by, so nothing is written where nothing happens.
"""

from __future__ import annotations

import datetime
from collections import Counter

from ..lib.dates import local_day
from .groups import ALL, Facts, Group, groups_of
from .model import Counted, Figure
from .numbers import Number

#: The days on which it is the same month everywhere.
MIDDLE = range(2, 28)

#: Days are counted one by one up to here.
HUNDRED = 100


def month_of(moment: datetime.datetime) -> datetime.date:
    """The first day of a moment's month, by the clock of the portal.

    :param moment: in UTC, without a zone
    """
    return local_day(moment).replace(day=1)


class Book:
    """What the months have; one month at a time is held in memory.

    :param since: the first month that is written; what comes before it is
        right already
    """

    def __init__(self, since: datetime.date) -> None:
        self._since = since
        self._month = datetime.date.min
        self._amounts: Counter[Counted] = Counter()

    def turn(self, moment: datetime.datetime) -> None:
        """Go on to a moment; moments come in their order."""
        month = moment.date().replace(day=1)
        # Where no clock of the world has another month, none need be asked.
        if month == self._month and moment.day in MIDDLE:
            return
        month = month_of(moment)
        if month > self._month:
            self.close()
            self._month = month

    def add(
        self,
        number: Number,
        key: str = "",
        facts: Facts | None = None,
        amount: int = 1,
        took: datetime.timedelta | None = None,
    ) -> None:
        """Add to a number.

        :param facts: those of the project that it is about (default: none)
        :param took: how long it took, of durations
        """
        days = rounded(took.days) if took else 0
        for group in groups_of(facts) if facts else (ALL,):
            self._amounts[Counted(number, key, group, days)] += amount

    def add_to(self, group: Group, number: Number, amount: int) -> None:
        """Add to a number of a group alone."""
        self._amounts[Counted(number, "", group)] += amount

    def close(self) -> None:
        """Write the month; commits nothing."""
        if self._month >= self._since:
            Figure.write(self._month, self._amounts)
        self._amounts.clear()


def rounded(days: int) -> int:
    """A number of days with two digits that count.

    So that there are few different ones, however much is counted.
    """
    step = 1
    while days // step >= HUNDRED:
        step *= 10
    return days // step * step
