"""Counts how much datasets are used, whatever has changed them."""

from __future__ import annotations

import datetime

from ..lib.due_work import ALL, Kind
from . import use_counts

KINDS = (
    Kind(
        use_counts.JOB,
        lambda: [ALL],
        use_counts.recount,
        datetime.timedelta(minutes=10),
    ),
)
