from __future__ import annotations

import datetime
import enum

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ..lib import clock
from ..lib.ckan import make_uuid, model
from ..lib.submissions import Submission


class InvitationState(str, enum.Enum):
    """How far an invitation is."""

    #: Nobody has followed the link yet.
    INVITED = "invited"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class Invitation(tk.BaseModel, Submission):
    """Somebody whom the team of a project would have look after it, too.

    Whoever follows the link becomes an owner; the address is kept until then,
    for as long as the link is good.
    """

    __tablename__ = "digifarm_invitation"

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    project_id: Mapped[str] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("package.id", ondelete="CASCADE")
    )
    email: Mapped[str] = mapped_column(sa.UnicodeText)
    #: Whether whoever has invited them looks after it no longer then.
    hands_over: Mapped[bool] = mapped_column(default=False)
    #: The language that they are written to in.
    language: Mapped[str] = mapped_column(sa.UnicodeText)
    #: The account that has followed the link.
    user_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="SET NULL")
    )
    #: Who has invited them.
    created_by: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="SET NULL")
    )
    state: Mapped[str] = mapped_column(sa.UnicodeText)
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )
    #: Since when it has its state.
    modified: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )

    __table_args__ = (
        # Nobody is invited twice at the same time.
        sa.Index(
            "digifarm_invitation_open",
            "project_id",
            "email",
            unique=True,
            postgresql_where=sa.text("state = 'invited'"),
        ),
    )

    @classmethod
    def waiting(cls, project_id: str) -> list[Invitation]:
        """Those to a project that nobody has followed, the oldest first."""
        query = (
            sa.select(cls)
            .where(
                cls.project_id == project_id,
                cls.state == InvitationState.INVITED.value,
            )
            .order_by(cls.created, cls.id)
        )
        return list(model.Session.scalars(query))
