"""Finds what has taken the place of a dataset that was deleted.

Its publisher may have named another one. And harvesters delete an entry and
create it anew, with another id: that is no loss, though projects have to be
linked with the new one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from ..lib.ckan import Context, model
from ..successors import chains, guessing
from .comparing import Dataset

#: What stands at the same address, or has the same name, may have done so for
#: long; only what came then is the same entry. Some create it before they
#: delete the other one.
BEFORE = timedelta(days=1)


class Successor(NamedTuple):
    """What has taken the place of a dataset.

    :param is_named: whether its publisher has named it; else it is only
        likely to be the same entry
    """

    package: model.Package
    is_named: bool


def named(lost: Dataset) -> Successor | None:
    """The public dataset that is said to replace another one.

    One SQL statement.
    """
    found = chains.ends(Context(user=""), [lost.id]).get(lost.id)
    return Successor(found, is_named=True) if found else None


def came_back_as(lost: Dataset, since: datetime) -> Successor | None:
    """The public dataset that has taken the place of one that is gone.

    The one that was named, or else of the same organisation: with an
    identifier of it, or created by then with its address or its name. Two SQL
    statements.

    :param lost: as it was
    :param since: since when it is gone
    """
    if successor := named(lost):
        return successor
    facts = guessing.Facts(
        # It may be there again under its own id, without its links.
        id="",
        owner_org=lost.owner_org,
        name=lost.name,
        title=lost.title,
        url=lost.url,
        identifiers=lost.identifiers,
    )
    for guess in guessing.likely([facts]):
        is_it = guess.is_identified or guess.created >= since - BEFORE
        if is_it and not guess.found.private:
            return Successor(guess.found, is_named=False)
    return None
