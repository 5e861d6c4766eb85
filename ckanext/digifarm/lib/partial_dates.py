"""Dates as people write them, as precise as they are known.

Libraries that read dates fill in what is missing, and read far more than a
date; this keeps what was said. The names of months are those of the CLDR, in
all languages of the portal.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from babel import Locale, UnknownLocaleError
from babel.dates import get_month_names

from .. import config
from . import clock
from .language import ENGLISH

#: More than any date needs.
MAX_LENGTH = 40

#: The largest number first: `2021`, `2021-10`, `2021-10-01`, also with dots
#: or slashes. These are the reduced precisions of ISO 8601.
YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?:(?P<mark>[-./])(?P<month>\d{1,2})"
    r"(?:(?P=mark)(?P<day>\d{1,2}))?)?\.?",
    re.ASCII,
)

#: `10/2021`, `1.10.2021`.
YEAR_LAST = re.compile(
    r"(?:(?P<day>\d{1,2})(?P<mark>[-./]) ?)?(?P<month>\d{1,2})[-./] ?"
    r"(?P<year>\d{4})",
    re.ASCII,
)

#: `Oktober 2021`, `1. Okt. 2021`, `October 1st, 2021`.
NAMED = re.compile(
    r"(?:(?P<day>\d{1,2})(?:\.|st|nd|rd|th)? ?(?:of )?)?"
    r"(?P<name>[^\W\d_]{3,20})\.?,? ?"
    r"(?:(?P<later>\d{1,2})(?:st|nd|rd|th)?,? )?(?P<year>\d{4})",
    re.IGNORECASE,
)


def read(line: str) -> str:
    """A date as it is stored: `2021`, `2021-10` or `2021-10-01`.

    Of numbers with slashes or hyphens before a year, only those are read that
    everybody reads alike: `01/10/2021` is a day of January for some.

    :raises ValueError: where it is none
    """
    words = " ".join(line.split())
    if len(words) > MAX_LENGTH:
        raise ValueError("too long")
    year, month, day = _parts(words)
    datetime.date(year, month or 1, day or 1)
    numbers = [f"{year:04}", *(f"{n:02}" for n in (month, day) if n)]
    return "-".join(numbers)


def _parts(words: str) -> tuple[int, int, int]:
    """Year, month and day, each 0 where it isn't known."""
    if found := YEAR_FIRST.fullmatch(words) or YEAR_LAST.fullmatch(words):
        month, day = _number(found["month"]), _number(found["day"])
        if found.re is YEAR_LAST and found["mark"] in {"/", "-"}:
            day, month = _day_and_month(day, month)
        return int(found["year"]), month, day
    found = NAMED.fullmatch(words)
    month = _month(found["name"]) if found else 0
    if not (found and month) or (found["day"] and found["later"]):
        raise ValueError("no date")
    day = _number(found["day"] or found["later"])
    return int(found["year"]), month, day


def _number(digits: str | None) -> int:
    """A day or a month, 0 where there is none.

    :raises ValueError: for what is written as 0
    """
    number = int(digits or 0)
    if digits and not number:
        raise ValueError("no date")
    return number


def _day_and_month(first: int, second: int) -> tuple[int, int]:
    """What two numbers before a year mean, if they can mean one thing only.

    :raises ValueError: where some read them one way, others the other way
    """
    months = range(1, 13)
    if first in months and second in months and first != second:
        raise ValueError("ambiguous")
    return (first, second) if second in months else (second, first)


def _month(name: str) -> int:
    """The number of a month, or 0 where no language calls one so.

    The portal's own language counts before English, and that before others.
    """
    offered = tk.h.get_available_locales()
    names = (locale.short_name for locale in offered)
    for language in (config.default_language(), ENGLISH, "de", *names):
        if number := _months(language).get(name.casefold(), 0):
            return number
    return 0


@lru_cache(maxsize=100)
def _months(language: str) -> dict[str, int]:
    """The months of a language, by their names in all lengths."""
    try:
        locale = Locale.parse(language.partition("@")[0])
    except (UnknownLocaleError, ValueError):
        return {}
    return dict(_names(locale))


def _names(locale: Locale) -> Iterator[tuple[str, int]]:
    for context in ("format", "stand-alone"):
        for width in ("abbreviated", "wide"):
            months = get_month_names(width, context, locale)
            for number, name in months.items():
                yield name.rstrip(".").casefold(), number


def first_day(date: str) -> datetime.date | None:
    """The first day of a date as it is stored; None where that is none."""
    try:
        year, month, day = [*map(int, date.split("-")), 1, 1][:3]
        return datetime.date(year, month, day)
    except (ValueError, OverflowError):
        return None


def last_day(date: str) -> datetime.date | None:
    """The last day of a date as it is stored; None where that is none."""
    try:
        year, month, day = [*map(int, date.split("-")), 0, 0][:3]
        if day:
            return datetime.date(year, month, day)
        months = year * 12 + (month or 12)
        following = datetime.date(months // 12, months % 12 + 1, 1)
        return following - datetime.timedelta(days=1)
    except (ValueError, OverflowError):
        return None


def has_passed(date: str | None) -> bool:
    """Whether the last day of a date as it is stored is before today."""
    last = last_day(date or "")
    return last is not None and last < clock.now().date()


def is_over(column: Any, day: datetime.date) -> sa.ColumnElement[bool]:
    """Whether the last day of a date that a column holds is before a day.

    What is less precise is over when all that it may mean is. A column that
    holds none, or nothing, is not.
    """
    known = sa.func.length(column)
    return (column != "") & (column < sa.func.left(day.isoformat(), known))
