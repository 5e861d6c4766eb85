"""Tells those who edit for an organisation that it has got a project."""

from __future__ import annotations

import sqlalchemy as sa

from ..lib import jobs, lookups, people
from ..lib.ckan import model
from ..lib.events import Change, Event, Subject
from ..proposals.lookups import goes_on
from . import mails
from .noticing import MOVED, read


@jobs.kind(MOVED)
def tell(key: str) -> None:
    """Tell of it, if it is still so; commits nothing.

    :param key: see noticing.py
    """
    project_id, source = read(key)
    # Whoever moves it now waits, and then notes a job of its own.
    project = lookups.lock_by_id(model.Package, project_id)
    if project is None or not goes_on(project):
        return
    organization = people.organization(project.owner_org)
    if organization is None or organization.id == source:
        return
    mover = _mover(project)
    mails.send(
        "project_moved",
        project,
        organization,
        [
            user
            for user in people.editors_of(organization.id)
            if user.id != mover
        ],
    )


def _mover(project: model.Package) -> str | None:
    """Who has given a project to its organisation, by account."""
    query = (
        sa.select(Event.created_by)
        .where(
            Event.subject == Subject.PROJECT.value,
            Event.subject_id == project.id,
            Event.action == Change.ORGANIZATION_CHANGED.value,
            Event.target == project.owner_org,
        )
        .order_by(Event.number.desc())
    )
    return model.Session.scalar(query.limit(1))
