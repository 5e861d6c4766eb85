"""The supports that run."""

from __future__ import annotations

import sqlalchemy as sa

from ..lib.ckan import model
from .model import Support, SupportState


def running(project_id: str, area: str) -> list[Support]:
    """The supports of a project in an area that run now.

    :param area: one of the choices of `help_wanted`
    """
    query = sa.select(Support).where(
        Support.project_id == project_id,
        Support.area == area,
        Support.state == SupportState.ACCEPTED.value,
    )
    return list(model.Session.scalars(query.order_by(Support.id)))
