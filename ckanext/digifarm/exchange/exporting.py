"""Projects as they are given away, read from the database part by part.

Each part is as many projects as `BATCH`, and costs the same few statements.
They are read in a session of their own, which holds no connection while what
was read is sent: that can take as long as the reader's line is slow.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Collection, Generator, Iterator
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib.ckan import Context, model, own_session
from ..links.model import Link
from ..partners.model import Partner, PartnerState
from ..projects import fields, lookups, pictures, stages
from ..support.model import Support, SupportState
from ..tasks.model import Task, TaskState
from . import age, columns

#: So many projects are read at once.
BATCH = 100

#: What is still to be done; who does it stays here.
TASK_STATES = (TaskState.OPEN, TaskState.TAKEN, TaskState.REPORTED)

#: Gives those of some datasets, by id, that the reader may see.
Sight = Callable[[Collection[str]], Collection[str]]


@dataclasses.dataclass
class Batch:
    """Projects that somebody may read, by id, in order.

    :param privates: those of them that are private
    """

    ids: list[str]
    privates: Collection[str] = ()


def searched(context: Context, query: dict[str, Any]) -> Iterator[Batch]:
    """The projects that somebody finds, by their short names.

    :param context: of whom
    :param query: parameters of `package_search`; its order is left out: by
        their names, none comes twice or is missed while others are saved
    """
    last = ""
    while True:
        found = tk.get_action("package_search")(
            tk.fresh_context(context), _part(query, last)
        )["results"]
        # What asked the database gives its connection back.
        model.Session.remove()
        if found:
            yield Batch(
                [one["id"] for one in found],
                {one["id"] for one in found if one["capacity"] == "private"},
            )
        if len(found) < _rows_searched():
            return
        last = found[-1]["name"]


def _rows_searched() -> int:
    """How many a search finds at most: portals have a bound of their own."""
    return min(BATCH, tk.config["ckan.search.rows_max"])


def _part(query: dict[str, Any], last: str) -> dict[str, Any]:
    """The query for those whose names come after the last one."""
    after = [f'name:{{"{last}" TO *]'] if last else []
    return {
        **query,
        "fq_list": [*query.get("fq_list", ()), *after],
        "fl": ["id", "name", "capacity"],
        "sort": "name asc",
        "rows": _rows_searched(),
        "start": 0,
        "facet": "false",
    }


def stored(*, with_private: bool) -> Iterator[Batch]:
    """All projects, by their short names."""
    package, last = model.package_table.c, ""
    while True:
        query = (
            sa.select(package.id, package.name, package.private)
            .where(
                package.type == PROJECT_TYPE,
                package.state == model.State.ACTIVE,
                package.name > last,
                sa.true() if with_private else package.private.is_(False),
            )
            .order_by(package.name)
            .limit(BATCH)
        )
        with _session() as session:
            found = session.execute(query).all()
        if found:
            yield Batch(
                [one.id for one in found],
                {one.id for one in found if one.private},
            )
        if len(found) < BATCH:
            return
        last = found[-1].name


def seen_by(context: Context) -> Sight:
    """Which datasets somebody sees."""

    def sees(ids: Collection[str]) -> Collection[str]:
        readable = lookups.readable_ids(context, ids)
        model.Session.remove()
        return readable

    return sees


def projects(
    batches: Iterator[Batch], sees: Sight | None, *, with_private: bool
) -> Generator[dict[str, Any], None, None]:
    """Projects as our files have them; see docs/exchange.md.

    :param batches: which ones
    :param sees: which datasets the reader sees; None for those of the portal
        that are public
    :param with_private: whether private datasets are shown to whom sees all
    """
    for batch in batches:
        with _session() as session:
            read = _Reading(session, batch, with_private=with_private)
            links = read.links()
        if sees:
            seen = sees({link.dataset_id for _, link in links})
            links = [row for row in links if row[1].dataset_id in seen]
        yield from read.projects(links)


def _session() -> Any:
    return own_session(bind=model.ensure_engine())


class _Reading:
    """What is known of a batch of projects."""

    def __init__(
        self, session: Any, batch: Batch, *, with_private: bool
    ) -> None:
        self._session = session
        self._with_private = with_private
        self._order = batch.ids
        self._rows = {row.id: row for row in self._packages(batch)}
        self._tags = self._by_project(self._tag_query())
        self._supports = self._by_project(self._support_query())
        self._tasks = self._by_project(self._task_query())

    def projects(
        self, links: list[tuple[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        by_project: dict[str, list[Any]] = {}
        for project_id, link in links:
            by_project.setdefault(project_id, []).append(link)
        for id_ in self._order:
            if row := self._rows.get(id_):
                yield self._project(row, by_project.get(id_, []))

    def links(self) -> list[tuple[str, Any]]:
        """The links of the projects, with what their datasets are called."""
        package = model.package_table.c
        public = (
            sa.true() if self._with_private else package.private.is_(False)
        )
        query = (
            sa.select(
                Link.project_id,
                Link.dataset_id,
                Link.relation,
                Link.note,
                package.name,
                package.title,
            )
            .join(model.package_table, package.id == Link.dataset_id)
            .where(
                Link.project_id.in_(self._rows),
                package.state == model.State.ACTIVE,
                public,
            )
            .order_by(package.name)
        )
        return [(row.project_id, row) for row in self._session.execute(query)]

    def _packages(self, batch: Batch) -> Iterator[Any]:
        """The projects as they are stored now.

        The index may be behind: what has become private since is left out.
        """
        package, group = model.package_table, model.group_table
        query = (
            sa.select(
                package,
                group.c.name.label("organization_name"),
                group.c.title.label("organization_title"),
            )
            .outerjoin(group, group.c.id == package.c.owner_org)
            .where(
                package.c.id.in_(batch.ids),
                package.c.type == PROJECT_TYPE,
                package.c.state == model.State.ACTIVE,
            )
        )
        for row in self._session.execute(query):
            if not row.private or row.id in batch.privates:
                yield row

    def _by_project(self, query: Any) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for row in self._session.execute(query):
            found.setdefault(row.project_id, []).append(row)
        return found

    def _tag_query(self) -> Any:
        package_tag, tag = model.package_tag_table.c, model.tag_table.c
        return (
            sa.select(package_tag.package_id.label("project_id"), tag.name)
            .join(model.tag_table, tag.id == package_tag.tag_id)
            .where(
                package_tag.package_id.in_(self._rows),
                package_tag.state == model.State.ACTIVE,
                tag.vocabulary_id.is_(None),
            )
            .order_by(tag.name)
        )

    def _support_query(self) -> Any:
        return (
            sa.select(
                Support.project_id,
                Support.area,
                Support.scope,
                Support.since,
                Support.until,
                Partner.title,
                Partner.kind,
                Partner.url,
                Partner.name,
            )
            .outerjoin(Partner, Partner.id == Support.partner_id)
            .where(
                Support.project_id.in_(self._rows),
                Support.state == SupportState.ACCEPTED.value,
                sa.or_(
                    Support.partner_id.is_(None),
                    Partner.state == PartnerState.ACTIVE.value,
                ),
            )
            .order_by(Partner.name, Support.created, Support.id)
        )

    def _task_query(self) -> Any:
        asking = [
            row.id
            for row in self._rows.values()
            if stages.asks(row.extras.get("stage"))
        ]
        states = [state.value for state in TASK_STATES]
        return (
            sa.select(
                Task.project_id,
                *(getattr(Task, part) for part in columns.TASK_PARTS),
            )
            .where(Task.project_id.in_(asking), Task.state.in_(states))
            .order_by(Task.position, Task.created, Task.id)
        )

    def _project(self, row: Any, links: list[Any]) -> dict[str, Any]:
        return {
            "name": row.name,
            "private": row.private,
            "organization": {
                "name": row.organization_name or "",
                "title": row.organization_title or "",
            },
            "fields": dict(fields_of(row)),
            "tags": [tag.name for tag in self._tags.get(row.id, [])],
            "datasets": [_link(link) for link in links],
            "supporters": [
                _supporter(support, column.area)
                for column in columns.of_supporters()
                for support in self._supports.get(row.id, [])
                if support.area == column.area
            ],
            "tasks": [
                {part: getattr(task, part) for part in columns.TASK_PARTS}
                for task in self._tasks.get(row.id, [])
            ],
            "here": _here(row),
        }


def fields_of(row: Any) -> Iterator[tuple[str, Any]]:
    """What the fields hold; those that hold nothing are left out.

    :param row: of the table of packages
    """
    for column in columns.of_fields():
        value = _value(column, row)
        is_blank = isinstance(value, str) and not value.strip()
        if not is_blank and value not in (None, []):
            yield column.name, value


def _value(column: columns.Column, row: Any) -> Any:
    core = model.package_table.c
    if column.name in core and column.name not in row.extras:
        found = getattr(row, column.name)
    else:
        found = row.extras.get(column.name)
    if column.name == pictures.URL_FIELD and found:
        return pictures.address(found) or found
    if not isinstance(found, str):
        return found
    if column.kind is columns.Kind.FLAG:
        return found == fields.YES
    if column.kind is columns.Kind.ROWS:
        return _rows(found)
    if column.name in fields.multiple_fields():
        return fields.values(column.name, found)
    return found


def _rows(stored: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(stored)
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _link(link: Any) -> dict[str, str]:
    return {
        "dataset": link.name,
        "title": link.title or "",
        "relation": link.relation,
        "note": link.note,
    }


def _supporter(support: Any, area: str) -> dict[str, Any]:
    """A partner, or somebody: who that is was agreed for this portal only."""
    if support.name is None:
        return {"area": area, "partner": None}
    partner = {key: getattr(support, key) for key in columns.PARTNER_PARTS}
    return {
        "area": area,
        "partner": partner,
        **{key: getattr(support, key) for key in columns.SUPPORT_TEXTS},
    }


def _here(row: Any) -> dict[str, str]:
    said = {
        column.name: row.extras.get(column.name, "")
        for column in columns.columns()
        if column.kind is columns.Kind.HERE
    }
    return {
        **{name: value for name, value in said.items() if value},
        columns.PAGE: age.page(row.name),
        columns.CREATED: row.metadata_created.isoformat(),
        columns.MODIFIED: row.metadata_modified.isoformat(),
    }
