from __future__ import annotations

import datetime
import enum
from collections.abc import Sequence

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import Self

from ckan import model
from ckan.model.types import make_uuid

from .partner import Partner


class SupportState(str, enum.Enum):
    """How far a support is in its life; see logic/transitions.py."""

    ACCEPTED = "accepted"
    ENDED = "ended"


class Support(tk.BaseModel):
    """Help for one project in one area, by a partner or a private person."""

    __tablename__ = "digifarm_support"

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    project_id: Mapped[str] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("package.id", ondelete="CASCADE")
    )
    area: Mapped[str] = mapped_column(sa.UnicodeText)
    partner_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("digifarm_partner.id")
    )
    #: Public name of a private person; "" for one who stays unnamed.
    person: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: What exactly, and until when.
    scope: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: A date as precise as it is known, or "".
    since: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    state: Mapped[str] = mapped_column(sa.UnicodeText)
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=datetime.datetime.utcnow
    )

    @classmethod
    def lock(cls, id_: str) -> Self | None:
        """A support that nobody else changes until the next commit.

        :param id_: its id
        """
        return model.Session.scalar(
            sa.select(cls)
            .where(cls.id == id_)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    @classmethod
    def of(
        cls,
        states: Sequence[SupportState],
        *,
        project_id: str | None = None,
        partner_id: str | None = None,
    ) -> list[tuple[Self, Partner | None]]:
        """Supports with their partners, the longest known first.

        One SQL statement.

        :param states: the states that are wanted
        :param project_id: of one project
        :param partner_id: of one partner
        """
        query = (
            sa.select(cls, Partner)
            .outerjoin(Partner, Partner.id == cls.partner_id)
            .where(cls.state.in_([state.value for state in states]))
            .order_by(cls.created, cls.id)
        )
        if project_id is not None:
            query = query.where(cls.project_id == project_id)
        if partner_id is not None:
            query = query.where(cls.partner_id == partner_id)
        return [row.tuple() for row in model.Session.execute(query)]

    @classmethod
    def public_partners(cls) -> sa.Select[tuple[str | None]]:
        """A query for the ids of partners that support a public project now.

        Which private projects a partner supports is nobody's business.
        """
        return (
            sa.select(cls.partner_id)
            .join(model.Package, model.Package.id == cls.project_id)
            .where(
                cls.state == SupportState.ACCEPTED.value,
                cls.partner_id.is_not(None),
                model.Package.state == model.State.ACTIVE,
                model.Package.private.is_(False),
            )
        )
