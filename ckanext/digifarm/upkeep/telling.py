"""Tells people what became of their addresses."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
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
from .addresses import Use, uses_of
from .model import FRESH, Check, Health
from .notices import DEAD, LONG_DEAD, LOOK, MOVED

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
    if kind is not None:
        tell_all(
            _telling(kind, people.of_project(project), check, project, uses)
            for project, uses in _by_project(uses_of(check.url))
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
    uses: dict[str, list[Use]] = {}
    for use in uses_of(*(check.url for check in checks)):
        uses.setdefault(use.url, []).append(use)
    found = [
        (check, project, own)
        for check in checks
        for project, own in _by_project(uses.get(check.url, []))
    ]
    keys = [_key(check, project) for check, project, _ in found]
    query = sa.select(Notice.kind, Notice.key).where(
        Notice.kind.in_([DEAD.name, LONG_DEAD.name]), Notice.key.in_(keys)
    )
    told = {*model.Session.execute(query).tuples()}
    reviewers = people.reviewers()
    for check, project, own in found:
        key = _key(check, project)
        if (DEAD.name, key) not in told:
            users = people.of_project(project)
            yield _telling(DEAD, users, check, project, own)
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
