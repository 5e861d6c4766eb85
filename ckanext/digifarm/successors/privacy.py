"""Which accounts have named what replaces datasets."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from ..lib import personal
from ..lib.ckan import model
from .model import Successor


def of(accounts: Collection[str]) -> list[Successor]:
    """What some accounts have named."""
    query = sa.select(Successor).where(Successor.created_by.in_(accounts))
    return list(model.Session.scalars(query.order_by(Successor.created)))


def erase(accounts: Collection[str]) -> int:
    """Forget that they have; commits nothing.

    :returns: of how many datasets
    """
    return personal.forget_makers(
        Successor, Successor.created_by.in_(accounts)
    )


def forget(before: datetime) -> int:
    """Forget who has named what is old; commits nothing."""
    return personal.forget_makers(Successor, Successor.created < before)


def export(row: Successor) -> dict[str, object]:
    """What is stored of one, in words."""
    return {
        "dataset": personal.package(row.dataset_id),
        "successor": personal.package(row.successor_id),
        "unchanged": row.unchanged,
        "created": row.created,
    }
