"""Reads what is known of addresses, repositories and issues."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from ..lib import clock
from ..lib.ckan import model
from ..lib.counting import ENOUGH, number, part_of_found
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

#: What of the list there are numbers of.
COUNTED = (*TO_DO, Health.UNKNOWN)

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
            {**dictize(check), "task": task}
            for check, _, task in rows.values()
            if task
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
) -> tuple[int, list[dict[str, Any]], dict[str, list[addresses.Use]]]:
    """A part of all addresses, with what has them; two SQL statements.

    :returns: how many there are, the part, and what has each by the address
    """
    query = sa.select(Check).where(Check.health.in_(health), _is_listed())
    count, rows = part_of_found(query.order_by(*SORTS[sort]), limit, offset)
    uses = addresses.uses_by_address(*(row.url for row in rows))
    return count, [dictize(row) for row in rows], uses


def counts() -> dict[str, int]:
    """How many addresses there are of each `COUNTED`; one SQL statement.

    Of more than `ENOUGH`, so many are counted.
    """
    parts = {
        health.value: sa.select(Check.url)
        .where(Check.health == health.value, _is_listed())
        .limit(ENOUGH)
        .subquery()
        for health in COUNTED
    }
    query = sa.select(
        *(
            sa.select(sa.func.count())
            .select_from(part)
            .scalar_subquery()
            .label(name)
            for name, part in parts.items()
        )
    )
    return dict(model.Session.execute(query).mappings().one())


def num_to_do() -> int:
    """How many addresses somebody should look at; of many, `ENOUGH`."""
    to_do = [health.value for health in TO_DO]
    return number(
        sa.select(Check.url).where(Check.health.in_(to_do), _is_fresh())
    )


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
) -> dict[str, tuple[Check, Repository | None, str | None]]:
    """What is known of some addresses, and of those of a project's tasks."""
    own = sa.func.unnest(sa.cast([*urls], ARRAY(sa.UnicodeText)))
    # Asked for by two conditions, all addresses of the portal would be read.
    wanted = sa.union(
        sa.select(own.label("url")), addresses.of_tasks(project_id)
    ).subquery("wanted")
    task = addresses.task_with(Check.url, project_id).scalar_subquery()
    query = (
        sa.select(Check, Repository, task)
        .join(wanted, wanted.c.url == Check.url)
        .outerjoin(Repository, Repository.url == Check.url)
        .where(_is_fresh())
        .order_by(Check.url)
    )
    return {row[0].url: row.tuple() for row in model.Session.execute(query)}


def dead_by_project() -> dict[str, int]:
    """How many addresses of each public project are dead, if any are."""
    used = addresses.uses().subquery("uses")
    query = (
        sa.select(used.c.project_id, sa.func.count(sa.distinct(used.c.url)))
        .join(Check, Check.url == used.c.url)
        .where(
            used.c.project_id.is_not(None),
            Check.health == Health.DEAD.value,
            _is_fresh(),
        )
        .group_by(used.c.project_id)
    )
    return dict(row.tuple() for row in model.Session.execute(query))


def _is_fresh() -> sa.ColumnElement[bool]:
    """What was looked at lately: the rest may be true no longer."""
    return Check.checked > clock.now() - FRESH


def _is_listed() -> sa.ColumnElement[bool]:
    """What reviewers see: that, and what nobody has looked at yet."""
    return sa.or_(_is_fresh(), Check.checked.is_(None))


def _repository(row: Repository) -> dict[str, Any]:
    return {
        "forge": row.forge,
        "changed": row.changed and row.changed.isoformat(),
        "archived": row.archived,
        "publiccode": row.publiccode,
        "checked": row.checked and row.checked.isoformat(),
    }


def shown_uses(
    uses: list[addresses.Use], editable: Collection[str]
) -> dict[str, Any]:
    """What the API says of what has an address.

    :param editable: ids of what the user may edit, as :py:class:`Use` has it
    """
    return {
        "num_uses": len(uses),
        "uses": [
            {
                "kind": use.kind,
                "id": use.id,
                "field": use.field,
                "name": use.name,
                "title": use.title,
                "may_edit": use.id in editable,
            }
            for use in uses[:MOST_USES]
        ],
    }


def to_do(url: str) -> Check | None:
    """What is known of an address that somebody should look at."""
    healths = [health.value for health in TO_DO]
    return model.Session.scalar(
        sa.select(Check).where(
            Check.url == url, Check.health.in_(healths), _is_fresh()
        )
    )


def is_moved(url: str) -> Check | None:
    """What is known of an address that has a new one."""
    query = sa.select(Check).where(
        Check.url == url, Check.health == Health.MOVED.value, _is_fresh()
    )
    return model.Session.scalar(query)
