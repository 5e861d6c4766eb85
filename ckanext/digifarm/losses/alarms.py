"""What people were told to be lost, as long as nobody has called it off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from ..lib import clock
from ..lib.ckan import model
from ..notices.model import Notice
from .comparing import MOVED, Dataset
from .notices import LOST, REPLACED

#: So long an alarm is called off where the data is there again.
CALLED_OFF = timedelta(days=90)

#: Id of the dataset that a notice is about.
about = Notice.data["dataset"].astext


def still_on() -> Iterable[sa.ColumnElement[bool]]:
    """The alarms that nobody has called off."""
    return (
        Notice.kind.in_((LOST.name, REPLACED.name)),
        Notice.created > clock.now() - CALLED_OFF,
        ~Notice.data.has_key("back"),
        # That it is there under its own id was told then.
        Notice.data["successor"].astext.is_distinct_from(about),
    )


def of_going_away(now: Dataset) -> set[tuple[str, str]]:
    """Whom it was told that a dataset has left the organisation it is in.

    To them its way back is no loss. One SQL statement.

    :returns: ids of users and projects
    """
    query = sa.select(Notice.user_id, Notice.data["project"].astext).where(
        *still_on(),
        about == now.id,
        Notice.data["owner_org"].astext == now.owner_org,
        Notice.data["losses"].has_key(MOVED),
    )
    return {row.tuple() for row in model.Session.execute(query)}


def standing(dataset_id: str, losses: list[str]) -> set[tuple[str, str]]:
    """Whom it was told already that a dataset has lost something.

    Where it was back for less time than it takes to tell so, that is the same
    loss still. One SQL statement.

    :param losses: what it has lost, each of which was told
    :returns: ids of users and projects
    """
    query = sa.select(Notice.user_id, Notice.data["project"].astext).where(
        *still_on(),
        about == dataset_id,
        Notice.data["losses"].contains(losses),
    )
    return {row.tuple() for row in model.Session.execute(query)}
