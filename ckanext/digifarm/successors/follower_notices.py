"""Tells those who follow a dataset, by CKAN's own button, what replaces it."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array

from ..lib.ckan import model
from ..lib.events import Subject
from ..notices import gathering
from ..notices.kinds import Data, Kind
from .model import Successor


def followed(unread: sa.CTE) -> sa.Select[Any]:
    """Tell the followers of datasets that are replaced from now on.

    Of what was taken back, or changed again, only what is so now.
    """
    event, follower = unread.c, model.UserFollowingDataset
    old, new = (sa.alias(model.package_table) for _ in "12")
    last = (
        sa.select(
            event.subject_id,
            sa.func.max(event.number).label("number"),
        )
        .where(event.subject == Subject.SUCCESSOR.value)
        .group_by(event.subject_id)
        .subquery("last")
    )
    return (
        sa.select(
            follower.follower_id.label("user_id"),
            sa.func.concat(old.c.id, " ", new.c.id).label("key"),
            array([old.c.id, new.c.id]).label("package_ids"),
            sa.func.jsonb_build_object(
                "dataset",
                gathering.package(old),
                "successor",
                gathering.package(new),
            ).label("data"),
        )
        .select_from(last)
        .join(unread, event.number == last.c.number)
        .join(Successor, Successor.dataset_id == last.c.subject_id)
        .join(old, old.c.id == Successor.dataset_id)
        .join(new, new.c.id == Successor.successor_id)
        .join(follower, follower.object_id == old.c.id)
        .where(
            old.c.state == model.State.ACTIVE,
            new.c.state == model.State.ACTIVE,
            event.created_by.is_distinct_from(follower.follower_id),
        )
    )


def _title(data: Data) -> str:
    return tk._("“{old}” was replaced by “{new}”.").format(
        old=data["dataset"]["title"], new=data["successor"]["title"]
    )


def _steps(data: Data) -> list[tuple[str, str]]:
    new = data["successor"]
    address = tk.h.url_for("dataset.read", id=new["name"], qualified=True)
    return [(tk._("Look at “{title}”").format(title=new["title"]), address)]


def _left(found: list[Data]) -> list[Data | None]:
    """What is so still."""
    pairs = [(d["dataset"]["id"], d["successor"]["id"]) for d in found]
    key = sa.tuple_(Successor.dataset_id, Successor.successor_id)
    query = sa.select(Successor.dataset_id, Successor.successor_id)
    rows = model.Session.execute(query.where(key.in_(pairs)))
    so = {row.tuple() for row in rows}
    return [
        data if pair in so else None
        for pair, data in zip(pairs, found, strict=True)
    ]


gathering.gather_by(
    Kind(
        "followed-data",
        lambda: tk._("Datasets that you follow are replaced"),
        _title,
        steps=_steps,
        left=_left,
    ),
    followed,
)
