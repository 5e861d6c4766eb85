from __future__ import annotations

import datetime
import enum
from collections.abc import Sequence
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import Self

from ..lib import clock, tokens
from ..lib.ckan import make_uuid, model
from ..lib.consent import Agreement
from ..lib.submissions import Submission
from ..partners.model import Partner


class SupportState(str, enum.Enum):
    """How far a support is in its life; see support/workflow.py."""

    UNCONFIRMED = "unconfirmed"
    OFFERED = "offered"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


#: Of columns that are "" where nothing is said.
EMPTY: dict[str, Any] = {"default": "", "server_default": ""}

#: What everybody may know of who may read the project.
PUBLIC_STATES = frozenset({SupportState.ACCEPTED, SupportState.ENDED})

#: What those who support can still take back when the project is deleted.
LEFT_STATES = (
    SupportState.OFFERED,
    SupportState.REQUESTED,
    SupportState.ACCEPTED,
)


class Support(tk.BaseModel, Submission, Agreement):
    """Help for one project in one area, by a partner or a private person."""

    __tablename__ = "digifarm_support"
    # A partner supports a project once in an area, also when two people
    # record it at the same moment.
    __table_args__ = (
        # What waits for an answer is little, and looked for often.
        sa.Index(
            "digifarm_support_waiting",
            sa.text("modified DESC"),
            "id",
            postgresql_where=sa.text("state IN ('offered', 'requested')"),
        ),
        sa.Index(
            "digifarm_support_once",
            *("project_id", "area", "partner_id"),
            unique=True,
            postgresql_where=sa.text("state = 'accepted'"),
        ),
        sa.Index(
            "digifarm_support_person_once",
            *("project_id", "area", "person"),
            unique=True,
            postgresql_where=sa.text("state = 'accepted' AND person <> ''"),
        ),
        sa.Index(
            "digifarm_support_asked_once",
            *("project_id", "area", "partner_id"),
            unique=True,
            postgresql_where=sa.text("state = 'requested'"),
        ),
        # What ends is little, and looked for often.
        sa.Index(
            "digifarm_support_until",
            "until",
            postgresql_where=sa.text("state = 'accepted' AND until <> ''"),
        ),
        sa.Index(
            "digifarm_support_ended",
            *(sa.text("modified DESC"), "id"),
            postgresql_where=sa.text("state = 'ended'"),
        ),
        *(
            sa.Index(
                f"digifarm_support_{name}",
                f"{name}_id",
                postgresql_where=sa.text(f"{name}_id IS NOT NULL"),
            )
            for name in ("user", "owner")
        ),
    )

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    project_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("package.id", ondelete="CASCADE"),
        index=True,
    )
    area: Mapped[str] = mapped_column(sa.UnicodeText)
    partner_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("digifarm_partner.id"), index=True
    )
    #: Public name of a private person, or "".
    person: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: What exactly.
    scope: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: A date as precise as it is known, or "".
    since: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: Until when it goes on, as precise as it is known, or "".
    until: Mapped[str] = mapped_column(sa.UnicodeText, **EMPTY)
    #: Whether it is settled that it ends then: nobody is asked about it.
    ends: Mapped[bool] = mapped_column(
        default=False, server_default=sa.false()
    )
    #: A `Helped`, once the project says so; "" before.
    helped: Mapped[str] = mapped_column(sa.UnicodeText, **EMPTY)
    #: How to reach whoever offers it; private.
    contact_name: Mapped[str] = mapped_column(sa.UnicodeText, **EMPTY)
    contact_email: Mapped[str] = mapped_column(sa.UnicodeText, **EMPTY)
    message: Mapped[str] = mapped_column(sa.UnicodeText, **EMPTY)
    #: The language that they are written to in.
    language: Mapped[str] = mapped_column(sa.UnicodeText, **EMPTY)
    #: The account that it was offered with, or that owns the project by it.
    user_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="SET NULL")
    )
    #: The account that owns the project by it alone; see owners/membership.py.
    owner_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="SET NULL")
    )
    #: When they agreed that this is stored.
    consented: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    token_key: Mapped[str] = mapped_column(
        sa.UnicodeText, default=tokens.new_key, server_default=""
    )
    state: Mapped[str] = mapped_column(sa.UnicodeText)
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )
    #: Since when it has its state.
    modified: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime,
        default=clock.now,
        server_default=sa.func.now(),
    )

    @classmethod
    def titles(cls, project_id: str) -> list[str]:
        """The titles of the partners that support a project now."""
        return list(model.Session.scalars(cls._titles(project_id)))

    @classmethod
    def titles_of(
        cls, project_id: sa.ColumnElement[str]
    ) -> sa.ColumnElement[Sequence[str]]:
        """The same as a part of a query, for each project of it."""
        query = cls._titles(project_id).correlate(model.package_table)
        return sa.func.array(query.scalar_subquery())

    @classmethod
    def _titles(
        cls, project_id: str | sa.ColumnElement[str]
    ) -> sa.Select[tuple[str]]:
        return (
            sa.select(Partner.title)
            .join(cls, cls.partner_id == Partner.id)
            .where(
                cls.project_id == project_id,
                cls.state == SupportState.ACCEPTED.value,
            )
            .distinct()
        )

    @classmethod
    def projects_of(
        cls,
        partner_id: str,
        state: SupportState = SupportState.ACCEPTED,
        most: int | None = None,
    ) -> list[str]:
        """The ids of the projects of a partner, the longest known first.

        :param state: of the supports that are meant
        :param most: how many at most
        """
        query = (
            sa.select(cls.project_id)
            .where(cls.partner_id == partner_id, cls.state == state.value)
            .group_by(cls.project_id)
            .order_by(sa.func.min(cls.created), cls.project_id)
            .limit(most)
        )
        return list(model.Session.scalars(query))

    @classmethod
    def runs(cls, project_id: str, area: str, partner_id: str) -> bool:
        """Whether a partner supports a project in an area now."""
        query = sa.select(cls.id).where(
            cls.project_id == project_id,
            cls.area == area,
            cls.partner_id == partner_id,
            cls.state == SupportState.ACCEPTED.value,
        )
        return model.Session.scalar(query) is not None

    @classmethod
    def of(
        cls,
        states: Sequence[SupportState],
        *,
        project_id: str | None = None,
        partner_id: str | None = None,
        project_ids: Sequence[str] | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[tuple[Self, Partner | None]]:
        """Supports with their partners, the oldest first; one SQL statement.

        :param states: the states that are wanted
        :param project_id: of one project
        :param partner_id: of one partner
        :param project_ids: of these projects only
        :param limit: how many at most
        :param offset: how many to leave out first
        """
        query = (
            sa.select(cls, Partner)
            .outerjoin(Partner, Partner.id == cls.partner_id)
            .where(cls.state.in_([state.value for state in states]))
            .order_by(cls.created, cls.id)
            .limit(limit)
            .offset(offset)
        )
        if project_id is not None:
            query = query.where(cls.project_id == project_id)
        if project_ids is not None:
            query = query.where(cls.project_id.in_(project_ids))
        if partner_id is not None:
            query = query.where(cls.partner_id == partner_id)
        return [row.tuple() for row in model.Session.execute(query)]

    @classmethod
    def with_project(
        cls,
        *conditions: sa.ColumnElement[bool],
        with_deleted: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[tuple[Self, Partner | None, model.Package]]:
        """Supports of projects that there are, the newest news first.

        One SQL statement.

        :param conditions: which ones
        :param with_deleted: also what can still be withdrawn or ended of
            projects that were deleted
        :param limit: how many at most
        :param offset: how many to leave out first
        """
        order = (cls.modified.desc(), cls.id)
        # Only of these few are all columns read.
        wanted = (
            sa.select(cls.id)
            .outerjoin(Partner, Partner.id == cls.partner_id)
            .join(model.Package, model.Package.id == cls.project_id)
            .where(cls._is_shown(with_deleted=with_deleted), *conditions)
            .order_by(*order)
            .limit(limit)
            .offset(offset)
        )
        query = (
            sa.select(cls, Partner, model.Package)
            .outerjoin(Partner, Partner.id == cls.partner_id)
            .join(model.Package, model.Package.id == cls.project_id)
            .where(cls.id.in_(wanted))
            .order_by(*order)
        )
        return [row.tuple() for row in model.Session.execute(query)]

    @classmethod
    def _is_shown(cls, *, with_deleted: bool) -> sa.ColumnElement[bool]:
        active = model.Package.state == model.State.ACTIVE
        if not with_deleted:
            return active
        deleted = model.Package.state == model.State.DELETED
        return active | (deleted & cls.state.in_(LEFT_STATES))

    @classmethod
    def of_editor(
        cls,
        user_id: str | None,
        organizations: Sequence[str],
        *others: sa.ColumnElement[bool],
        **part: Any,
    ) -> list[tuple[Self, Partner | None, model.Package]]:
        """What waits for an answer, of projects that somebody may edit.

        :param user_id: their id; None where the portal has no collaborators
        :param organizations: ids of those that they edit for
        :param others: what waits for them besides
        :param part: `limit` and `offset`
        """
        owned = sa.select(model.PackageMember.package_id).where(
            model.PackageMember.user_id == user_id,
            model.PackageMember.capacity.in_(("admin", "editor")),
        )
        return cls.with_project(
            cls.state.in_((SupportState.OFFERED, SupportState.REQUESTED)),
            sa.or_(
                model.Package.owner_org.in_(organizations),
                model.Package.id.in_(owned),
                *others,
            ),
            **part,
        )

    @classmethod
    def of_projects(
        cls, project_ids: Sequence[str]
    ) -> dict[str, list[tuple[str, str]]]:
        """What is given to projects, or offered and not answered.

        One SQL statement.

        :param project_ids: their ids
        :returns: area and state of each support, by id of the project
        """
        states = [SupportState.ACCEPTED.value, SupportState.OFFERED.value]
        query = (
            sa.select(cls.project_id, cls.area, cls.state, sa.func.count())
            .where(cls.project_id.in_(project_ids), cls.state.in_(states))
            .group_by(cls.project_id, cls.area, cls.state)
        )
        found: dict[str, list[tuple[str, str]]] = {}
        for project_id, area, state, count in model.Session.execute(query):
            found.setdefault(project_id, []).extend([(area, state)] * count)
        return found

    @classmethod
    def of_supporter(
        cls, user_id: str, organizations: Sequence[str], **part: Any
    ) -> list[tuple[Self, Partner | None, model.Package]]:
        """What somebody has offered, or a partner that they act for.

        The parameters are those of `of_editor`.
        """
        # PostgreSQL walks an index for each of both, but none for an `OR`.
        own = sa.select(cls.id).where(cls.user_id == user_id)
        of_partners = (
            sa.select(cls.id)
            .join(Partner, Partner.id == cls.partner_id)
            .where(Partner.organization_id.in_(organizations))
        )
        return cls.with_project(
            cls.state != SupportState.UNCONFIRMED,
            cls.id.in_(own.union(of_partners)),
            with_deleted=True,
            **part,
        )

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
                *cls.of_public_project(),
            )
        )

    @staticmethod
    def of_public_project() -> tuple[sa.ColumnElement[bool], ...]:
        """Of projects that everybody may read."""
        package = model.package_table.c
        return package.state == model.State.ACTIVE, package.private.is_(False)
