"""Asks the database which projects use the datasets of an organisation.

Everybody learns of public datasets, and the organisation's editors of its
private ones too. Of projects, only those that everybody may read count.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from ..config import PROJECT_TYPE
from ..lib.ckan import model
from .model import Link

#: So many projects of a dataset are named.
NAMED = 3

#: So many new links of an organisation are named.
NEWEST = 5

#: More words narrow nothing down.
MAX_WORDS = 10

#: How the database writes a moment.
ISO = 'YYYY-MM-DD"T"HH24:MI:SS.US'

SORTS = ("projects", "title", "newest")

_DATASET = model.package_table.alias("dataset")
_PROJECT = model.package_table.alias("project")
_dataset = _DATASET.c
_project = _PROJECT.c


@dataclass(frozen=True)
class Asked:
    """Which datasets somebody wants to see.

    :param organization_id: whose they are
    :param with_private: whether private ones are among them
    :param words: all of them stand in title or name
    :param used: only those that public projects are linked with, or only
        the others; None for all
    """

    organization_id: str
    with_private: bool
    words: str = ""
    used: bool | None = None


class Totals(NamedTuple):
    """How many there are.

    :param datasets: of the organisation, whatever is searched for
    :param used: of these, those with projects
    :param projects: linked with any of them
    :param count: of the datasets that are asked for
    :param newest: the newest links of the organisation: `linked`, `dataset`
        and `project`
    """

    datasets: int
    used: int
    projects: int
    count: int
    newest: list[dict[str, Any]]


class Used(NamedTuple):
    """A dataset, and what it is used by.

    :param since: when its first project was linked
    :param newest: when its newest one was
    :param projects: id, name and title of its newest ones
    """

    id: str
    name: str
    title: str
    private: bool
    num_projects: int
    since: datetime.datetime | None
    newest: datetime.datetime | None
    projects: list[dict[str, str]]


def totals(asked: Asked) -> Totals:
    """How much there is; one SQL statement."""
    uses = _uses(asked)
    query = sa.select(
        sa.func.count(),
        sa.func.count(uses.c.num),
        sa.select(sa.func.count(Link.project_id.distinct()))
        .select_from(_links(asked))
        .correlate(None)
        .scalar_subquery(),
        sa.func.count().filter(*_wanted(asked, uses)),
        _newest(asked),
    ).select_from(_datasets(uses))
    *numbers, newest = model.Session.execute(
        query.where(*_visible(asked))
    ).one()
    return Totals._make([*numbers, newest or []])


def page(asked: Asked, sort: str, limit: int, offset: int) -> list[Used]:
    """A part of the datasets that are asked for; one SQL statement.

    :param sort: one of `SORTS`
    """
    uses = _uses(asked)
    order = _order(sort, uses)
    part = (
        sa.select(
            _dataset.id,
            _dataset.name,
            _title(_dataset).label("title"),
            _dataset.private,
            sa.func.coalesce(uses.c.num, 0).label("num"),
            uses.c.since,
            uses.c.newest,
            sa.func.row_number().over(order_by=order).label("place"),
        )
        .select_from(_datasets(uses))
        .where(*_visible(asked), *_wanted(asked, uses))
        .order_by(*order)
        .limit(limit)
        .offset(offset)
        .subquery("part")
    )
    columns = [column for column in part.c if column.key != "place"]
    query = sa.select(*columns, _named(part)).order_by(part.c.place)
    return [
        Used._make([*row[:-1], row[-1] or []])
        for row in model.Session.execute(query)
    ]


def _visible(asked: Asked) -> list[sa.ColumnElement[bool]]:
    """Which datasets the reader may know of."""
    conditions = [
        _dataset.owner_org == asked.organization_id,
        _dataset.state == model.State.ACTIVE,
        _dataset.type != PROJECT_TYPE,
    ]
    if not asked.with_private:
        conditions.append(_dataset.private.is_(False))
    return conditions


def _links(asked: Asked) -> sa.FromClause:
    """The links of these datasets with public projects."""
    return sa.join(
        sa.join(
            Link.__table__,
            _DATASET,
            sa.and_(Link.dataset_id == _dataset.id, *_visible(asked)),
        ),
        _PROJECT,
        sa.and_(Link.project_id == _project.id, *_public_project()),
    )


def _public_project() -> list[sa.ColumnElement[bool]]:
    return [
        _project.type == PROJECT_TYPE,
        _project.state == model.State.ACTIVE,
        _project.private.is_(False),
    ]


def _uses(asked: Asked) -> sa.CTE:
    """How much each dataset is used; those that nobody uses are left out."""
    return (
        sa.select(
            Link.dataset_id,
            sa.func.count().label("num"),
            sa.func.min(Link.created).label("since"),
            sa.func.max(Link.created).label("newest"),
        )
        .select_from(_links(asked))
        .group_by(Link.dataset_id)
        .cte("uses")
    )


def _datasets(uses: sa.CTE) -> sa.FromClause:
    return sa.outerjoin(_DATASET, uses, uses.c.dataset_id == _dataset.id)


def _wanted(asked: Asked, uses: sa.CTE) -> list[sa.ColumnElement[bool]]:
    """Which of the visible datasets are asked for."""
    text = sa.func.lower(_title(_dataset) + " " + _dataset.name)
    conditions: list[sa.ColumnElement[bool]] = [
        text.contains(word, autoescape=True)
        for word in asked.words.lower().split()[:MAX_WORDS]
    ]
    if asked.used is not None:
        conditions.append(uses.c.num.is_not(None) == asked.used)
    return conditions or [sa.true()]


def _order(sort: str, uses: sa.CTE) -> list[sa.ColumnElement[Any]]:
    title = [sa.func.lower(_title(_dataset)), _dataset.id]
    newest_first = uses.c.newest.desc().nulls_last()
    return {
        "projects": [uses.c.num.desc().nulls_last(), newest_first, *title],
        "newest": [newest_first, *title],
        "title": title,
    }[sort]


def _title(package: Any) -> sa.ColumnElement[str]:
    """What pages call a package."""
    return sa.func.coalesce(sa.func.nullif(package.title, ""), package.name)


def _newest(asked: Asked) -> sa.ScalarSelect[Any]:
    """The newest links of an organisation's datasets, as JSON."""
    some = (
        sa.select(
            Link.created,
            sa.func.json_build_object(
                "linked",
                sa.func.to_char(Link.created, ISO),
                "dataset",
                _json(_dataset),
                "project",
                _json(_project),
            ).label("link"),
        )
        .select_from(_links(asked))
        .order_by(Link.created.desc(), Link.project_id, Link.dataset_id)
        .limit(NEWEST)
        .correlate(None)
        .subquery("newest")
    )
    return _listed(some, some.c.link)


def _named(part: sa.Subquery) -> sa.ScalarSelect[Any]:
    """The newest projects of each dataset of a page, as JSON."""
    some = (
        sa.select(Link.created, _json(_project).label("project"))
        .select_from(sa.join(Link, _PROJECT, Link.project_id == _project.id))
        .where(Link.dataset_id == part.c.id, *_public_project())
        .order_by(Link.created.desc(), _project.id)
        .limit(NAMED)
        .correlate(part)
        .subquery("named")
    )
    return _listed(some, some.c.project)


def _json(package: Any) -> sa.ColumnElement[Any]:
    return sa.func.json_build_object(
        "id", package.id, "name", package.name, "title", _title(package)
    )


def _listed(
    some: sa.Subquery, one: sa.ColumnElement[Any]
) -> sa.ScalarSelect[Any]:
    """All that a query has found, the newest first."""
    order = aggregate_order_by(one, some.c.created.desc())
    found = sa.select(sa.func.json_agg(order)).select_from(some)
    return found.scalar_subquery()
