from __future__ import annotations

import datetime
import enum
from collections.abc import Collection

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import (
    InstrumentedAttribute,
    Mapped,
    mapped_column,
)
from typing_extensions import Self

from ..config import PROJECT_TYPE
from ..lib import clock
from ..lib.ckan import model


class Relation(str, enum.Enum):
    """How a project relates to a dataset."""

    USES = "uses"
    PROVIDES = "provides"


class Side(str, enum.Enum):
    """A side of a link: the names are those of its columns without `_id`."""

    PROJECT = "project"
    DATASET = "dataset"

    @property
    def other(self) -> Side:
        """The side across."""
        return Side.DATASET if self is Side.PROJECT else Side.PROJECT


class Link(tk.BaseModel):
    """A civic project uses, or provides, a dataset."""

    __tablename__ = "digifarm_link"

    project_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("package.id", ondelete="CASCADE"),
        primary_key=True,
    )
    dataset_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("package.id", ondelete="CASCADE"),
        primary_key=True,
    )
    relation: Mapped[str] = mapped_column(
        sa.UnicodeText, default=Relation.USES.value
    )
    note: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    linked_from: Mapped[str] = mapped_column(
        sa.UnicodeText, default=Side.PROJECT.value
    )
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )
    created_by: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="SET NULL")
    )
    #: Id of the dataset that it was with before the portal moved it, as that
    #: one was replaced: what is no longer so moves it back.
    moved_from: Mapped[str | None] = mapped_column(sa.UnicodeText)

    __table_args__ = (
        sa.Index("digifarm_link_dataset", "dataset_id", "created"),
        sa.Index(
            "digifarm_link_moved",
            "moved_from",
            postgresql_where=sa.text("moved_from IS NOT NULL"),
        ),
    )

    @classmethod
    def get(
        cls, project_id: str, dataset_id: str, *, locked: bool = False
    ) -> Self | None:
        """The link between two packages.

        :param project_id: id of the project
        :param dataset_id: id of the dataset
        :param locked: as it is about to be changed
        :returns: the link, or None where the two are not linked
        """
        return model.Session.get(
            cls,
            (project_id, dataset_id),
            with_for_update=locked,
            populate_existing=locked,
        )

    @classmethod
    def moved(
        cls, project_id: str, dataset_ids: Collection[str]
    ) -> list[Self]:
        """The links that the portal has moved away from datasets; locked.

        :param project_id: id of their project
        :param dataset_ids: ids of the datasets that they were with
        """
        query = sa.select(cls).where(
            cls.project_id == project_id,
            cls.moved_from.in_(dataset_ids),
            cls.dataset_id.not_in(dataset_ids),
        )
        return list(
            model.Session.scalars(
                query.order_by(cls.dataset_id).with_for_update(),
                execution_options={"populate_existing": True},
            )
        )

    @classmethod
    def of(cls, side: Side, package_id: str, most: int) -> list[Self]:
        """The links of a package, the oldest first.

        :param side: which side the package is
        :param package_id: id of the package
        :param most: how many at most
        """
        column = cls.column(side)
        return list(
            model.Session.scalars(
                sa.select(cls)
                .where(column == package_id)
                .order_by(cls.created, cls.project_id, cls.dataset_id)
                .limit(most)
            )
        )

    @classmethod
    def dataset_counts(cls, project_ids: Collection[str]) -> dict[str, int]:
        """How many public datasets each project has, public or not itself.

        :returns: the counts by id; projects without any are left out
        """
        query = (
            sa.select(cls.project_id, sa.func.count())
            .join(model.Package, model.Package.id == cls.dataset_id)
            .where(
                cls.project_id.in_(project_ids),
                model.Package.state == model.State.ACTIVE,
                model.Package.private.is_(False),
            )
            .group_by(cls.project_id)
        )
        return dict(row.tuple() for row in model.Session.execute(query))

    @classmethod
    def public_counts(cls, package_ids: Collection[str]) -> dict[str, int]:
        """How many public, active packages each such package is linked with.

        One SQL statement, however many packages there are.

        :param package_ids: ids of projects, datasets or both
        :returns: the counts by id; ids without a link are left out, and so
            are private and deleted packages
        """
        if not package_ids:
            return {}
        package = model.package_table.c
        # Each is looked for on the side that it is on, and for itself: the
        # database expects many links, and would else read all there are.
        asked = (
            sa.select(package.id, package.type)
            .where(
                package.id.in_(package_ids),
                package.state == model.State.ACTIVE,
                package.private.is_(False),
            )
            .cte("asked")
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        counts = sa.select(
            asked.c.id,
            sa.case(
                (
                    asked.c.type == PROJECT_TYPE,
                    cls._public_count(Side.PROJECT, asked),
                ),
                else_=cls._public_count(Side.DATASET, asked),
            ),
        )
        return {id_: n for id_, n in model.Session.execute(counts) if n}

    @classmethod
    def _public_count(cls, side: Side, asked: sa.CTE) -> sa.ScalarSelect[int]:
        other = sa.alias(model.package_table)
        return (
            sa.select(sa.func.count())
            .select_from(cls)
            .join(other, other.c.id == cls.column(side.other))
            .where(
                cls.column(side) == asked.c.id,
                other.c.state == model.State.ACTIVE,
                other.c.private.is_(False),
            )
            .correlate(asked)
            .scalar_subquery()
        )

    @classmethod
    def column(cls, side: Side) -> InstrumentedAttribute[str]:
        """The column that holds the ids of a side."""
        return cls.project_id if side is Side.PROJECT else cls.dataset_id

    def package_id(self, side: Side) -> str:
        """The id of the package on a side of this link."""
        return self.project_id if side is Side.PROJECT else self.dataset_id

    def dictize(self, *, with_creator: bool) -> dict[str, str | None]:
        """What the API says of this link.

        :param with_creator: whether to say who made it
        """
        result: dict[str, str | None] = {
            "project_id": self.project_id,
            "dataset_id": self.dataset_id,
            "relation": self.relation,
            "note": self.note,
            "linked": self.created.isoformat(),
            "linked_from": self.linked_from,
        }
        if with_creator:
            result["created_by"] = self.created_by
        return result
