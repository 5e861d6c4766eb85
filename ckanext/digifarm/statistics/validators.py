from __future__ import annotations

import datetime
from typing import Any

import ckantoolkit as tk

from ..lib import partial_dates


def digifarm_first_month(value: Any) -> datetime.date | None:
    """A month or a year; of a year, its first month."""
    return _month(value, 1)


def digifarm_last_month(value: Any) -> datetime.date | None:
    """A month or a year; of a year, its last month."""
    return _month(value, 12)


def _month(value: Any, usual: int) -> datetime.date | None:
    if not value:
        return None
    day = partial_dates.first_day(value) if isinstance(value, str) else None
    if day is None:
        raise tk.Invalid(
            tk._("Please write a month, such as {month}").format(
                month="2026-11"
            )
        )
    is_year = len(value) == len("2026")
    return day.replace(day=1, month=usual if is_year else day.month)
