"""The time, as the database holds it."""

from __future__ import annotations

import calendar
import datetime


def now() -> datetime.datetime:
    """The time in UTC, without a zone, as CKAN's own columns have it."""
    return read().replace(tzinfo=None)


def read() -> datetime.datetime:
    """What the clock shows; who tells of the past puts it back."""
    return datetime.datetime.now(datetime.timezone.utc)


def days_ago(days: float) -> datetime.datetime:
    """The time so many days ago."""
    return now() - datetime.timedelta(days=days)


def months_ago(months: int) -> datetime.datetime:
    """The time so many months ago, at the last day of a shorter one."""
    today = now()
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return today.replace(year=year, month=month + 1, day=min(today.day, last))
