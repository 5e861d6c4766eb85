"""What accounts were told, and what they want to be told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..lib.ckan import model
from .kinds import KINDS
from .model import Notice, NoticeSettings


def of(accounts: Collection[str]) -> list[Notice]:
    """What some accounts were told."""
    query = sa.select(Notice).where(Notice.user_id.in_(accounts))
    return list(model.Session.scalars(query.order_by(Notice.created)))


def erase(accounts: Collection[str]) -> int:
    """Delete what some accounts were told; commits nothing.

    And what those want that nobody uses any more: the others would get again
    what they have turned off.

    :returns: how many rows were deleted
    """
    user = model.user_table.c
    closed = sa.select(user.id).where(
        user.id.in_(accounts), user.state == model.State.DELETED
    )
    return _delete(Notice.user_id.in_(accounts), Notice) + _delete(
        NoticeSettings.user_id.in_(closed), NoticeSettings
    )


def purge(before: datetime) -> int:
    """Delete what was told long ago; commits nothing."""
    return _delete(Notice.created < before, Notice)


def export(notice: Notice) -> dict[str, Any]:
    """What somebody was told, in words."""
    kind = KINDS.get(notice.kind)
    return {
        "about": kind.label() if kind else notice.kind,
        "title": kind.line([notice.data]) if kind else "",
        "created": notice.created,
        "sent": notice.sent,
    }


def settings(accounts: Collection[str]) -> list[dict[str, Any]]:
    """What some accounts want to be told."""
    query = sa.select(NoticeSettings).where(
        NoticeSettings.user_id.in_(accounts)
    )
    return [
        {"off": row.off, "digest": row.digest}
        for row in model.Session.scalars(query.order_by(NoticeSettings.digest))
    ]


def _delete(condition: sa.ColumnElement[bool], table: Any) -> int:
    query = sa.delete(table).where(condition).returning(table.user_id)
    return len(model.Session.scalars(query).all())
