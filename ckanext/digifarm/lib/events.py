from __future__ import annotations

import datetime
import enum

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import Self

from ckan import model
from ckan.model.types import make_uuid


class Subject(str, enum.Enum):
    """What an event is about."""

    PARTNER = "partner"
    PROPOSAL = "proposal"
    SUPPORT = "support"
    TASK = "task"


#: Somebody has taken on the project by a link; no state changes.
CLAIMED = "claimed"


class Event(tk.BaseModel):
    """A change of state: when, by whom if known, and why.

    Events are only ever added. They are the history that people see, and what
    statistics count.
    """

    __tablename__ = "digifarm_event"

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    subject: Mapped[str] = mapped_column(sa.UnicodeText)
    subject_id: Mapped[str] = mapped_column(sa.UnicodeText, index=True)
    state: Mapped[str] = mapped_column(sa.UnicodeText)
    reason: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=datetime.datetime.utcnow
    )
    created_by: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="SET NULL")
    )

    @classmethod
    def record(
        cls,
        subject: Subject,
        subject_id: str,
        state: str,
        user: str | None,
        reason: str = "",
    ) -> None:
        """Add an event; commits nothing.

        :param subject: what it is about
        :param subject_id: its id
        :param state: the state that it has from now on, or `CLAIMED`
        :param user: id of the user who changed it, if any
        :param reason: why, in the words of that user
        """
        model.Session.add(
            cls(
                subject=subject.value,
                subject_id=subject_id,
                state=state,
                created_by=user,
                reason=reason,
            )
        )

    @classmethod
    def of(cls, subject: Subject, subject_id: str) -> list[Self]:
        """The events of a subject, the oldest first."""
        return list(
            model.Session.scalars(
                sa.select(cls)
                .where(
                    cls.subject == subject.value, cls.subject_id == subject_id
                )
                .order_by(cls.created)
            )
        )
