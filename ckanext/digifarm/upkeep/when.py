"""When addresses are looked at again: each at its own time of the week."""

from __future__ import annotations

import datetime
import hashlib

from ..lib import clock
from .model import Health

WEEK = datetime.timedelta(days=7)

#: What has failed is asked again before its time.
AFTER_FAILURE = datetime.timedelta(days=2)

#: What was busy, and didn't say for how long, or for a moment.
AFTER_BUSY = datetime.timedelta(days=1)

#: What couldn't be asked now.
LATER = datetime.timedelta(minutes=15)

#: The portal had no way out.
OFFLINE = datetime.timedelta(hours=1)

#: Nobody is left alone for longer, whatever they say.
LONGEST_WAIT = datetime.timedelta(days=14)

_START = datetime.datetime(2001, 1, 1)  # noqa: DTZ001 – as the clock has it


def next_time(url: str, health: Health | None = None) -> datetime.datetime:
    """When to look at an address again.

    After the first time in half a week to one and a half, then once a week:
    so that all addresses spread over it, whenever they came.
    """
    now = clock.now()
    if health is Health.FAILING:
        return now + AFTER_FAILURE
    digest = hashlib.sha256(url.encode()).digest()
    place = WEEK * (int.from_bytes(digest[:4], "big") / 2**32)
    earliest = now + WEEK / 2
    passed = (earliest - _START - place) // WEEK
    return _START + place + (passed + 1) * WEEK
