"""Tells people what became of their addresses."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

import sqlalchemy as sa

from ..lib import clock, people
from ..lib.ckan import model
from ..notices import words
from ..notices.kinds import Data, Kind
from ..notices.telling import tell as tell_users
from ..projects import stages
from .addresses import Use, uses_of
from .model import Check, Health
from .notices import DEAD, LONG_DEAD, LOOK, MOVED

KINDS = {
    Health.DEAD.value: DEAD,
    Health.LOOK.value: LOOK,
    Health.MOVED.value: MOVED,
}

#: Reviewers hear of what nobody has mended for so long.
LONG = datetime.timedelta(weeks=4)


def tell(check: Check) -> None:
    """Tell who looks after projects with an address; commits nothing.

    Nobody of projects that are over: nobody will mend them.

    :param check: what was just found
    """
    kind = KINDS.get(check.health)
    if kind is None:
        return
    for project, uses in _by_project(uses_of(check.url)):
        _tell(kind, people.of_project(project), check, project, uses)


def tell_reviewers() -> None:
    """Tell reviewers of what has been dead for long; commits nothing."""
    query = (
        sa.select(Check)
        .where(
            Check.health == Health.DEAD.value,
            Check.since < clock.now() - LONG,
        )
        .order_by(Check.url)
    )
    reviewers = people.reviewers()
    for check in model.Session.scalars(query).all() if reviewers else ():
        for project, uses in _by_project(uses_of(check.url)):
            _tell(LONG_DEAD, reviewers, check, project, uses)


def _tell(
    kind: Kind,
    users: list[model.User],
    check: Check,
    project: model.Package,
    uses: list[Use],
) -> None:
    tell_users(
        kind,
        users,
        f"{project.id} {check.since.isoformat()} {check.url}",
        package_ids=[project.id],
        data=_data(check, project, uses),
    )


def _by_project(
    uses: Iterable[Use],
) -> list[tuple[model.Package, list[Use]]]:
    """The projects that go on, with what of each has the address."""
    found: dict[str, list[Use]] = {}
    for use in uses:
        if use.project_id:
            found.setdefault(use.project_id, []).append(use)
    projects = (model.Session.get(model.Package, id_) for id_ in sorted(found))
    return [
        (project, found[project.id])
        for project in projects
        if project and not stages.is_over(project.extras.get("stage"))
    ]


def _data(check: Check, project: model.Package, uses: list[Use]) -> Data:
    """What the words of a notice need."""
    return {
        "project": words.package(project),
        "url": check.url,
        "fields": [use.field for use in uses if use.kind == "project"],
        "tasks": [use.title for use in uses if use.kind == "task"],
        "since": check.since.isoformat(),
        "problem": check.problem,
        "moved_to": check.moved_to,
    }
