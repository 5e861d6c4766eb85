"""The supports that are given now."""

from __future__ import annotations

import datetime

import sqlalchemy as sa

from ..lib import partial_dates
from ..lib.ckan import model
from .model import Support, SupportState


def is_running() -> sa.ColumnElement[bool]:
    """Whether a support is given."""
    return Support.state == SupportState.ACCEPTED.value


def ending(project_id: str, day: datetime.date) -> list[Support]:
    """The supports that are given to a project, and end before a day."""
    query = sa.select(Support).where(
        Support.project_id == project_id,
        is_running(),
        partial_dates.is_over(Support.until, day),
    )
    return list(model.Session.scalars(query.order_by(Support.until)))


def running(project_id: str, area: str) -> list[Support]:
    """The supports that are given to a project in an area.

    :param area: one of the choices of `help_wanted`
    """
    query = sa.select(Support).where(
        Support.project_id == project_id,
        Support.area == area,
        is_running(),
    )
    return list(model.Session.scalars(query.order_by(Support.id)))
