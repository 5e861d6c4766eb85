from __future__ import annotations

import datetime
import enum
from collections.abc import Collection

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column
from typing_extensions import Self

from ..lib import clock
from ..lib.ckan import make_uuid, model
from ..lib.counting import part_of
from ..proposals.model import Proposal


class Noted(str, enum.Enum):
    """What a note is on."""

    PARTNER = "partner"
    PROJECT = "project"
    PROPOSAL = "proposal"


class Note(tk.BaseModel):
    """What a reviewer writes down for the others, and for nobody else.

    It goes with what it is on, whichever way that goes.
    """

    __tablename__ = "digifarm_note"
    __table_args__ = (
        sa.CheckConstraint(
            "num_nonnulls(partner_id, project_id, proposal_id) = 1",
            name="digifarm_note_subject",
        ),
    )

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    partner_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("digifarm_partner.id", ondelete="CASCADE"),
        index=True,
    )
    project_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("package.id", ondelete="CASCADE"),
        index=True,
    )
    proposal_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("digifarm_proposal.id", ondelete="CASCADE"),
        index=True,
    )
    text: Mapped[str] = mapped_column(sa.UnicodeText)
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )
    created_by: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="SET NULL")
    )

    @classmethod
    def on(cls, subject: Noted, subject_id: str, text: str) -> Self:
        """A new note."""
        note = cls(text=text)
        setattr(note, cls.column_of(subject).key, subject_id)
        return note

    @classmethod
    def column_of(cls, subject: Noted) -> InstrumentedAttribute[str | None]:
        """The column that names what a note is on."""
        return {
            Noted.PARTNER: cls.partner_id,
            Noted.PROJECT: cls.project_id,
            Noted.PROPOSAL: cls.proposal_id,
        }[subject]

    @classmethod
    def of(
        cls, subject: Noted, subject_id: str, limit: int, offset: int
    ) -> tuple[int, list[Self]]:
        """The notes on something, the newest first.

        Of a project, also those on the proposal that it was.

        :param limit: how many at most
        :param offset: how many to leave out first
        :returns: the number of all, and the notes
        """
        wanted = cls.column_of(subject) == subject_id
        if subject is Noted.PROJECT:
            wanted |= cls.proposal_id.in_(
                sa.select(Proposal.id).where(Proposal.project_id == subject_id)
            )
        query = (
            sa.select(cls).where(wanted).order_by(cls.created.desc(), cls.id)
        )
        return part_of(query, limit, offset)

    @classmethod
    def move(cls, from_id: str, to_id: str) -> None:
        """Give the notes on a partner to another one; commits nothing."""
        model.Session.execute(
            sa.update(cls)
            .where(cls.partner_id == from_id)
            .values(partner_id=to_id)
        )

    @property
    def subject(self) -> Noted:
        """What it is on."""
        return next(
            subject
            for subject in Noted
            if getattr(self, self.column_of(subject).key)
        )

    @property
    def subject_id(self) -> str:
        """The id of what it is on."""
        return getattr(self, self.column_of(self.subject).key)

    def dictize(self) -> dict[str, object]:
        """What reviewers read of it."""
        return {
            "id": self.id,
            "subject": self.subject.value,
            "subject_id": self.subject_id,
            "text": self.text,
            "created": self.created.isoformat(),
            "created_by": self.created_by,
        }


def authors(notes: Collection[Note]) -> dict[str, model.User]:
    """Who has written some notes, by their ids; one SQL statement."""
    ids = {note.created_by for note in notes if note.created_by}
    if not ids:
        return {}
    query = sa.select(model.User).where(model.User.id.in_(ids))
    return {user.id: user for user in model.Session.scalars(query)}
