from __future__ import annotations

import datetime
import enum

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import Self

from ckan import model
from ckan.model.types import make_uuid

from .submission import Submission


class ClaimState(str, enum.Enum):
    """How far somebody is who wants to do a task."""

    #: The address is not confirmed; others may be faster.
    UNCONFIRMED = "unconfirmed"
    #: The task is theirs. A task has one such claim at most.
    HELD = "held"
    #: It is done, was given back, or is needed no longer.
    OVER = "over"


class TaskClaim(tk.BaseModel, Submission):
    """Somebody's "I'll do it"; all that is known of them, and private.

    The row of the task is the lock of its claims.
    """

    __tablename__ = "digifarm_task_claim"

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    task_id: Mapped[str] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("digifarm_task.id", ondelete="CASCADE")
    )
    name: Mapped[str] = mapped_column(sa.UnicodeText)
    email: Mapped[str] = mapped_column(sa.UnicodeText)
    #: The language that they are written to in.
    language: Mapped[str] = mapped_column(sa.UnicodeText)
    #: The account that it was taken with, if any.
    user_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="SET NULL")
    )
    #: When they agreed that this is stored.
    consented: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    #: When they were reminded of it, if they were.
    reminded: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    state: Mapped[str] = mapped_column(sa.UnicodeText)
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=datetime.datetime.utcnow
    )
    #: Since when it has its state.
    modified: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=datetime.datetime.utcnow
    )

    @classmethod
    def held(cls, task_id: str) -> Self | None:
        """The claim of whoever has a task now."""
        return model.Session.scalar(
            sa.select(cls)
            .where(cls.task_id == task_id, cls.state == ClaimState.HELD.value)
            .execution_options(populate_existing=True)
        )

    def dictize(self) -> dict[str, object]:
        """What those learn who may see it."""
        return {
            "name": self.name,
            "email": self.email,
            "since": self.modified.isoformat(),
        }
