"""Asks the database which projects use the datasets of an organisation.

Everybody learns of public datasets, and the organisation's editors of its
private ones too. Of projects, only those that everybody may read count. How
many these are was counted before; see use_counts.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from ..config import PROJECT_TYPE
from ..lib.ckan import model
from ..projects.public import is_public
from .model import Link
from .use_counts import DatasetUse, OrganizationUse

#: So many projects of a dataset are named on pages, and at most.
NAMED, MOST_NAMED = 3, 50

#: So many new links of an organisation are named.
NEWEST = 5

#: More words narrow nothing down.
MAX_WORDS = 10

#: How the database writes a moment.
ISO = 'YYYY-MM-DD"T"HH24:MI:SS.US'

SORTS = ("projects", "title", "newest")

_DATASET = model.package_table.alias("dataset")
_PROJECT = model.package_table.alias("project")
_USE: Any = DatasetUse.__table__
_dataset = _DATASET.c
_project = _PROJECT.c
_use = _USE.c


@dataclass(frozen=True)
class Asked:
    """Which datasets somebody wants to see.

    :param organization_id: whose they are
    :param with_private: whether private ones are among them
    :param words: all of them stand in title or name
    :param used: only those that public projects are linked with, or only
        the others; None for all
    :param named: so many projects of each are named
    """

    organization_id: str
    with_private: bool
    words: str = ""
    used: bool | None = None
    named: int = NAMED


class Used(NamedTuple):
    """A dataset, and what it is used by.

    :param since: when its first project was linked, or None
    :param newest: when its newest one was, or None
    :param projects: `id`, `name` and `title` of its newest ones
    """

    id: str
    name: str
    title: str
    private: bool
    num_projects: int
    since: str | None
    newest: str | None
    projects: list[dict[str, str]]


class Found(NamedTuple):
    """What becomes of an organisation's datasets.

    :param datasets: how many there are, whatever is searched for
    :param used: how many of these have projects
    :param projects: how many are linked with any of them
    :param count: how many datasets are asked for
    :param newest: the newest links: `linked`, `dataset` and `project`
    :param page: a part of the datasets that are asked for
    """

    datasets: int
    used: int
    projects: int
    count: int
    newest: list[dict[str, Any]]
    page: list[Used]


def find(asked: Asked, sort: str, limit: int, offset: int) -> Found:
    """What becomes of the datasets; one SQL statement.

    :param sort: one of `SORTS`
    """
    visible = _visible(asked)
    wanted = _wanted(asked, visible)
    part = (
        sa.select(visible)
        .where(*wanted)
        .order_by(*_order(sort, visible))
        .limit(limit)
        .offset(offset)
        .cte("part")
    )
    row = model.Session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(visible.c.num_projects),
            _count_projects(asked),
            sa.func.count().filter(*wanted),
            _newest(visible),
            _page(part, sort, asked.named),
        ).select_from(visible)
    ).one()
    *numbers, newest, page = row
    used = [Used(**one) for one in page or []]
    return Found._make([*numbers, newest or [], used])


def count_used(asked: Asked) -> tuple[int, int]:
    """How many datasets there are, and how many are used; one statement."""
    query = sa.select(sa.func.count(), sa.func.count(_use.dataset_id))
    row = model.Session.execute(
        query.select_from(_datasets()).where(*_is_visible(asked))
    ).one()
    return row.tuple()


def _datasets() -> sa.Join:
    """Datasets, and how much they are used if they are."""
    return sa.outerjoin(_DATASET, _USE, _use.dataset_id == _dataset.id)


def _is_visible(asked: Asked) -> list[sa.ColumnElement[bool]]:
    """Which datasets the reader may know of."""
    conditions = [
        _dataset.owner_org == asked.organization_id,
        _dataset.state == model.State.ACTIVE,
        _dataset.type != PROJECT_TYPE,
    ]
    if not asked.with_private:
        conditions.append(_dataset.private.is_(False))
    return conditions


def _visible(asked: Asked) -> sa.CTE:
    """The visible datasets, and how much each is used."""
    return (
        sa.select(
            _dataset.id,
            _dataset.name,
            _title(_dataset).label("title"),
            _dataset.private,
            _use.num_projects,
            _use.since,
            _use.newest,
        )
        .select_from(_datasets())
        .where(*_is_visible(asked))
        .cte("visible")
    )


def _wanted(asked: Asked, visible: sa.CTE) -> list[sa.ColumnElement[bool]]:
    """Which of the visible datasets are asked for."""
    text = sa.func.lower(visible.c.title + " " + visible.c.name)
    conditions: list[sa.ColumnElement[bool]] = [
        text.contains(word, autoescape=True)
        for word in asked.words.lower().split()[:MAX_WORDS]
    ]
    if asked.used is not None:
        conditions.append(visible.c.num_projects.is_not(None) == asked.used)
    return conditions or [sa.true()]


def _order(sort: str, datasets: sa.CTE) -> list[sa.ColumnElement[Any]]:
    title = [sa.func.lower(datasets.c.title), datasets.c.id]
    newest_first = datasets.c.newest.desc().nulls_last()
    return {
        "projects": [
            datasets.c.num_projects.desc().nulls_last(),
            newest_first,
            *title,
        ],
        "newest": [newest_first, *title],
        "title": title,
    }[sort]


def _count_projects(asked: Asked) -> sa.ColumnElement[int]:
    """How many projects are linked with the visible datasets."""
    use = OrganizationUse
    number = use.of_all if asked.with_private else use.of_public
    query = sa.select(number).where(
        use.organization_id == asked.organization_id
    )
    return sa.func.coalesce(query.scalar_subquery(), 0)


def _newest(visible: sa.CTE) -> sa.ScalarSelect[Any]:
    """The newest links, as JSON."""
    # They are among those of the datasets that have the newest ones.
    datasets = (
        sa.select(visible)
        .where(visible.c.newest.is_not(None))
        .order_by(visible.c.newest.desc(), visible.c.id)
        .limit(NEWEST)
        .subquery("datasets")
    )
    links = _newest_projects(datasets.c.id, NEWEST).lateral("links")
    order = (links.c.created.desc(), datasets.c.id, links.c.id)
    some = (
        sa.select(
            links.c.created,
            _json(datasets.c).label("dataset"),
            _json(links.c).label("project"),
            sa.func.row_number().over(order_by=order).label("place"),
        )
        .select_from(sa.join(datasets, links, sa.true()))
        .order_by(*order)
        .limit(NEWEST)
        .subquery("newest")
    )
    one = sa.func.json_build_object(
        "linked",
        sa.func.to_char(some.c.created, ISO),
        "dataset",
        some.c.dataset,
        "project",
        some.c.project,
    )
    found = sa.func.json_agg(aggregate_order_by(one, some.c.place))
    return sa.select(found).select_from(some).scalar_subquery()


def _page(part: sa.CTE, sort: str, named: int) -> sa.ScalarSelect[Any]:
    """The datasets of a page, as JSON: what `Used` holds."""
    one = sa.func.json_build_object(
        "id",
        part.c.id,
        "name",
        part.c.name,
        "title",
        part.c.title,
        "private",
        part.c.private,
        "num_projects",
        sa.func.coalesce(part.c.num_projects, 0),
        "since",
        sa.func.to_char(part.c.since, ISO),
        "newest",
        sa.func.to_char(part.c.newest, ISO),
        "projects",
        sa.func.coalesce(_named(part, named), sa.text("'[]'::json")),
    )
    order = aggregate_order_by(one, *_order(sort, part))
    found = sa.select(sa.func.json_agg(order)).select_from(part)
    return found.scalar_subquery()


def _named(part: sa.CTE, most: int) -> sa.ScalarSelect[Any]:
    """The newest projects of a dataset, as JSON."""
    some = _newest_projects(part.c.id, most).correlate(part).subquery("named")
    order = aggregate_order_by(_json(some.c), some.c.created.desc(), some.c.id)
    found = sa.select(sa.func.json_agg(order)).select_from(some)
    return found.correlate(part).scalar_subquery()


def _newest_projects(
    dataset_id: sa.ColumnElement[str], most: int
) -> sa.Select[Any]:
    """The projects of a dataset that were linked last, and when."""
    return (
        sa.select(Link.created, _project.id, _project.name, _project.title)
        .select_from(sa.join(Link, _PROJECT, Link.project_id == _project.id))
        .where(Link.dataset_id == dataset_id, is_public(_project))
        .order_by(Link.created.desc(), _project.id)
        .limit(most)
    )


def _title(package: Any) -> sa.ColumnElement[str]:
    """What pages call a package."""
    return sa.func.coalesce(sa.func.nullif(package.title, ""), package.name)


def _json(package: Any) -> sa.ColumnElement[Any]:
    return sa.func.json_build_object(
        "id", package.id, "name", package.name, "title", _title(package)
    )
