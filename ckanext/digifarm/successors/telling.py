"""What follows where a dataset is replaced: links move, people are told.

Each link is a job, so that many take as long as they need, one by one.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from ..lib import jobs, lookups
from ..lib.acting import Acting
from ..lib.actors import Actor
from ..lib.ckan import Context, model
from ..links.model import Link
from ..proposals.lookups import goes_on
from . import chains, notices
from .model import Successor, before
from .moving import move
from .notices import News

#: Names of the jobs that tell a project of it, and that it isn't so any more.
NAMED, UNDONE = "successor-named", "successor-undone"


def later(dataset_id: str) -> None:
    """Let all linked projects be told of what replaces a dataset.

    Commits nothing.
    """
    query = sa.select(Link.project_id).where(Link.dataset_id == dataset_id)
    projects = sorted(model.Session.scalars(query))
    jobs.later_each(NAMED, [f"{id_} {dataset_id}" for id_ in projects])


@jobs.kind(NAMED)
def tell(key: str) -> None:
    """Move a link if it may be moved, and tell of it; commits nothing.

    What else waits for the same project is told in the same mail.

    :param key: ids of the project and the dataset
    """
    project_id, _, dataset_id = key.partition(" ")
    others = jobs.take(NAMED, f"{project_id} ")
    project = lookups.lock_by_id(model.Package, project_id)
    if project is None or not goes_on(project):
        return
    ids = {dataset_id, *(other.partition(" ")[2] for other in others)}
    news = [one for id_ in sorted(ids) if (one := _follow(project, id_))]
    if news:
        notices.tell(project, news)


def undo_later(dataset_id: str) -> None:
    """Let links be moved back, and be told that a dataset isn't replaced.

    Commits nothing.
    """
    moved = Link.moved_from.in_(before(dataset_id))
    is_its = (Link.dataset_id == dataset_id) | moved
    query = sa.select(Link.project_id).where(is_its)
    projects = sorted(model.Session.scalars(query.distinct()))
    jobs.later_each(UNDONE, [f"{id_} {dataset_id}" for id_ in projects])


@jobs.kind(UNDONE)
def undo(key: str) -> None:
    """Move a link back, and tell of it; commits nothing.

    Where something else replaces the dataset by now, that is told.

    :param key: ids of the project and the dataset
    """
    project_id, _, dataset_id = key.partition(" ")
    project = lookups.lock_by_id(model.Package, project_id)
    if project is None:
        return
    ids, is_back = before(dataset_id), False
    for link in Link.moved(project_id, ids):
        origin = link.moved_from or ""
        if old := _dataset(origin):
            by = Acting(Actor.PORTAL, None)
            move(Context(), link, project, old.id, by)
            is_back = is_back or origin == dataset_id
            # It goes as far as it may, and that is told.
            jobs.later(NAMED, f"{project_id} {origin}")
    if model.Session.get(Successor, dataset_id):
        jobs.later(NAMED, key)
    elif goes_on(project) and (old := _dataset(dataset_id)):
        notices.tell_undone(project, old, is_back=is_back)


def _dataset(id_: str) -> model.Package | None:
    """A dataset, if there is one that can be linked."""
    found = model.Package.get(id_)
    return found if found and chains.is_dataset(found) else None


def _follow(project: model.Package, dataset_id: str) -> News | None:
    """What there is to tell of one link, which is moved if it may be."""
    link = Link.get(project.id, dataset_id, locked=True)
    row = model.Session.get(Successor, dataset_id)
    if link is None or row is None:
        return None
    old = model.Package.get(dataset_id)
    by = Acting(Actor.PORTAL, row.created_by)
    target = _public(chains.unchanged(row)) if row.unchanged else None
    if target:
        move(Context(), link, project, target.id, by, is_by_portal=True)
    return News(old, dataset_id, row.created_by, target)


def _public(dataset_ids: Iterable[str]) -> model.Package | None:
    """The first of some datasets where any link may lead.

    To one that is private, only people move links: else the project's page
    would lose its data.
    """
    for id_ in dataset_ids:
        found = model.Package.get(id_)
        if found and chains.is_dataset(found) and not found.private:
            return found
    return None
