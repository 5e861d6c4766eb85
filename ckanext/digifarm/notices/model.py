from __future__ import annotations

import datetime
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import Self

from ..lib import clock
from ..lib.ckan import make_uuid, model

#: How often the digest comes.
DAILY, WEEKLY, NEVER = "daily", "weekly", "never"

#: What is older is news no longer, such as what came while somebody wanted no
#: mails; their page still tells of it.
RECENT = datetime.timedelta(days=30)
RHYTHMS = (DAILY, WEEKLY, NEVER)


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
        # Of which alarms it is looked whether they are over.
        sa.Index("digifarm_notice_kind", "kind", "created"),
        #: What waits for a digest.
        sa.Index(
            "digifarm_notice_waiting",
            "user_id",
            postgresql_where=sa.text("mail_id IS NULL AND sent IS NULL"),
        ),
    )

    @classmethod
    def of_mail(cls, mail_id: str, limit: int) -> list[Self]:
        """What a mail tells of, the newest first.

        :param limit: how much at most
        """
        return cls._newest(cls.mail_id == mail_id, limit=limit)

    @classmethod
    def of_user(
        cls, user_id: str, *, limit: int, offset: int
    ) -> tuple[int, list[Self]]:
        """What somebody is told: how much it is, and a part of it."""
        own = cls.user_id == user_id
        query = sa.select(sa.func.count()).select_from(cls).where(own)
        count = model.Session.scalar(query) or 0
        return count, cls._newest(own, limit=limit, offset=offset)

    @classmethod
    def _newest(
        cls, condition: sa.ColumnElement[bool], *, limit: int, offset: int = 0
    ) -> list[Self]:
        return list(
            model.Session.scalars(
                sa.select(cls)
                .where(condition)
                .order_by(cls.created.desc(), cls.id)
                .limit(limit)
                .offset(offset)
            )
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

    @classmethod
    def of(cls, user_id: str) -> Self:
        """The settings of a user, or those of who has chosen nothing."""
        found = model.Session.get(cls, user_id, populate_existing=True)
        return found or cls(user_id=user_id, off=[], digest=WEEKLY)

    @classmethod
    def change(cls, user_id: str, values: dict[str, Any]) -> None:
        """Change some settings of a user; commits nothing."""
        if not values:
            return
        model.Session.execute(
            insert(cls)
            .values(user_id=user_id, **values)
            .on_conflict_do_update(index_elements=["user_id"], set_=values)
        )

    @classmethod
    def turn_off(cls, user_id: str, kind: str) -> None:
        """Let a user have no mails of a kind any more; commits nothing."""
        rest = sa.func.array_remove(cls.off, kind)
        model.Session.execute(
            insert(cls)
            .values(user_id=user_id, off=[kind])
            .on_conflict_do_update(
                index_elements=["user_id"],
                set_={"off": sa.func.array_append(rest, kind)},
            )
        )
