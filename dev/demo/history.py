"""When the demo's content came about: two years, told by the clock.

Actions take the time from ckanext.digifarm.lib.clock, so it is moved for each
item; what events, statistics and pages say of the past comes of that.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from ckan import model
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.notices.model import Notice
from ckanext.digifarm.statistics import aggregating, finding

FILE = Path(__file__).parent / "history.yaml"

#: What is older was read long ago.
NEW = datetime.timedelta(days=7)

#: So often, in days, it is found out what no step tells.
FIND = 30


def read() -> dict[str, Any]:
    """The file that says when things came about."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def days_ago(ago: dict[str, int], title: str, after: int | None) -> int:
    """How many days ago an item came about.

    :param ago: the days by titles, or what titles begin with
    :param title: of the item
    :param after: the days of what it belongs to, if it does
    """
    named = max((n for n in ago if title.startswith(n)), key=len, default="")
    if named:
        return ago[named]
    return max(after - 1, 0) if after else 0


class Days:
    """The days of the history, one after another."""

    def __init__(self) -> None:
        self._found = 10_000

    @contextmanager
    def at(self, days: int) -> Iterator[None]:
        """Let it be so many days ago, at the time of day that it is."""
        real = clock.read
        clock.read = lambda: real() - datetime.timedelta(days)
        try:
            yield
            if self._found - days >= FIND:
                self._found = days
                finding.find()
                model.Session.commit()
        finally:
            clock.read = real


def close() -> None:
    """Count all that has happened; old mails and news are forgotten."""
    old = clock.now() - NEW
    for table in (Mail, Notice):
        model.Session.execute(sa.delete(table).where(table.created < old))
    finding.find()
    aggregating.rebuild()
    model.Session.commit()
