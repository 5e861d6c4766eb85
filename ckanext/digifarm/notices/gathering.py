"""Gathers what has happened into notices, in the database.

A subject says for a kind of notice how those are found whom something
concerns; all of them are told by one statement, however many they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from ..lib import clock, events
from ..lib.ckan import model
from .kinds import Data, Kind, register
from .model import Notice
from .words import NAMED

#: Who reads the events; see lib/events.py.
READER = "notices"


@dataclass(frozen=True)
class Gathering:
    """How notices of a kind come into being.

    :param kind: what is told; no kind that is urgent
    :param find: given the events that nobody has read, gives a query for what
        is told, with the columns `user_id`, `key`, `package_ids` and `data`
        of a notice
    """

    kind: Kind
    find: Callable[[sa.CTE], sa.Select[Any]]


GATHERINGS: list[Gathering] = []


def gather_by(
    kind: Kind, find: Callable[[sa.CTE], sa.Select[Any]]
) -> Gathering:
    """Let a kind of notice be known, and how it is gathered.

    :param kind: what is told
    :param find: see `Gathering`
    """
    gathering = Gathering(register(kind), find)
    GATHERINGS.append(gathering)
    return gathering


def gather() -> None:
    """Tell all that has happened since the last time; commits nothing.

    How far was read is stored by the same transaction, so that nothing is
    lost, and nothing told twice.
    """
    found = events.unread(READER)
    for gathering in GATHERINGS:
        model.Session.execute(statement(gathering, found))


def statement(gathering: Gathering, unread: sa.Select[Any]) -> Any:
    """The statement that tells all of one kind."""
    kind = gathering.kind
    found = gathering.find(unread.cte("unread")).subquery()
    user = sa.alias(model.user_table)
    values = {
        "id": sa.cast(sa.func.gen_random_uuid(), sa.UnicodeText),
        "user_id": found.c.user_id,
        "kind": sa.literal(kind.name, sa.UnicodeText),
        "key": found.c.key,
        "package_ids": found.c.package_ids,
        "data": found.c.data,
        "created": sa.literal(clock.now(), sa.DateTime),
    }
    rows = (
        sa.select(*values.values())
        .join(user, user.c.id == found.c.user_id)
        .where(
            user.c.state == model.State.ACTIVE,
            user.c.email != "",
            user.c.name != tk.config["ckan.site_id"],
        )
        # In one order, so that no two wait for each other.
        .order_by(found.c.user_id, found.c.key)
    )
    return (
        insert(Notice)
        .from_select([*values], rows)
        .on_conflict_do_nothing(index_elements=["user_id", "kind", "key"])
    )


def titles(title: Any, condition: Any) -> Any:
    """SQL for how many titles there are, and the first of them."""
    texts = ARRAY(sa.UnicodeText)
    found = sa.distinct(title)
    # Of nothing, an empty list.
    every = sa.func.coalesce(
        sa.func.array_agg(found).filter(condition),
        sa.cast([], texts),
        type_=texts,
    )
    return sa.func.jsonb_build_object(
        "count",
        sa.func.count(found).filter(condition),
        "titles",
        sa.func.to_jsonb(every[1:NAMED]),
    )


def add_up(found: list[Data], name: str) -> Data:
    """The same of several notices together."""
    parts = [data.get(name) or {} for data in found]
    every = [title for part in parts for title in part.get("titles") or ()]
    return {
        "count": sum(part.get("count", 0) for part in parts),
        "titles": [*dict.fromkeys(every)][:NAMED],
    }


def package(table: Any) -> Any:
    """SQL for what a notice says of a project or a dataset."""
    return sa.func.jsonb_build_object(
        "id", table.c.id, "name", table.c.name, "title", title_of(table)
    )


def title_of(table: Any) -> Any:
    """SQL for what a package is called."""
    return sa.func.coalesce(sa.func.nullif(table.c.title, ""), table.c.name)
