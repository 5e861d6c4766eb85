from __future__ import annotations

import datetime
import enum

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ..lib import clock
from ..lib.ckan import make_uuid
from ..lib.consent import Agreement
from ..lib.submissions import Submission


class QuestionState(str, enum.Enum):
    """How far a question is."""

    #: The address is not confirmed; nobody has read it.
    UNCONFIRMED = "unconfirmed"
    #: The project's team has it by mail.
    SENT = "sent"


class Question(tk.BaseModel, Submission, Agreement):
    """What somebody asks a project's team; private.

    Once it is sent, the row says that and no more: question and address stand
    in the mails to the team, as long as those wait in the outbox.
    """

    __tablename__ = "digifarm_question"

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    project_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("package.id", ondelete="CASCADE"),
        index=True,
    )
    name: Mapped[str] = mapped_column(sa.UnicodeText)
    email: Mapped[str] = mapped_column(sa.UnicodeText)
    message: Mapped[str] = mapped_column(sa.UnicodeText)
    #: The language that they are written to in.
    language: Mapped[str] = mapped_column(sa.UnicodeText)
    #: The account that it was asked with, if any.
    user_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="SET NULL")
    )
    #: When they agreed that it is passed on.
    consented: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    state: Mapped[str] = mapped_column(sa.UnicodeText)
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )
    #: Since when it has its state.
    modified: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )

    def empty(self) -> None:
        """Forget who has asked, and what."""
        self.name = ""
        self.email = ""
        self.message = ""
        self.user_id = None
