"""Which accounts have made links."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from ..lib import personal
from ..lib.ckan import model
from .model import Link


def of(accounts: Collection[str]) -> list[Link]:
    """The links that some accounts have made."""
    query = sa.select(Link).where(Link.created_by.in_(accounts))
    return list(model.Session.scalars(query.order_by(Link.created)))


def erase(accounts: Collection[str]) -> int:
    """Forget that they have; commits nothing.

    :returns: of how many links
    """
    return personal.forget_makers(Link, Link.created_by.in_(accounts))


def forget(before: datetime) -> int:
    """Forget who has made what is old; commits nothing."""
    return personal.forget_makers(Link, Link.created < before)


def export(link: Link) -> dict[str, object]:
    """What is stored of a link, in words."""
    return {
        "project": personal.package(link.project_id),
        "dataset": personal.package(link.dataset_id),
        "relation": link.relation,
        "note": link.note,
        "created": link.created,
    }
