"""How much each dataset is used, and the data of each organisation.

Where thousands of links would have to be counted for a page, they are counted
before: by a job, as soon as a link or who may read a project changes, and by
`run-due` for the rest. Saving a dataset asks for nothing.
"""

from __future__ import annotations

import datetime
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..config import PROJECT_TYPE
from ..lib import jobs
from ..lib.ckan import model
from ..lib.due_work import ALL
from ..lib.waiting import differs
from ..projects.public import is_public
from .model import Link

# By which pages find the datasets of an organisation; see projects/model.py on
# indexes of core's table.
sa.Index(
    "digifarm_package_datasets",
    model.package_table.c.owner_org,
    postgresql_where=sa.and_(
        model.package_table.c.type != PROJECT_TYPE,
        model.package_table.c.state == model.State.ACTIVE,
    ),
)

#: Name of the job that counts, for all at once.
JOB = "use-counts"

_DATASET = model.package_table.alias("dataset")
_PROJECT = model.package_table.alias("project")


class DatasetUse(tk.BaseModel):
    """How many public projects a dataset is linked with, if any are."""

    __tablename__ = "digifarm_dataset_use"
    # By which those are found that are used most.
    __table_args__ = (
        sa.Index(
            "digifarm_dataset_use_most",
            sa.desc("num_projects"),
            "dataset_id",
        ),
    )

    dataset_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("package.id", ondelete="CASCADE"),
        primary_key=True,
    )
    num_projects: Mapped[int]
    #: When the first and the newest of them was linked.
    since: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    newest: Mapped[datetime.datetime] = mapped_column(sa.DateTime)


class OrganizationUse(tk.BaseModel):
    """How many public projects use an organisation's datasets, if any do."""

    __tablename__ = "digifarm_organization_use"

    organization_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("group.id", ondelete="CASCADE"),
        primary_key=True,
    )
    #: Those of its public datasets.
    of_public: Mapped[int]
    #: Those of its private ones, too.
    of_all: Mapped[int]


def recount_later() -> None:
    """Count after the commit; commits nothing."""
    jobs.later(JOB, ALL)


@jobs.kind(JOB)
def recount(_: str) -> None:
    """Count all anew; commits nothing. A few SQL statements."""
    # Who counts later must see what was counted, not write what is older.
    lock = sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"digifarm {JOB}"))
    model.Session.execute(sa.select(lock))
    _store(DatasetUse, _by_dataset())
    _store(OrganizationUse, _by_organization())


def unseen_by_project() -> dict[str, list[str]]:
    """The linked datasets of each project that not everybody may read.

    :returns: ids in order, by the ids of the projects that have any
    """
    is_seen = (_DATASET.c.state == model.State.ACTIVE) & (
        _DATASET.c.private.is_(False)
    )
    query = (
        sa.select(
            Link.project_id, sa.func.array_agg(sa.distinct(Link.dataset_id))
        )
        .join(_DATASET, Link.dataset_id == _DATASET.c.id)
        .where(~is_seen)
        .group_by(Link.project_id)
    )
    found = (row.tuple() for row in model.Session.execute(query))
    return {project_id: sorted(ids) for project_id, ids in found}


def _by_dataset() -> sa.Select[Any]:
    return (
        sa.select(
            Link.dataset_id,
            sa.func.count(),
            sa.func.min(Link.created),
            sa.func.max(Link.created),
        )
        .join(_PROJECT, Link.project_id == _PROJECT.c.id)
        .where(is_public(_PROJECT.c))
        .group_by(Link.dataset_id)
        .order_by(Link.dataset_id)
    )


def _by_organization() -> sa.Select[Any]:
    project = sa.distinct(Link.project_id)
    is_open = _DATASET.c.private.is_(False)
    return (
        sa.select(
            _DATASET.c.owner_org,
            sa.func.count(project).filter(is_open),
            sa.func.count(project),
        )
        .select_from(Link)
        .join(_PROJECT, Link.project_id == _PROJECT.c.id)
        .join(_DATASET, Link.dataset_id == _DATASET.c.id)
        # A row of core's may name an organisation that is gone.
        .join(model.Group, model.Group.id == _DATASET.c.owner_org)
        .where(
            _DATASET.c.state == model.State.ACTIVE,
            is_public(_PROJECT.c),
        )
        .group_by(_DATASET.c.owner_org)
        .order_by(_DATASET.c.owner_org)
    )


def _store(model_class: type[Any], counted: sa.Select[Any]) -> None:
    """Let a table say what was counted, and no more; writes what differs."""
    table = model_class.__table__
    key, *values = table.columns
    found = counted.subquery("found")
    counted_key = found.columns[0]
    model.Session.execute(
        sa.delete(model_class).where(key.not_in(sa.select(counted_key)))
    )
    statement = insert(model_class).from_select(
        [column.name for column in table.columns], sa.select(found)
    )
    excluded = statement.excluded
    model.Session.execute(
        statement.on_conflict_do_update(
            index_elements=[key],
            set_={column.name: excluded[column.name] for column in values},
            where=sa.or_(
                *(column != excluded[column.name] for column in values)
            ),
        )
    )


@event.listens_for(model.Session, "before_flush")
def _notice_projects(session: Session, *_: Any) -> None:
    """Count anew where who may read a project changes, whichever way."""
    gone = any(_is_project(row) for row in session.deleted)
    if gone or any(
        _is_project(row) and differs(row, "state", "private")
        for row in session.dirty
    ):
        recount_later()


def _is_project(row: Any) -> bool:
    return isinstance(row, model.Package) and row.type == PROJECT_TYPE
