from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..lib import clock
from ..lib.ckan import make_uuid, model

#: How often the digest comes.
DAILY, WEEKLY, NEVER = "daily", "weekly", "never"


class Notice(tk.BaseModel):
    """Something that somebody with an account is told; see kinds.py."""

    __tablename__ = "digifarm_notice"

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    user_id: Mapped[str] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="CASCADE")
    )
    #: Name of one of the kinds.
    kind: Mapped[str] = mapped_column(sa.UnicodeText)
    #: What it tells of: nobody is told the same twice.
    key: Mapped[str] = mapped_column(sa.UnicodeText)
    #: Packages that the reader must be able to read. No key: what is told
    #: may be that one of them is gone.
    package_ids: Mapped[list[str]] = mapped_column(
        ARRAY(sa.UnicodeText), default=list
    )
    #: What the words of its kind need, such as titles.
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )
    #: The mail that tells of it, as long as that waits.
    mail_id: Mapped[str | None] = mapped_column(sa.UnicodeText, index=True)
    #: When a mail told of it.
    sent: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)

    __table_args__ = (
        sa.UniqueConstraint(
            "user_id", "kind", "key", name="digifarm_notice_once"
        ),
        sa.Index("digifarm_notice_user", "user_id", "created"),
    )


class NoticeSettings(tk.BaseModel):
    """What somebody wants to be told; without a row, all of it, weekly."""

    __tablename__ = "digifarm_notice_settings"

    user_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("user.id", ondelete="CASCADE"),
        primary_key=True,
    )
    #: Names of the kinds that they want no mail of.
    off: Mapped[list[str]] = mapped_column(
        ARRAY(sa.UnicodeText), default=list, server_default="{}"
    )
    #: `daily`, `weekly` or `never`.
    digest: Mapped[str] = mapped_column(
        sa.UnicodeText, default=WEEKLY, server_default=WEEKLY
    )


def without(kind: str, user_ids: Collection[str]) -> set[str]:
    """Which of some users want no mail of a kind; one SQL statement."""
    query = sa.select(NoticeSettings.user_id).where(
        NoticeSettings.user_id.in_(user_ids),
        NoticeSettings.off.contains([kind]),
    )
    return set(model.Session.scalars(query))
