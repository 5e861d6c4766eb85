"""Asks the database which projects use the datasets of an organisation.

Everybody learns of public datasets, and the organisation's editors of its
private ones too. Of projects, only those that everybody may read count.
"""

from __future__ import annotations

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
    """What becomes of the datasets; one SQL statement, and one look at links.

    :param sort: one of `SORTS`
    """
    links = _links(asked)
    visible = _visible(asked, links)
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
            sa.func.count(visible.c.num),
            _count_projects(links),
            sa.func.count().filter(*wanted),
            _newest(links),
            _page(part, sort),
        ).select_from(visible)
    ).one()
    *numbers, newest, page = row
    used = [Used(**one) for one in page or []]
    return Found._make([*numbers, newest or [], used])


def count_used(asked: Asked) -> tuple[int, int]:
    """How many datasets there are, and how many of them are used.

    One SQL statement, which doesn't count links: it takes no longer where a
    dataset has many.
    """
    is_used = (
        sa.select(Link.project_id)
        .join(_PROJECT, Link.project_id == _project.id)
        .where(Link.dataset_id == _dataset.id, *_is_public_project())
        .correlate(_DATASET)
        .exists()
    )
    query = sa.select(sa.func.count(), sa.func.count().filter(is_used))
    row = model.Session.execute(
        query.select_from(_DATASET).where(*_is_visible(asked))
    ).one()
    return row.tuple()


def _links(asked: Asked) -> sa.CTE:
    """The links of the visible datasets with public projects."""
    return (
        sa.select(Link.project_id, Link.dataset_id, Link.created)
        .join(_DATASET, Link.dataset_id == _dataset.id)
        .join(_PROJECT, Link.project_id == _project.id)
        .where(*_is_visible(asked), *_is_public_project())
        .cte("links")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


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


def _is_public_project() -> list[sa.ColumnElement[bool]]:
    return [
        _project.type == PROJECT_TYPE,
        _project.state == model.State.ACTIVE,
        _project.private.is_(False),
    ]


def _visible(asked: Asked, links: sa.CTE) -> sa.CTE:
    """The visible datasets, and how much each is used."""
    uses = (
        sa.select(
            links.c.dataset_id,
            sa.func.count().label("num"),
            sa.func.min(links.c.created).label("since"),
            sa.func.max(links.c.created).label("newest"),
        )
        .group_by(links.c.dataset_id)
        .cte("uses")
    )
    return (
        sa.select(
            _dataset.id,
            _dataset.name,
            _title(_dataset).label("title"),
            _dataset.private,
            uses.c.num,
            uses.c.since,
            uses.c.newest,
        )
        .select_from(
            sa.outerjoin(_DATASET, uses, uses.c.dataset_id == _dataset.id)
        )
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
        conditions.append(visible.c.num.is_not(None) == asked.used)
    return conditions or [sa.true()]


def _order(sort: str, datasets: sa.CTE) -> list[sa.ColumnElement[Any]]:
    title = [sa.func.lower(datasets.c.title), datasets.c.id]
    newest_first = datasets.c.newest.desc().nulls_last()
    return {
        "projects": [datasets.c.num.desc().nulls_last(), newest_first, *title],
        "newest": [newest_first, *title],
        "title": title,
    }[sort]


def _count_projects(links: sa.CTE) -> sa.ScalarSelect[int]:
    each = sa.select(links.c.project_id).distinct().subquery()
    return sa.select(sa.func.count()).select_from(each).scalar_subquery()


def _newest(links: sa.CTE) -> sa.ScalarSelect[Any]:
    """The newest links, as JSON."""
    some = (
        sa.select(links)
        .order_by(
            links.c.created.desc(), links.c.project_id, links.c.dataset_id
        )
        .limit(NEWEST)
        .subquery("newest")
    )
    one = sa.func.json_build_object(
        "linked",
        sa.func.to_char(some.c.created, ISO),
        "dataset",
        _json(_dataset),
        "project",
        _json(_project),
    )
    order = (some.c.created.desc(), some.c.project_id, some.c.dataset_id)
    return (
        sa.select(sa.func.json_agg(aggregate_order_by(one, *order)))
        .select_from(some)
        .join(_DATASET, some.c.dataset_id == _dataset.id)
        .join(_PROJECT, some.c.project_id == _project.id)
        .scalar_subquery()
    )


def _page(part: sa.CTE, sort: str) -> sa.ScalarSelect[Any]:
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
        sa.func.coalesce(part.c.num, 0),
        "since",
        sa.func.to_char(part.c.since, ISO),
        "newest",
        sa.func.to_char(part.c.newest, ISO),
        "projects",
        sa.func.coalesce(_named(part), sa.text("'[]'::json")),
    )
    order = aggregate_order_by(one, *_order(sort, part))
    found = sa.select(sa.func.json_agg(order)).select_from(part)
    return found.scalar_subquery()


def _named(part: sa.CTE) -> sa.ScalarSelect[Any]:
    """The newest projects of a dataset, as JSON."""
    some = (
        sa.select(Link.created, _project.id, _project.name, _project.title)
        .select_from(sa.join(Link, _PROJECT, Link.project_id == _project.id))
        .where(Link.dataset_id == part.c.id, *_is_public_project())
        .order_by(Link.created.desc(), _project.id)
        .limit(NAMED)
        .correlate(part)
        .subquery("named")
    )
    order = aggregate_order_by(_json(some.c), some.c.created.desc(), some.c.id)
    found = sa.select(sa.func.json_agg(order)).select_from(some)
    return found.correlate(part).scalar_subquery()


def _title(package: Any) -> sa.ColumnElement[str]:
    """What pages call a package."""
    return sa.func.coalesce(sa.func.nullif(package.title, ""), package.name)


def _json(package: Any) -> sa.ColumnElement[Any]:
    return sa.func.json_build_object(
        "id", package.id, "name", package.name, "title", _title(package)
    )
