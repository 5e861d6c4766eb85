from __future__ import annotations

import datetime
import enum
from collections.abc import Collection, Sequence
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import Self

from ..config import PROJECT_TYPE
from ..lib import clock
from ..lib.ckan import make_uuid, model
from ..lib.consent import Agreement
from ..lib.counting import ENOUGH, part_of, part_of_found
from ..lib.submissions import Submission


class ProposalState(str, enum.Enum):
    """How far a proposal is in its life; see proposals/workflow.py."""

    UNCONFIRMED = "unconfirmed"
    PENDING = "pending"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    #: It is a project that reviewers have hidden.
    HIDDEN = "hidden"


#: Nobody has decided yet.
OPEN_STATES = (ProposalState.PENDING, ProposalState.CHANGES_REQUESTED)

#: It became a project.
KEPT_STATES = (ProposalState.APPROVED, ProposalState.HIDDEN)

#: It is no project.
REFUSED_STATES = (ProposalState.DECLINED, ProposalState.WITHDRAWN)


class Proposal(tk.BaseModel, Submission, Agreement):
    """A project that somebody has put forward, and how they are reached."""

    __tablename__ = "digifarm_proposal"
    __table_args__ = (
        sa.Index("digifarm_proposal_state", "state", "created"),
        sa.Index(
            "digifarm_proposal_user",
            "user_id",
            postgresql_where=sa.text("user_id IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    #: What was sent, `project` and `datasets`; empty once it is a package.
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    #: The picture that was sent with it, until somebody has decided.
    picture: Mapped[bytes | None] = mapped_column(
        sa.LargeBinary, deferred=True
    )
    #: The package that it became when it was confirmed.
    project_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("package.id", ondelete="CASCADE"),
        unique=True,
    )
    #: How to reach whoever proposes it; private.
    proposer_name: Mapped[str] = mapped_column(sa.UnicodeText)
    proposer_email: Mapped[str] = mapped_column(sa.UnicodeText)
    #: The language that they are written to in.
    language: Mapped[str] = mapped_column(sa.UnicodeText)
    #: The account that it was proposed with, or that has claimed it.
    user_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="SET NULL")
    )
    #: When they agreed that this is stored.
    consented: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    state: Mapped[str] = mapped_column(sa.UnicodeText)
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )
    #: Since when it has its state.
    modified: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )

    def has_picture(self) -> bool:
        """Whether there is a picture, which is not loaded for that."""
        cls = type(self)
        query = sa.select(cls.picture.is_not(None)).where(cls.id == self.id)
        return bool(model.Session.scalar(query))

    @classmethod
    def of_project(
        cls, project_id: str, states: Collection[ProposalState]
    ) -> Self | None:
        """The proposal that became a project, if it is in one of some states.

        :param project_id: id of the project
        """
        query = sa.select(cls).where(
            cls.project_id == project_id,
            cls.state.in_([state.value for state in states]),
        )
        return model.Session.scalar(query)

    @classmethod
    def kept_projects(cls, project_ids: Sequence[str]) -> set[str]:
        """Which of some projects came through reviewers."""
        query = sa.select(cls.project_id).where(
            cls.project_id.in_(project_ids),
            cls.state.in_([state.value for state in KEPT_STATES]),
        )
        return {id_ for id_ in model.Session.scalars(query) if id_}

    @classmethod
    def confirmed(
        cls,
        *conditions: sa.ColumnElement[bool],
        limit: int | None = None,
        offset: int = 0,
    ) -> tuple[int, list[tuple[Self, model.Package]]]:
        """Confirmed proposals with their projects.

        Those that wait the longest come first; then those that were decided
        on, the last first. Two SQL statements.

        :param conditions: which ones
        :returns: how many there are, of which `ENOUGH` are counted, and the
            proposals
        """
        is_open = cls.state.in_([state.value for state in OPEN_STATES])
        waiting_since = sa.case((is_open, cls.modified))
        query = (
            sa.select(cls.id)
            .where(cls.project_id.is_not(None), *conditions)
            .order_by(waiting_since.nulls_last(), cls.modified.desc(), cls.id)
        )
        return cls._with_projects(*part_of(query, limit, offset, ENOUGH))

    @classmethod
    def edited(
        cls, *conditions: sa.ColumnElement[bool], limit: int, offset: int
    ) -> tuple[int, list[tuple[Self, model.Package]]]:
        """Those whose project was edited since a reviewer has seen it.

        The last edit comes first; see `confirmed`.
        """
        query = cls.edited_ids().where(*conditions)
        return cls._with_projects(*part_of_found(query, limit, offset))

    @classmethod
    def edited_ids(cls) -> sa.Select[tuple[str]]:
        """A query for the ids of the same."""
        package = model.package_table.c
        seen = sa.table(
            "digifarm_seen", sa.column("project_id"), sa.column("seen")
        )
        last = (
            sa.select(seen.c.seen)
            .where(seen.c.project_id == cls.project_id)
            .correlate(cls)
            .scalar_subquery()
        )
        # One by one, by its key: else the database reads all packages.
        project = (
            sa.select(package.id, package.metadata_modified)
            .where(
                package.id == cls.project_id,
                package.type == PROJECT_TYPE,
                package.state == model.State.ACTIVE,
                package.metadata_modified
                > sa.func.greatest(cls.modified, last),
            )
            .limit(1)
            .lateral("project")
        )
        return (
            sa.select(cls.id)
            .join(project, sa.true())
            .where(cls.state.in_([state.value for state in KEPT_STATES]))
            .order_by(project.c.metadata_modified.desc(), project.c.id)
        )

    @classmethod
    def _with_projects(
        cls, count: int, ids: list[str]
    ) -> tuple[int, list[tuple[Self, model.Package]]]:
        """Some proposals with their projects, in the order of their ids.

        Only their packages are loaded, which are large.
        """
        query = (
            sa.select(cls, model.Package)
            .join(model.Package, model.Package.id == cls.project_id)
            .where(cls.id.in_(ids))
        )
        rows = {row[0].id: row.tuple() for row in model.Session.execute(query)}
        return count, [rows[id_] for id_ in ids if id_ in rows]

    def is_edited(self) -> bool:
        """Whether its project was edited since a reviewer has seen it."""
        query = type(self).edited_ids().where(type(self).id == self.id)
        return model.Session.scalar(query) is not None

    @property
    def is_kept(self) -> bool:
        """Whether it became a project."""
        return self.state in [state.value for state in KEPT_STATES]


def undecided() -> sa.Select[tuple[str]]:
    """A query for the ids of proposals whose reasons are still needed.

    Nobody has decided on them yet, or their project is hidden.
    """
    states = (*OPEN_STATES, ProposalState.HIDDEN)
    return sa.select(Proposal.id).where(
        Proposal.state.in_([state.value for state in states])
    )
