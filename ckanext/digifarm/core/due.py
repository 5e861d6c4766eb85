"""The index says what the database says, and what waits for whom is right."""

from __future__ import annotations

import datetime

from ..lib.due_work import ALL, Kind
from ..lib.waiting import look_again
from . import index_check


def _repair(_: str) -> None:
    """Let the index say what is stored.

    :raises RuntimeError: where some projects can't be repaired
    """
    if failed := index_check.repair(index_check.differences()):
        raise RuntimeError(f"{len(failed)} projects can't be repaired")


KINDS = (
    Kind("waiting", lambda: [ALL], look_again, datetime.timedelta(days=1)),
    Kind("index", lambda: [ALL], _repair, datetime.timedelta(hours=1)),
)
