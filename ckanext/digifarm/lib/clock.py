"""The time, as the database holds it."""

from __future__ import annotations

import datetime


def now() -> datetime.datetime:
    """The time in UTC, without a zone, as CKAN's own columns have it."""
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def days_ago(days: float) -> datetime.datetime:
    """The time so many days ago."""
    return now() - datetime.timedelta(days=days)
