"""Whose folder somebody may open, and which projects have a complete one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from ..lib.ckan import model
from ..lib.counting import ENOUGH, number, part_of
from ..projects.public import goes_on
from ..projects.stages import CARE, WANTED_HERE
from ..support.model import Support
from ..support.running import running
from .model import Handover


def care(project_id: str) -> list[Support]:
    """The supports by which somebody takes care of a project now."""
    return running(project_id, CARE)


def is_prepared(project_id: str) -> bool:
    """Whether a project has a complete folder; one SQL statement."""
    query = sa.select(Handover.is_complete).where(
        Handover.project_id == project_id
    )
    return bool(model.Session.scalar(query))


def num_prepared() -> int:
    """How many projects could change hands tomorrow.

    Of more than `ENOUGH`, so many are counted.
    """
    package = model.package_table.c
    # One by one, by its key: else the database reads all packages.
    project = (
        sa.select(package.id)
        .where(package.id == Handover.project_id, _is_here(package))
        .limit(1)
        .lateral("project")
    )
    prepared = sa.select(Handover.project_id).join(project, sa.true())
    return number(prepared.where(Handover.is_complete))


def _is_here(package: Any) -> sa.ColumnElement[bool]:
    """Whether a project goes on here; what runs elsewhere is in others' hands.

    :param package: the columns of a table of packages
    """
    stage = sa.func.coalesce(package.extras["stage"].astext, "")
    return goes_on(package) & (stage != WANTED_HERE)


def unprepared(limit: int, offset: int) -> tuple[int, list[str]]:
    """The ids of projects that couldn't; the longest untouched first.

    :param limit: how many at most
    :param offset: how many to leave out first
    :returns: the number of all, of which `ENOUGH` are counted, and the ids
    """
    package = model.package_table.c
    prepared = sa.select(Handover.project_id).where(
        Handover.project_id == package.id, Handover.is_complete
    )
    query = (
        sa.select(package.id)
        .where(_is_here(package), ~prepared.exists())
        # As an index has them.
        .order_by(package.metadata_modified, package.id)
    )
    return part_of(query, limit, offset, ENOUGH)


def of(project_ids: Collection[str]) -> dict[str, Handover]:
    """The folders of some projects by their ids; one SQL statement."""
    query = sa.select(Handover).where(Handover.project_id.in_(project_ids))
    return {row.project_id: row for row in model.Session.scalars(query)}
