from __future__ import annotations

import datetime
import enum

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import Self

from ..lib import clock, tokens
from ..lib.ckan import make_uuid, model
from ..lib.events import Subject
from ..lib.waiting import Waiting


class ConfirmationState(str, enum.Enum):
    """For whose answer it waits; see confirmations/workflow.py."""

    #: For nobody's, until it is asked again.
    ANSWERED = "answered"
    #: Those it is about.
    ASKED = "asked"
    #: Others, too, who could know.
    PASSED_ON = "passed_on"
    #: The reviewers, who decide what becomes of it.
    UNDECIDED = "undecided"
    #: For nobody's: reviewers have let somebody else be looked for.
    SEARCHING = "searching"


#: Nobody has answered yet.
WAITING_STATES = (
    ConfirmationState.ASKED,
    ConfirmationState.PASSED_ON,
    ConfirmationState.UNDECIDED,
)


class Confirmation(tk.BaseModel):
    """Whether something is still as it says, which is asked now and then.

    There is one row for each thing, once somebody was asked. Who has answered
    stands in the events alone.
    """

    __tablename__ = "digifarm_confirmation"

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    #: What it is about: the name of an `Asking`, and the id there.
    subject: Mapped[str] = mapped_column(sa.UnicodeText)
    subject_id: Mapped[str] = mapped_column(sa.UnicodeText)
    #: The project that it belongs to, if it does to one.
    project_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("package.id", ondelete="CASCADE"),
        index=True,
    )
    state: Mapped[str] = mapped_column(sa.UnicodeText)
    #: The last answer, one of those that the `Asking` has; "" for none.
    answer: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: When somebody has last said that it is as it says.
    confirmed: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    #: From when on the time counts until it is asked again: the last answer,
    #: or decision.
    settled: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    #: When the first of the questions came that nobody has answered.
    asked: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    #: Since when the clock runs that says who is asked next.
    began: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    #: How often that clock has struck.
    ticks: Mapped[int] = mapped_column(default=0)
    #: Since when it counts as something that nobody confirms.
    silent: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    #: Whether a project looks for somebody as reviewers, and nobody before,
    #: wanted it.
    seeks: Mapped[bool] = mapped_column(
        default=False, server_default=sa.false()
    )
    token_key: Mapped[str] = mapped_column(
        sa.UnicodeText, default=tokens.new_key
    )
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )
    #: Since when it has its state.
    modified: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )

    __table_args__ = (
        # One row for each thing, also where two begin with it at a time.
        sa.Index(
            "digifarm_confirmation_subject",
            "subject",
            "subject_id",
            unique=True,
        ),
        # What waits is little, and looked for often.
        sa.Index(
            "digifarm_confirmation_waiting",
            "began",
            postgresql_where=sa.text(
                "state IN ('asked', 'passed_on', 'undecided')"
            ),
        ),
        # What reviewers look after, in their order.
        sa.Index(
            "digifarm_confirmation_review",
            *(sa.text("state DESC"), "asked", "id"),
            postgresql_where=sa.text("state IN ('undecided', 'searching')"),
        ),
    )

    @classmethod
    def of(cls, subject: str, subject_id: str) -> Self | None:
        """The row of a thing; one SQL statement.

        :param subject: the name of an `Asking`
        :param subject_id: id of the thing
        """
        query = sa.select(cls).where(
            cls.subject == subject, cls.subject_id == subject_id
        )
        return model.Session.scalar(query)

    @classmethod
    def is_waiting(cls) -> sa.ColumnElement[bool]:
        """Whether nobody has answered yet."""
        return cls.state.in_([state.value for state in WAITING_STATES])

    @classmethod
    def undecided(cls) -> sa.Select[tuple[Self]]:
        """A query for what waits for reviewers, the longest first."""
        return (
            sa.select(cls)
            .where(cls.state == ConfirmationState.UNDECIDED.value)
            .order_by(cls.asked, cls.id)
        )

    @classmethod
    def for_reviewers(cls) -> sa.Select[tuple[Self]]:
        """The same, and then what they have decided to look somebody for."""
        states = (ConfirmationState.UNDECIDED, ConfirmationState.SEARCHING)
        return (
            sa.select(cls)
            .where(cls.state.in_([state.value for state in states]))
            # One name comes after the other in the alphabet, too.
            .order_by(cls.state.desc(), cls.asked, cls.id)
        )

    @classmethod
    def waiting_for(cls, user_id: str) -> sa.Select[tuple[Self]]:
        """A query for what waits for somebody's answer, the longest first."""
        waits = sa.select(Waiting.subject_id).where(
            Waiting.user_id == user_id,
            Waiting.subject == Subject.CONFIRMATION.value,
            Waiting.state != ConfirmationState.UNDECIDED.value,
        )
        return (
            sa.select(cls).where(cls.id.in_(waits)).order_by(cls.asked, cls.id)
        )

    def dictize(self) -> dict[str, object]:
        """What those learn who may answer."""
        return {
            "id": self.id,
            "subject": self.subject,
            "subject_id": self.subject_id,
            "state": self.state,
            "answer": self.answer,
            **{
                name: moment and moment.isoformat()
                for name, moment in (
                    ("confirmed", self.confirmed),
                    ("asked", self.asked),
                    ("silent", self.silent),
                )
            },
        }
