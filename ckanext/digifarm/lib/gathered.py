"""Mails to the same reader that go out as one.

What somebody is asked now and then comes for all of their things at a time. So
a mail whose check has a `part` waits for the next morning, and goes out with
all others of that day; one that is alone goes as it was written. Until then
each is a row of its own, is looked at on its own when it goes out, and can be
taken back on its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import clock

#: The template of such a mail.
TEMPLATE = "lib/emails/several"

#: In this hour they go out (UTC): nobody is written to at night.
HOUR = 5


@dataclass(frozen=True)
class Part:
    """What a mail says in one that is made of several.

    :param heading: the paragraph above; it stands once for all that have it
    :param words: what it is about, in a line
    :param address: where one goes on
    :param lines: what there is to know besides
    :param after: the paragraph below; it stands once for all that have it,
        and the same heading
    """

    heading: str
    words: str
    address: str
    lines: Sequence[str] = ()
    after: str = ""


def morning() -> datetime.datetime:
    """When what is written now goes out."""
    now = clock.now()
    today = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return today if now < today else today + datetime.timedelta(days=1)


def values(subject: str, parts: Sequence[Part]) -> dict[str, Any]:
    """What the template needs.

    :param subject: that of the first mail
    """
    groups: dict[str, dict[str, list[Part]]] = {}
    for part in parts:
        group = groups.setdefault(part.heading, {})
        group.setdefault(part.after, []).append(part)
    return {
        "first": subject,
        "more": len(parts) - 1,
        "have_own": len({part.address for part in parts}) == len(parts),
        "groups": groups,
    }
