"""Whose folder somebody may open, and which projects have a complete one."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib.ckan import model
from ..lib.counting import ENOUGH, number, part_of
from ..owners.needs import CARE
from ..projects import stages
from ..support.model import Support, SupportState
from .model import Handover


def care(project_id: str) -> list[Support]:
    """The supports by which somebody takes care of a project now."""
    query = sa.select(Support).where(
        Support.project_id == project_id,
        Support.area == CARE,
        Support.state == SupportState.ACCEPTED.value,
    )
    return list(model.Session.scalars(query.order_by(Support.id)))


def is_prepared(project_id: str) -> bool:
    """Whether a project has a complete folder; one SQL statement."""
    query = sa.select(Handover.is_complete).where(
        Handover.project_id == project_id
    )
    return bool(model.Session.scalar(query))


def numbers() -> tuple[int, int]:
    """How many projects could change hands tomorrow, and how many there are.

    Of more than `ENOUGH`, so many are counted.
    """
    package = model.package_table.c
    prepared = sa.select(Handover.project_id).join(
        model.package_table, package.id == Handover.project_id
    )
    return (
        number(prepared.where(Handover.is_complete, _goes_on())),
        number(sa.select(package.id).where(_goes_on())),
    )


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
        .where(_goes_on(), ~prepared.exists())
        .order_by(package.metadata_modified, package.id)
    )
    return part_of(query, limit, offset, ENOUGH)


def of(project_ids: Collection[str]) -> dict[str, Handover]:
    """The folders of some projects by their ids; one SQL statement."""
    query = sa.select(Handover).where(Handover.project_id.in_(project_ids))
    return {row.project_id: row for row in model.Session.scalars(query)}


def _goes_on() -> sa.ColumnElement[bool]:
    """Of public projects that are not over."""
    package = model.package_table.c
    stage = sa.func.coalesce(package.extras["stage"].astext, "")
    return sa.and_(
        package.type == PROJECT_TYPE,
        package.state == model.State.ACTIVE,
        package.private.is_(False),
        stage.not_in(stages.OVER),
    )
