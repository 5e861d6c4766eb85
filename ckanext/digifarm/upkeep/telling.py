"""Tells people what became of their addresses."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import sqlalchemy as sa

from .. import config
from ..lib import clock, people
from ..lib.ckan import model
from ..notices import words
from ..notices.kinds import Data, Kind
from ..notices.model import Notice
from ..notices.telling import Telling, tell_all
from ..projects import stages
from .addresses import Use, uses_by_address, uses_of
from .model import FRESH, Check, Health
from .notices import DEAD, LONG_DEAD, LOOK, MOVED, REMINDED

KINDS = {
    Health.DEAD.value: DEAD,
    Health.LOOK.value: LOOK,
    Health.MOVED.value: MOVED,
}

#: Reviewers hear of what nobody has mended for so long.
LONG = datetime.timedelta(weeks=4)

#: So much is told in a day, to each of whom it concerns.
MOST = 500

#: So many addresses are looked up at a time.
AT_A_TIME = 200


def tell(check: Check) -> None:
    """Tell who looks after projects with an address; commits nothing.

    Nobody of projects that are over: nobody will mend them.

    :param check: what was just found
    """
    kind = KINDS.get(check.health)
    if kind is None:
        return
    found = _by_project(uses_of(check.url))
    teams = people.of_projects([project.id for project, _ in found])
    tell_all(
        _telling(kind, teams[project.id], check, project, uses)
        for project, uses in found
    )


def remind(check: Check) -> int:
    """Tell the same people once more, as reviewers ask; commits nothing.

    Once in a calendar week.

    :returns: how many are told
    """
    found = _by_project(uses_of(check.url))
    teams = people.of_projects([project.id for project, _ in found])
    year, week, _ = clock.now().isocalendar()
    return tell_all(
        Telling(
            REMINDED,
            teams[project.id],
            f"{project.id} {year}-{week} {check.url}",
            package_ids=[project.id],
            data=_data(check, project, uses),
        )
        for project, uses in found
    )


def tell_of_dead() -> None:
    """Tell who wasn't told yet of what is dead; commits nothing.

    Who has taken up such an address since; and reviewers, of what nobody has
    mended for long.
    """
    if not config.upkeep_enabled():
        return
    now = clock.now()
    query = (
        sa.select(Check)
        .where(Check.health == Health.DEAD.value, Check.checked > now - FRESH)
        .order_by(Check.since, Check.url)
    )
    checks = model.Session.scalars(query).all()
    left = MOST
    for start in range(0, len(checks), AT_A_TIME):
        if left > 0:
            found = checks[start : start + AT_A_TIME]
            left -= tell_all(islice(_untold(found, now - LONG), left))


def _untold(
    checks: Sequence[Check], long_ago: datetime.datetime
) -> Iterator[Telling]:
    """What nobody was told of some dead addresses."""
    uses = uses_by_address(*(check.url for check in checks))
    projects = _going_on(use for found in uses.values() for use in found)
    found = [
        (check, project, own)
        for check in checks
        for project, own in _own(uses.get(check.url, []), projects)
    ]
    keys = [_key(check, project) for check, project, _ in found]
    query = sa.select(Notice.kind, Notice.key).where(
        Notice.kind.in_([DEAD.name, LONG_DEAD.name]), Notice.key.in_(keys)
    )
    told = {*model.Session.execute(query).tuples()}
    reviewers, teams = people.reviewers(), people.of_projects([*projects])
    for check, project, own in found:
        key = _key(check, project)
        if (DEAD.name, key) not in told:
            yield _telling(DEAD, teams[project.id], check, project, own)
        if check.since < long_ago and (LONG_DEAD.name, key) not in told:
            yield _telling(LONG_DEAD, reviewers, check, project, own)


def _telling(
    kind: Kind,
    users: list[model.User],
    check: Check,
    project: model.Package,
    uses: list[Use],
) -> Telling:
    return Telling(
        kind,
        users,
        _key(check, project),
        package_ids=[project.id],
        data=_data(check, project, uses),
    )


def _key(check: Check, project: model.Package) -> str:
    """What tells this time from others that the same was so."""
    return f"{project.id} {check.since.isoformat()} {check.url}"


def _by_project(
    uses: Sequence[Use],
) -> list[tuple[model.Package, list[Use]]]:
    """The projects that go on, with what of each has the address."""
    return _own(uses, _going_on(uses))


def _going_on(uses: Iterable[Use]) -> dict[str, model.Package]:
    """The projects of some uses that are not over; one SQL statement."""
    ids = {use.project_id for use in uses if use.project_id}
    query = sa.select(model.Package).where(model.Package.id.in_(ids))
    return {
        project.id: project
        for project in model.Session.scalars(query.order_by(model.Package.id))
        if not stages.is_over(project.extras.get("stage"))
    }


def _own(
    uses: Iterable[Use], projects: Mapping[str, model.Package]
) -> list[tuple[model.Package, list[Use]]]:
    """Some projects that have something, and what of each has it."""
    found: dict[str, list[Use]] = {}
    for use in uses:
        if use.project_id and use.project_id in projects:
            found.setdefault(use.project_id, []).append(use)
    return [(projects[id_], found[id_]) for id_ in sorted(found)]


def _data(check: Check, project: model.Package, uses: list[Use]) -> Data:
    """What the words of a notice need."""
    return {
        "project": words.package(project),
        "url": check.url,
        "fields": [use.field for use in uses if use.kind == "project"],
        "tasks": [use.title for use in uses if use.kind == "task"],
        "task": next((use.id for use in uses if use.kind == "task"), ""),
        "since": check.since.isoformat(),
        "problem": check.problem,
        "moved_to": check.moved_to,
    }
