"""What has happened becomes notices, and notices become digests."""

from __future__ import annotations

import datetime

from ..lib.due_work import ALL, Kind
from . import digests, gathering, urgent

HOUR = datetime.timedelta(hours=1)

#: Each time that there is something, whenever that was before.
AGAIN = datetime.timedelta(0)

KINDS = (
    Kind("urgent-notices", urgent.waiting, urgent.write, AGAIN),
    Kind("notices", lambda: [ALL], lambda _: gathering.gather(), HOUR),
    Kind(
        "digests",
        lambda: [ALL],
        lambda _: digests.write_digests(),
        # More often than people have hours, so that none waits for long.
        datetime.timedelta(minutes=15),
    ),
)
