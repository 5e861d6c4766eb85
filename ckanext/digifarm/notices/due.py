"""What has happened becomes notices, and notices become digests."""

from __future__ import annotations

import datetime

from ..lib.due_work import ALL, Kind
from . import digests, gathering

HOUR = datetime.timedelta(hours=1)

KINDS = (
    Kind("notices", lambda: [ALL], lambda _: gathering.gather(), HOUR),
    Kind(
        "digests",
        lambda: [ALL],
        lambda _: digests.write_digests(),
        # More often than people have hours, so that none waits for long.
        datetime.timedelta(minutes=15),
    ),
)
