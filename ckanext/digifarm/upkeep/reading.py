"""Reads what is known of addresses, repositories and issues."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from ..lib import clock
from ..lib.ckan import model
from ..lib.counting import part_of_found
from ..tasks.model import KEPT_STATES, Task
from . import addresses
from .model import FRESH, TO_DO, Check, Health, Issue, Repository

#: So many projects or partners with an address are named.
MOST_USES = 5

#: So many issues are offered.
MOST_ISSUES = 20

_PLACE = sa.case(
    {health.value: place for place, health in enumerate(TO_DO)},
    value=Check.health,
    else_=len(TO_DO),
)

#: The orders of the list.
SORTS: dict[str, tuple[Any, ...]] = {
    "health": (_PLACE, Check.since, Check.url),
    "since": (Check.since, Check.url),
    "checked": (Check.checked.asc().nulls_first(), Check.url),
    "address": (Check.host, Check.url),
}


def of_project(id_: str, project: Any) -> dict[str, Any]:
    """What is known of a project's addresses; one SQL statement.

    :param id_: its id
    :param project: what its fields hold
    """
    own = addresses.of_project(project)
    rows = _rows(id_, {*own.values()})
    known = {
        name: dictize(row[0])
        for name, url in own.items()
        if (row := rows.get(url))
    }
    source = rows.get(own.get(addresses.SOURCE, ""))
    repository = source[1] if source else None
    return {
        "addresses": known,
        "tasks": [
            dictize(check)
            for check, _, is_of_task in rows.values()
            if is_of_task
        ],
        "repository": repository and _repository(repository),
    }


def of_projects(
    projects: Mapping[str, Mapping[str, Any]],
) -> dict[str, dict[str, Any]]:
    """What is known of addresses of projects; one SQL statement at most.

    :param projects: what their fields hold, by their ids
    :returns: by their ids `addresses`, by the fields, and `repository`, as
        `of_project`
    """
    own = {id_: addresses.of_project(p) for id_, p in projects.items()}
    every = {url for urls in own.values() for url in urls.values()}
    query = (
        sa.select(Check, Repository)
        .outerjoin(Repository, Repository.url == Check.url)
        .where(Check.url.in_(every), _is_fresh())
    )
    rows = model.Session.execute(query) if every else []
    checks = {row[0].url: row.tuple() for row in rows}
    return {id_: _known(urls, checks) for id_, urls in own.items()}


def _known(
    own: Mapping[str, str],
    checks: Mapping[str, tuple[Check, Repository | None]],
) -> dict[str, Any]:
    _, repository = checks.get(own.get(addresses.SOURCE, ""), (None, None))
    return {
        "addresses": {
            name: dictize(checks[url][0])
            for name, url in own.items()
            if url in checks
        },
        "repository": repository and _repository(repository),
    }


def num_dead(projects: Collection[dict[str, Any]]) -> dict[str, int]:
    """How many addresses of projects don't answer; one SQL statement.

    :param projects: package dictionaries
    :returns: by their ids; those without any are left out
    """
    own = {p["id"]: {*addresses.of_project(p).values()} for p in projects}
    every = {url for urls in own.values() for url in urls}
    if not every:
        return {}
    query = sa.select(Check.url).where(
        Check.url.in_(every), Check.health == Health.DEAD.value, _is_fresh()
    )
    dead = {*model.Session.scalars(query)}
    return {id_: len(urls & dead) for id_, urls in own.items() if urls & dead}


def listed(
    health: Collection[str], sort: str, limit: int, offset: int
) -> dict[str, Any]:
    """A part of all addresses, with what has them; two SQL statements."""
    query = sa.select(Check).where(Check.health.in_(health), _is_fresh())
    count, rows = part_of_found(query.order_by(*SORTS[sort]), limit, offset)
    uses = addresses.uses_by_address(*(row.url for row in rows))
    return {
        "count": count,
        "results": [
            {**dictize(row), **_uses(uses.get(row.url, []))} for row in rows
        ],
    }


def issues(project: model.Package, source: str) -> list[dict[str, Any]]:
    """Issues for beginners that are no task yet; one SQL statement.

    :param source: the address of the project's source code
    """
    is_task = (
        sa.select(Task.id)
        .where(
            Task.project_id == project.id,
            Task.url == Issue.url,
            Task.state.in_([state.value for state in KEPT_STATES]),
        )
        .exists()
    )
    query = (
        sa.select(Issue)
        .where(Issue.repository == source, ~is_task)
        .order_by(Issue.number.desc())
        .limit(MOST_ISSUES)
    )
    return [
        {"url": row.url, "number": row.number, "title": row.title}
        for row in model.Session.scalars(query)
    ]


def dictize(check: Check) -> dict[str, Any]:
    """What the API says of an address."""
    return {
        "url": check.url,
        "health": check.health,
        "problem": check.problem,
        "status": check.status,
        "since": check.since.isoformat(),
        "checked": check.checked and check.checked.isoformat(),
        "moved_to": check.moved_to,
    }


def _rows(
    project_id: str, urls: set[str]
) -> dict[str, tuple[Check, Repository | None, bool]]:
    """What is known of some addresses, and of those of a project's tasks."""
    is_of_task = Check.url.in_(addresses.of_tasks(project_id))
    query = (
        sa.select(Check, Repository, is_of_task)
        .outerjoin(Repository, Repository.url == Check.url)
        .where(sa.or_(Check.url.in_(urls), is_of_task), _is_fresh())
        .order_by(Check.url)
    )
    return {row[0].url: row.tuple() for row in model.Session.execute(query)}


def _is_fresh() -> sa.ColumnElement[bool]:
    """What was looked at lately: the rest may be true no longer."""
    return Check.checked > clock.now() - FRESH


def _repository(row: Repository) -> dict[str, Any]:
    return {
        "forge": row.forge,
        "changed": row.changed and row.changed.isoformat(),
        "archived": row.archived,
        "publiccode": row.publiccode,
        "checked": row.checked and row.checked.isoformat(),
    }


def _uses(uses: list[addresses.Use]) -> dict[str, Any]:
    return {
        "num_uses": len(uses),
        "uses": [
            {
                "kind": use.kind,
                "field": use.field,
                "name": use.name,
                "title": use.title,
            }
            for use in uses[:MOST_USES]
        ],
    }


def is_moved(url: str) -> Check | None:
    """What is known of an address that has a new one."""
    query = sa.select(Check).where(
        Check.url == url, Check.health == Health.MOVED.value, _is_fresh()
    )
    return model.Session.scalar(query)
