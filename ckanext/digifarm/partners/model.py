from __future__ import annotations

import datetime
import enum
from collections.abc import Sequence
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import Self

from ..lib import clock, sql_words, tokens
from ..lib.ckan import make_uuid, model
from ..lib.consent import Agreement
from ..lib.counting import part_of
from ..lib.events import Event, Subject
from ..lib.submissions import Submission
from . import marks

Words = ARRAY(sa.UnicodeText)

#: More words of a search are left out.
MOST_WORDS = 8


class PartnerState(str, enum.Enum):
    """How far a partner is on its way into the directory."""

    #: Whoever named it has not confirmed the address, or the project that it
    #: would support has not accepted it.
    UNCONFIRMED = "unconfirmed"
    #: It waits for a reviewer's yes.
    PROPOSED = "proposed"
    ACTIVE = "active"
    DELETED = "deleted"


class Partner(tk.BaseModel, Submission, Agreement):
    """An organised actor who supports civic projects, or could."""

    __tablename__ = "digifarm_partner"
    __table_args__ = (
        sa.Index("digifarm_partner_words", "words", postgresql_using="gin"),
        sa.Index("digifarm_partner_marks", "marks", postgresql_using="gin"),
        # The order of the directory.
        sa.Index(
            "digifarm_partner_listed",
            sa.text("lower(title)"),
            "id",
            postgresql_where=sa.text("state = 'active'"),
        ),
        sa.Index(
            "digifarm_partner_organization",
            "organization_id",
            postgresql_where=sa.text("organization_id IS NOT NULL"),
        ),
        sa.Index(
            "digifarm_partner_user",
            "user_id",
            postgresql_where=sa.text("user_id IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    name: Mapped[str] = mapped_column(sa.UnicodeText, unique=True)
    title: Mapped[str] = mapped_column(sa.UnicodeText)
    kind: Mapped[str] = mapped_column(sa.UnicodeText)
    url: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    description: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: What it would give, in its own words.
    offer: Mapped[str] = mapped_column(
        sa.UnicodeText, default="", server_default=""
    )
    areas: Mapped[list[str]] = mapped_column(Words, default=list)
    competences: Mapped[list[str]] = mapped_column(Words, default=list)
    #: Words of title, description, offer and competences, to be found by.
    words: Mapped[Any] = mapped_column(
        TSVECTOR, default="", server_default="", deferred=True
    )
    #: By what another entry of the same partner is found; see marks.py.
    marks: Mapped[list[str]] = mapped_column(
        Words, default=list, server_default="{}", deferred=True
    )
    action_fields: Mapped[list[str]] = mapped_column(Words, default=list)
    organization_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("group.id", ondelete="SET NULL")
    )
    contact_name: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    contact_email: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: The account that it was registered with, if any: its contact's.
    user_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="SET NULL")
    )
    #: The language that the contact is written to in.
    language: Mapped[str] = mapped_column(
        sa.UnicodeText, default="", server_default=""
    )
    token_key: Mapped[str] = mapped_column(
        sa.UnicodeText, default=tokens.new_key, server_default=""
    )
    #: The other entry of the same partner that this one was joined with.
    merged_into: Mapped[str | None] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("digifarm_partner.id", ondelete="SET NULL"),
        index=True,
    )
    #: When the contact agreed that this is stored.
    consented: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    state: Mapped[str] = mapped_column(
        sa.UnicodeText, default=PartnerState.UNCONFIRMED.value
    )
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )
    modified: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime,
        default=clock.now,
        onupdate=clock.now,
    )

    @classmethod
    def get(cls, reference: str) -> Self | None:
        """The partner with an id or name, whatever its state."""
        return model.Session.get(cls, reference) or model.Session.scalar(
            sa.select(cls).where(cls.name == reference)
        )

    def stays(self) -> Self | None:
        """The partner of the directory that this one was joined with.

        Also where that one was joined with another; one SQL statement.
        """
        table: Any = type(self)
        way = (
            sa.select(table.id, table.merged_into)
            .where(table.id == self.id)
            .cte(recursive=True)
        )
        # What is there already is not added: no circle goes on for ever.
        way = way.union(
            sa.select(table.id, table.merged_into).where(
                table.id == way.c.merged_into
            )
        )
        query = sa.select(table).where(
            table.id.in_(sa.select(way.c.id)),
            table.id != self.id,
            table.state == PartnerState.ACTIVE.value,
        )
        return model.Session.scalar(query.limit(1))

    @classmethod
    def proposed(cls, limit: int | None = None, offset: int = 0) -> list[Self]:
        """The partners that wait for a reviewer's yes, the oldest first.

        :param limit: how many at most
        :param offset: how many to leave out first
        """
        return cls.every([PartnerState.PROPOSED], limit, offset)

    @classmethod
    def deleted(cls, limit: int, offset: int) -> tuple[int, list[Self]]:
        """The partners that are gone, those that went last first.

        That is when their last event was: later, who they were is forgotten.

        :param limit: how many at most
        :param offset: how many to leave out first
        :returns: the number of all, and the partners
        """
        last = (
            sa.select(sa.func.max(Event.created))
            .where(
                Event.subject == Subject.PARTNER.value,
                Event.subject_id == cls.id,
            )
            .scalar_subquery()
        )
        query = (
            sa.select(cls)
            .where(cls.state == PartnerState.DELETED.value)
            .order_by(sa.func.coalesce(last, cls.modified).desc(), cls.id)
        )
        return part_of(query, limit, offset)

    @classmethod
    def registered_by(
        cls, user_id: str, limit: int, offset: int
    ) -> tuple[int, list[Self]]:
        """What somebody has registered with their account, the last first.

        :param user_id: their id
        :param limit: how many at most
        :param offset: how many to leave out first
        :returns: the number of all, and the partners
        """
        query = (
            sa.select(cls)
            .where(cls.user_id == user_id)
            .order_by(cls.created.desc(), cls.id)
        )
        return part_of(query, limit, offset)

    @classmethod
    def num_proposed(cls) -> int:
        """How many partners wait for a reviewer's yes."""
        query = sa.select(sa.func.count()).where(
            cls.state == PartnerState.PROPOSED.value
        )
        return model.Session.scalar(query) or 0

    @classmethod
    def every(
        cls,
        states: Sequence[PartnerState] = tuple(PartnerState),
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Self]:
        """All partners, or those with some states, the longest known first."""
        return list(
            model.Session.scalars(
                sa.select(cls)
                .where(cls.state.in_([state.value for state in states]))
                .order_by(cls.created, cls.id)
                .limit(limit)
                .offset(offset)
            )
        )

    @classmethod
    def is_listed(cls, title: str, organization_id: str | None) -> bool:
        """Whether an organisation has an active partner of a title already.

        :param organization_id: None for partners without an organisation
        """
        query = sa.select(cls.id).where(
            cls.title == title,
            cls.organization_id.is_not_distinct_from(organization_id),
            cls.state == PartnerState.ACTIVE.value,
        )
        return model.Session.scalar(query.limit(1)) is not None

    @classmethod
    def is_known(cls, title: str) -> bool:
        """Whether any active partner has a title, in any spelling of case."""
        query = sa.select(cls.id).where(
            sa.func.lower(cls.title) == sa.func.lower(title),
            cls.state == PartnerState.ACTIVE.value,
        )
        return model.Session.scalar(query.limit(1)) is not None

    @classmethod
    def search(
        cls,
        words: list[str],
        filters: dict[str, str],
        limit: int,
        offset: int,
        among: sa.Select[tuple[str | None]] | None = None,
    ) -> tuple[int, list[Self]]:
        """Active partners by title.

        :param words: each must stand in the title, the description, the
            offer or the competences, in some form
        :param filters: values of `kind`, `area` and `action_field`; empty
            ones are left out
        :param limit: how many at most
        :param offset: how many to leave out first
        :param among: a query for ids; other partners are left out
        :returns: the number of all, and the partners
        """
        query = sa.select(cls).where(cls.state == PartnerState.ACTIVE.value)
        for word in words[:MOST_WORDS]:
            query = query.where(sql_words.contains(cls.words, word))
        if kind := filters.get("kind"):
            query = query.where(cls.kind == kind)
        if area := filters.get("area"):
            query = query.where(cls.areas.contains([area]))
        if action_field := filters.get("action_field"):
            query = query.where(cls.action_fields.contains([action_field]))
        if among is not None:
            query = query.where(cls.id.in_(among))
        query = query.order_by(sa.func.lower(cls.title), cls.id)
        return part_of(query, limit, offset)

    @classmethod
    def known_words(cls, most: int) -> list[str]:
        """Titles and competences of active partners, the newest first.

        :param most: of how many partners
        """
        query = (
            sa.select(
                sa.func.concat_ws(
                    " ",
                    cls.title,
                    sa.func.array_to_string(cls.competences, " "),
                )
            )
            .where(cls.state == PartnerState.ACTIVE.value)
            .order_by(cls.created.desc(), cls.id)
            .limit(most)
        )
        return list(model.Session.scalars(query))

    def index_words(self) -> None:
        """Let it be found by what it says now, and by who is the same."""
        self.words = sql_words.index(
            [
                self.title,
                self.description or "",
                self.offer or "",
                *(self.competences or []),
            ]
        )
        self.marks = marks.of(self.title, self.url or "")

    def dictize(self, *, with_contact: bool) -> dict[str, object]:
        """What the API says of this partner.

        :param with_contact: whether to say how it is reached
        """
        result: dict[str, object] = {
            "id": self.id,
            "name": self.name,
            "title": self.title,
            "kind": self.kind,
            "url": self.url,
            "description": self.description,
            "offer": self.offer,
            "areas": self.areas,
            "competences": self.competences,
            "action_fields": self.action_fields,
            "organization_id": self.organization_id,
            "state": self.state,
            "merged_into": self.merged_into,
            "created": self.created.isoformat(),
            "modified": self.modified.isoformat(),
        }
        if with_contact:
            result["contact_name"] = self.contact_name
            result["contact_email"] = self.contact_email
        return result


@event.listens_for(Partner, "before_insert")
@event.listens_for(Partner, "before_update")
def _index(_mapper: object, _connection: object, partner: Partner) -> None:
    partner.index_words()
