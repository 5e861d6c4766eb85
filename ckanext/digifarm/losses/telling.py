"""Tells those who look after projects that data they need is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from ..config import PROJECT_TYPE
from ..lib import clock, lookups, people
from ..lib.acting import Acting
from ..lib.actors import Actor
from ..lib.ckan import authz, model
from ..lib.events import Change, Event, Subject
from ..notices.telling import Telling, tell_all
from ..projects import stages
from ..proposals.model import OPEN_STATES, Proposal
from . import alarms, doing, looking
from .came_back import Successor, came_back_as, named
from .comparing import (
    FORMAT,
    GONE,
    MOVED,
    PRIVATE,
    PURGED,
    UNPUBLISHED,
    Dataset,
    Seen,
    Sight,
    accepted,
    settled,
)
from .model import LinkedDataset
from .notices import LOST, REPLACED

#: Nobody in person has taken it from them, as far as is known.
PORTAL = Acting(Actor.PORTAL, None)


def waiting() -> list[str]:
    """Ids of the datasets whose losses are to be told; one SQL statement."""
    query = (
        sa.select(LinkedDataset.id, LinkedDataset.missing)
        .where(LinkedDataset.missing != sa.cast({}, JSONB))
        .order_by(LinkedDataset.id)
    )
    at = clock.now()
    return [
        id_
        for id_, missing in model.Session.execute(query)
        if settled(missing, at)
    ]


def second_look(dataset_id: str) -> None:
    """Tell what a dataset has lost, if it is so still; commits nothing.

    :param dataset_id: of a dataset that has lost something at the first look
    """
    lookups.lock_by_id(LinkedDataset, dataset_id)
    at = clock.now()
    for sight in looking.differing([dataset_id]):
        seen = sight.looked(at)
        if seen and (losses := settled(seen.missing, at)):
            sight = sight._replace(seen=seen)  # noqa: PLW2901
            _tell(sight, seen, losses)
            seen = accepted(sight, losses)
        looking.write({dataset_id: seen})


def _tell(sight: Sight, seen: Seen, losses: list[str]) -> None:
    """Tell what is lost, in one notice to each person for each project."""
    before = seen.dataset
    first = min(seen.missing[loss] for loss in losses)
    new = _taken_its_place(before, losses, first)
    data = _data(sight, before, losses, first, new)
    projects = concerned(seen.projects)
    publisher = data["new_organization"] or data["organization"]
    own = {user.id for user in people.editors_of(publisher)}
    tell_all(
        Telling(
            REPLACED if new else LOST,
            [user for user in team if (user.id in own) == is_own],
            f"{project.id} {before.id} {first}",
            package_ids=[project.id, *_to_read(sight, before, new)],
            data={
                **data,
                **about_project(project, seen.projects[project.id]),
                "is_own": is_own,
            },
        )
        for project, team in _whom(sight, before, losses, first, projects)
        for is_own in (False, True)
    )
    for project in projects:
        _record(sight, before, losses, project, new)


def _whom(
    sight: Sight,
    before: Dataset,
    losses: list[str],
    first: str,
    projects: list[model.Package],
) -> Iterable[tuple[model.Package, list[model.User]]]:
    """Who of each project is told.

    Who could read it; but neither those who did it, nor those who were told of
    it and not yet that it is over, nor those to whom it only comes back where
    it was.
    """
    teams = people.of_projects([project.id for project in projects])
    may = {user.id for user in _who_could_read(before, teams.values())}
    may.discard(doing.who_did(before, losses[0], first))
    knows = alarms.standing(before.id, losses)
    if sight.now and losses == [MOVED]:
        knows |= alarms.of_going_away(sight.now)
    for project in projects:
        yield (
            project,
            [
                user
                for user in teams[project.id]
                if user.id in may and (user.id, project.id) not in knows
            ],
        )


def _taken_its_place(
    before: Dataset, losses: list[str], first: str
) -> Successor | None:
    """What people use in place of a dataset that is gone."""
    if losses[0] in GONE:
        return came_back_as(before, datetime.fromisoformat(first))
    # Nothing creates anew what is only a draft again.
    return named(before) if losses[0] == UNPUBLISHED else None


def _to_read(
    sight: Sight, before: Dataset, new: Successor | None
) -> list[str]:
    """What its readers must be able to read, besides the project."""
    is_secret = before.private and sight.now and sight.now.is_there
    found = [before.id] if is_secret else []
    return [*found, new.package.id] if new else found


def about_project(project: model.Package, relation: str) -> dict[str, Any]:
    """What a notice says of a project."""
    return {
        "project": project.id,
        "project_name": project.name,
        "project_title": project.title or project.name,
        "relation": relation,
    }


def _data(
    sight: Sight,
    before: Dataset,
    losses: list[str],
    first: str,
    new: Successor | None,
) -> dict[str, Any]:
    """What the words of a notice need, whatever the project."""
    now = sight.now
    ids = {before.owner_org, now.owner_org if now else None} - {None}
    query = sa.select(model.Group).where(
        model.Group.id.in_(ids), model.Group.state == model.State.ACTIVE
    )
    groups: dict[str | None, model.Group] = {
        group.id: group for group in model.Session.scalars(query)
    }
    # Who may read it no longer must not learn who has it.
    is_told = now and MOVED in losses and not now.private
    owner = now.owner_org if now and is_told else None
    return {
        **_named("dataset", before),
        "losses": losses,
        "since": first,
        # By which it is known whether it is as before.
        "private": before.private,
        "owner_org": before.owner_org,
        **_named("organization", groups.get(before.owner_org)),
        **_named("new_organization", groups.get(owner)),
        **_named("successor", new.package if new else None),
        "is_named": bool(new and new.is_named),
    }


def _named(
    what: str, found: Dataset | model.Group | model.Package | None
) -> dict[str, str | None]:
    """What a notice says of something that it leads to."""
    return {
        what: found.id if found else None,
        f"{what}_name": found.name if found else None,
        f"{what}_title": (found.title or found.name) if found else None,
    }


def concerned(projects: Collection[str]) -> list[model.Package]:
    """The projects among some that go on; one SQL statement.

    Those that were deleted or are over need nothing, and those that are only
    proposed have nobody yet who could be told.
    """
    proposed = sa.select(Proposal.id).where(
        Proposal.project_id == model.Package.id,
        Proposal.state.in_([state.value for state in OPEN_STATES]),
    )
    query = (
        sa.select(model.Package)
        .where(
            model.Package.id.in_(projects),
            model.Package.type == PROJECT_TYPE,
            model.Package.state == model.State.ACTIVE,
            ~proposed.exists(),
        )
        .order_by(model.Package.id)
    )
    return [
        project
        for project in model.Session.scalars(query)
        if not stages.is_over(project.extras.get("stage"))
    ]


def _who_could_read(
    dataset: Dataset, teams: Iterable[list[model.User]]
) -> Collection[model.User]:
    """Who of some teams could read a dataset when it was there.

    It may be gone, so that nobody can be asked whether they may.
    """
    users = {user for team in teams for user in team}
    if not dataset.private:
        return users
    collaborators: set[str] = set()
    if people.collaborate():
        query = sa.select(model.PackageMember.user_id).where(
            model.PackageMember.package_id == dataset.id
        )
        collaborators = {*model.Session.scalars(query)}
    return [
        user
        for user in users
        if user.sysadmin
        or user.id in collaborators
        or authz.has_user_permission_for_group_or_org(
            dataset.owner_org, user.name, "read"
        )
    ]


def _record(
    sight: Sight,
    before: Dataset,
    losses: list[str],
    project: model.Package,
    new: Successor | None,
) -> None:
    """Write down what a project has lost."""
    for loss in losses:
        change, source, target = _change(sight, before, loss)
        Event.record(
            Subject.DATASET,
            before.id,
            change,
            source,
            target,
            project=project,
            by=PORTAL,
            data=_remembered(before, new),
        )


def _remembered(before: Dataset, new: Successor | None) -> dict[str, Any]:
    """What an event says besides; only what everybody could read."""
    data: dict[str, Any] = {} if before.private else {"title": before.title}
    return {**data, "successor": new.package.id} if new else data


def _change(
    sight: Sight, before: Dataset, loss: str
) -> tuple[Change, str | None, str | None]:
    """What an event calls a loss, and what was and is."""
    now = sight.now
    if loss == PURGED or now is None:
        return Change.PURGED, before.state, None
    if loss == PRIVATE:
        return Change.HIDDEN, "public", "private"
    if loss == UNPUBLISHED:
        return Change.HIDDEN, before.state, now.state
    if loss == MOVED:
        return Change.ORGANIZATION_CHANGED, before.owner_org, now.owner_org
    if loss.startswith(FORMAT):
        return Change.FORMAT_LOST, loss.removeprefix(FORMAT), None
    return Change.DELETED, before.state, now.state
