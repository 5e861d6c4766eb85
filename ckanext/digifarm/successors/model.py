from __future__ import annotations

import datetime

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import (
    InstrumentedAttribute,
    Mapped,
    mapped_column,
)

from ..lib import clock
from ..lib.ckan import model

#: A chain of more steps is followed no further: its datasets say where the
#: rest leads.
MOST_STEPS = 20

#: So many steps are read at once, of all chains.
MOST = 1000

#: The same of those that lead to a dataset.
MOST_BEFORE = 200


class Successor(tk.BaseModel):
    """A dataset is replaced by another one.

    No keys to packages: what a dataset was replaced by stays true when it is
    purged, as a chain may lead through it.
    """

    __tablename__ = "digifarm_successor"

    dataset_id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    successor_id: Mapped[str] = mapped_column(sa.UnicodeText, index=True)
    #: The publisher says that nothing else has changed.
    unchanged: Mapped[bool] = mapped_column(sa.Boolean)
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )
    created_by: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="SET NULL")
    )

    @classmethod
    def leads_to(cls, start: str, end: str) -> bool:
        """Whether a chain leads from one dataset to another one."""
        after = (
            sa.select(cls.successor_id)
            .where(cls.dataset_id == start)
            .cte("after", recursive=True)
        )
        # Each once, so that it ends in any case.
        after = after.union(
            sa.select(cls.successor_id).join(
                after, cls.dataset_id == after.c.successor_id
            )
        )
        query = sa.select(after.c.successor_id).where(
            after.c.successor_id == end
        )
        return model.Session.scalar(query.limit(1)) is not None


def before(dataset_id: str) -> set[str]:
    """Ids of the datasets from which chains lead to one, itself too."""
    found = sa.select(sa.literal(dataset_id, sa.UnicodeText).label("id")).cte(
        "before", recursive=True
    )
    # Each once, so that it ends in any case.
    found = found.union(
        sa.select(Successor.dataset_id).join(
            found, Successor.successor_id == found.c.id
        )
    )
    return {*model.Session.scalars(sa.select(found.c.id))}


def steps(datasets: sa.Select[tuple[str]], *, both_ways: bool) -> sa.Subquery:
    """The steps of the chains of some datasets, those next to them rather.

    :param datasets: gives their ids
    :param both_ways: also the steps that lead to them
    :returns: `dataset_id`, `successor_id`, `other_id`: that of the two that
        is further from them, and `step`: how far
    """
    old, new = Successor.dataset_id, Successor.successor_id
    ways = [_steps(datasets, old, new, MOST)]
    if both_ways:
        ways.append(_steps(datasets, new, old, MOST_BEFORE))
    return sa.union_all(*ways).subquery("steps")


def _steps(
    datasets: sa.Select[tuple[str]],
    near: InstrumentedAttribute[str],
    far: InstrumentedAttribute[str],
    most: int,
) -> sa.Select:
    """The same one way: from one side of the table to the other."""
    columns = (
        Successor.dataset_id,
        Successor.successor_id,
        far.label("other_id"),
    )
    found = (
        sa.select(*columns, sa.literal(1).label("step"))
        .where(near.in_(datasets))
        .cte(f"by_{near.key}", recursive=True)
    )
    found = found.union(
        sa.select(*columns, found.c.step + 1)
        .join(found, near == found.c.other_id)
        .where(found.c.step < MOST_STEPS)
    )
    nearest = (
        sa.select(found)
        .order_by(found.c.step, found.c.dataset_id)
        .limit(most)
        .subquery()
    )
    return sa.select(nearest)
