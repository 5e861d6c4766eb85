"""The index says what the database says, and what waits for whom is right."""

from __future__ import annotations

import datetime

from ..lib.due_work import ALL, Kind
from ..lib.waiting import look_again
from . import index_check


def _repair(_: str) -> None:
    """Let the index say what is stored, by a job for each project."""
    index_check.repair_later(index_check.differences())


KINDS = (
    Kind("waiting", lambda: [ALL], look_again, datetime.timedelta(days=1)),
    Kind("index", lambda: [ALL], _repair, datetime.timedelta(hours=1)),
)
