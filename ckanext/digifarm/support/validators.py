from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import clock, partial_dates


def digifarm_until(value: Any) -> str:
    """A date that has not passed, as precise as it is known, or ""."""
    if isinstance(value, str) and not value.strip():
        return ""
    read: Any = tk.get_validator("digifarm_partial_date")
    date = read(value)
    last = partial_dates.last_day(date)
    if last is None or last < clock.now().date():
        raise tk.Invalid(tk._("Please give a day that has not passed"))
    return date
