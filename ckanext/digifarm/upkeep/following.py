"""Lets what is known of addresses follow where something gets other ones.

`run-due` would do so within minutes; who has just corrected an address looks
at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from .. import config
from ..lib.ckan import model
from . import addresses

#: Where the session keeps them until its commit.
KEY = "digifarm_addresses"


def note(urls: Iterable[str | None]) -> None:
    """Look before the commit whether something still has some addresses.

    :param urls: what something had, and what it has now
    """
    found = {url for url in urls if url}
    if found and config.upkeep_enabled():
        model.Session().info.setdefault(KEY, set()).update(found)


@event.listens_for(model.Session, "before_commit")
def follow(session: Session, *_: Any) -> None:
    """Take in and forget what was noted."""
    # What isn't written yet is noted by that.
    session.flush()
    urls = session.info.pop(KEY, None)
    if urls:
        addresses.refresh(*sorted(urls))
