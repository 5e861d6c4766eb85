"""Addresses are looked at in turn; see docs/upkeep.md."""

from __future__ import annotations

import datetime

from ..lib.due_work import ALL, Kind, Queue
from . import checking, telling

DAY = datetime.timedelta(days=1)

KINDS = (
    Queue("checks", checking.count, checking.run, is_slow=True),
    # Nobody has done anything about it, or somebody has it since.
    Kind("long-dead", lambda: [ALL], lambda _: telling.tell_of_dead(), DAY),
)
