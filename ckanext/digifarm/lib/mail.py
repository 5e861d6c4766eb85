from __future__ import annotations

import datetime
import enum

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import Self

from . import clock
from .ckan import make_uuid, model


class MailState(str, enum.Enum):
    """Whether a mail is still to be sent; one that is sent has no row."""

    WAITING = "waiting"
    #: Until there is room in the mailbox; see outbox.py.
    HELD = "held"
    #: Until the next morning, with all others to the same reader; see
    #: gathered.py.
    GATHERED = "gathered"
    GIVEN_UP = "given_up"


class Mail(tk.BaseModel):
    """A mail in the outbox, written by the transaction that causes it."""

    __tablename__ = "digifarm_mail"
    __table_args__ = (sa.Index("digifarm_mail_due", "state", "due"),)

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    #: Id of what it is about, such as a support.
    subject_id: Mapped[str] = mapped_column(
        sa.UnicodeText, default="", server_default="", index=True
    )
    recipient_name: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    recipient_email: Mapped[str] = mapped_column(sa.UnicodeText)
    reply_to: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    language: Mapped[str] = mapped_column(sa.UnicodeText)
    subject: Mapped[str] = mapped_column(sa.UnicodeText)
    body: Mapped[str] = mapped_column(sa.UnicodeText)
    body_html: Mapped[str] = mapped_column(sa.UnicodeText)
    #: Who is asked once more when it goes out: the name of a check; see
    #: outbox.py.
    checked_by: Mapped[str] = mapped_column(
        sa.UnicodeText, default="", server_default=""
    )
    #: By this address mail programs let its reader have no more of them.
    unsubscribe: Mapped[str] = mapped_column(
        sa.UnicodeText, default="", server_default=""
    )
    state: Mapped[str] = mapped_column(
        sa.UnicodeText, default=MailState.WAITING.value
    )
    attempts: Mapped[int] = mapped_column(default=0)
    #: What the last attempt failed with.
    error: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )
    #: When to try again; what nobody has tried yet is due at once.
    due: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )

    @classmethod
    def is_due(cls) -> sa.ColumnElement[bool]:
        """Whether it can be sent now.

        By the clock only where it was tried: that of a worker may be behind
        the one of whoever has written it.
        """
        is_over = cls.due <= clock.now()
        is_time = (cls.attempts == 0) | is_over
        later = (MailState.HELD.value, MailState.GATHERED.value)
        return ((cls.state == MailState.WAITING.value) & is_time) | (
            cls.state.in_(later) & is_over
        )

    @classmethod
    def next_due(cls) -> Self | None:
        """The oldest mail that is due, locked; others skip it."""
        return model.Session.scalar(
            sa.select(cls)
            .where(cls.is_due())
            .order_by(cls.created)
            .limit(1)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )

    def gathered(self) -> list[Self]:
        """The mail, and all that go out as one with it, locked.

        :returns: nothing where another process has begun with some of them:
            then all are left to that one
        """
        if self.state != MailState.GATHERED.value:
            return [self]
        cls, reader = type(self), sa.func.lower(self.recipient_email)
        group = sa.literal("digifarm mails to ") + reader
        lock = sa.func.hashtext(group + f" answered to {self.reply_to}")
        if not model.Session.scalar(
            sa.select(sa.func.pg_try_advisory_xact_lock(lock))
        ):
            return []
        query = (
            sa.select(cls)
            .where(
                cls.state == MailState.GATHERED.value,
                cls.due <= clock.now(),
                sa.func.lower(cls.recipient_email) == reader,
                cls.reply_to == self.reply_to,
            )
            .order_by(cls.created, cls.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return list(model.Session.scalars(query))

    @classmethod
    def given_up(cls, limit: int | None = None, offset: int = 0) -> list[Self]:
        """The mails that nobody tries to send any more, the newest first.

        :param limit: how many at most
        :param offset: how many to leave out first
        """
        return list(
            model.Session.scalars(
                sa.select(cls)
                .where(cls.state == MailState.GIVEN_UP.value)
                .order_by(cls.created.desc(), cls.id)
                .limit(limit)
                .offset(offset)
            )
        )
