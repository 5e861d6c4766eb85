"""The numbers are counted each hour; see docs/statistics.md."""

from __future__ import annotations

import datetime

from ..lib.due_work import ALL, Kind
from . import aggregating, finding

HOUR = datetime.timedelta(hours=1)

KINDS = (
    Kind(
        "statistics-found",
        lambda: [ALL],
        lambda _: finding.find(),
        24 * HOUR,
    ),
    Kind("statistics", lambda: [ALL], lambda _: aggregating.aggregate(), HOUR),
)
