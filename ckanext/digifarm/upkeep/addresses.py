"""The addresses that are looked after, and what has them.

Asked of the database each time: whoever changes a project, a task or a partner
need not know of it.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from ..lib import clock
from ..lib.ckan import model
from ..partners.model import Partner, PartnerState
from ..projects import fields
from ..projects.public import is_public
from ..tasks.model import Task, TaskState
from .model import Check, Forge, Health, Issue, Repository

#: So many new ones are taken in at a time.
MOST_NEW = 2000

#: What a project's field says that holds an address.
VALIDATOR = "digifarm_http_url"

#: The field with the address of the source code.
SOURCE = "source_url"

#: Addresses of tasks that somebody may still do.
LIVE_TASKS = (TaskState.OPEN, TaskState.TAKEN, TaskState.REPORTED)

#: What is longer isn't looked at: no index takes it.
MOST_BYTES = 2000

_PACKAGE = model.package_table.c

_IS_PUBLIC = is_public(_PACKAGE)

_TITLE = sa.func.coalesce(sa.func.nullif(_PACKAGE.title, ""), _PACKAGE.name)


class Use(NamedTuple):
    """Something that has an address.

    :param kind: `project`, `task` or `partner`
    :param id: its id
    :param field: of a project, the field; else ""
    :param project_id: of a project or a task
    :param name: of the project or partner that it belongs to
    :param title: of what has it
    """

    url: str
    kind: str
    id: str
    field: str
    project_id: str | None
    name: str
    title: str


def names() -> list[str]:
    """The fields of a project that hold addresses, in the schema's order."""
    return [
        field["field_name"]
        for field in fields.fields()
        if VALIDATOR in (field.get("validators") or "").split()
    ]


def values_of(project: model.Package) -> dict[str, Any]:
    """What the fields of a project hold that may be addresses."""
    return {**(project.extras or {}), "url": project.url}


def of_project(project: Any) -> dict[str, str]:
    """The addresses of a project, by its fields.

    :param project: a package dictionary, or what has its extras
    """
    return {name: project[name] for name in names() if project.get(name)}


def of_tasks(project_id: str) -> sa.Select[tuple[str]]:
    """A query for the addresses of tasks that somebody may still do.

    :param project_id: id of their project
    """
    return sa.select(Task.url).where(_is_live(project_id), Task.url != "")


def task_with(url: Any, project_id: str) -> sa.Select[tuple[str]]:
    """A query for the first of those tasks with an address: its id.

    :param url: the column with the address
    """
    first = sa.select(Task.id).where(_is_live(project_id), Task.url == url)
    return first.order_by(Task.created, Task.id).limit(1)


def _is_live(project_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        Task.project_id == project_id,
        Task.state.in_([state.value for state in LIVE_TASKS]),
    )


def host_of(url: str) -> str:
    """The name of the server of an address; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def uses(*urls: str) -> sa.CompoundSelect[Any]:
    """A query for uses of addresses by what is public, as `Use`.

    :param urls: only of these (default: of all)
    """
    return sa.union_all(
        _of_fields(urls),
        _of_applications(urls),
        _of_tasks(urls),
        _of_partners(urls),
    )


def _of_fields(urls: tuple[str, ...]) -> sa.Select[Any]:
    if urls:
        # As the index finds them.
        pairs = [{name: url} for name in names() for url in urls]
        wanted = (
            sa.func.jsonb_array_elements(sa.cast(pairs, JSONB))
            .table_valued(sa.column("pair", JSONB), name="wanted")
            .render_derived()
        )
        extra = _each(wanted.c.pair)
        source = wanted.join(extra, sa.true()).join(
            model.package_table, _PACKAGE.extras.contains(wanted.c.pair)
        )
    else:
        extra = _each(_PACKAGE.extras)
        source = model.package_table.join(extra, sa.true())
    return (
        sa.select(
            extra.c.value.label("url"),
            sa.literal("project").label("kind"),
            _PACKAGE.id.label("id"),
            extra.c.key.label("field"),
            _PACKAGE.id.label("project_id"),
            _PACKAGE.name.label("name"),
            _TITLE.label("title"),
        )
        .select_from(source)
        .where(
            _IS_PUBLIC,
            extra.c.key.in_(names()),
            _is_one_of(extra.c.value, urls),
        )
    )


def _each(values: Any) -> Any:
    """The fields and values of a JSON column, as a table."""
    found = sa.func.jsonb_each_text(values)
    return found.table_valued("key", "value", name="extra").lateral("extra")


def _of_applications(urls: tuple[str, ...]) -> sa.Select[Any]:
    return sa.select(
        _PACKAGE.url,
        sa.literal("project"),
        _PACKAGE.id,
        sa.literal("url"),
        _PACKAGE.id,
        _PACKAGE.name,
        _TITLE,
    ).where(_IS_PUBLIC, _is_one_of(_PACKAGE.url, urls))


def _of_tasks(urls: tuple[str, ...]) -> sa.Select[Any]:
    task: Any = Task.__table__
    return (
        sa.select(
            task.c.url,
            sa.literal("task"),
            task.c.id,
            sa.literal(""),
            _PACKAGE.id,
            _PACKAGE.name,
            task.c.title,
        )
        .select_from(task)
        .join(model.package_table, _PACKAGE.id == task.c.project_id)
        .where(
            _IS_PUBLIC,
            task.c.url != "",
            _is_one_of(task.c.url, urls),
            task.c.state.in_([state.value for state in LIVE_TASKS]),
        )
    )


def _of_partners(urls: tuple[str, ...]) -> sa.Select[Any]:
    partner: Any = Partner.__table__
    return sa.select(
        partner.c.url,
        sa.literal("partner"),
        partner.c.id,
        sa.literal(""),
        sa.null(),
        partner.c.name,
        partner.c.title,
    ).where(
        partner.c.state == PartnerState.ACTIVE.value,
        _is_one_of(partner.c.url, urls),
    )


def _is_one_of(column: Any, urls: tuple[str, ...]) -> Any:
    """Whether it is an address that can be kept, and one of some."""
    return sa.and_(
        _among(column, urls),
        column != "",
        sa.func.octet_length(column) <= MOST_BYTES,
    )


def _among(column: Any, urls: tuple[str, ...]) -> Any:
    """Whether it is one of some addresses, where only these are meant."""
    return column.in_(urls) if urls else sa.true()


def uses_of(*urls: str) -> list[Use]:
    """What has some addresses; one SQL statement."""
    if not urls:
        return []
    found = uses(*urls).subquery("uses")
    query = sa.select(found).order_by(found.c.url, found.c.title, found.c.id)
    return [Use(*row) for row in model.Session.execute(query)]


def uses_by_address(*urls: str) -> dict[str, list[Use]]:
    """The same by the addresses; those that nothing has are left out."""
    found: dict[str, list[Use]] = {}
    for use in uses_of(*urls):
        found.setdefault(use.url, []).append(use)
    return found


def refresh(*urls: str) -> None:
    """Take in addresses that are new, forget those that nothing has any more.

    Commits nothing; a few SQL statements, however many there are, of which
    one goes once over all that has addresses.

    :param urls: only these, as the indexes find what has them (default: all)
    """
    now = clock.now()
    new = _forget_and_find(urls)
    checks = [
        {
            "url": url,
            "host": host,
            "health": Health.UNKNOWN.value,
            "problem": "",
            "moved_to": "",
            "failures": 0,
            "since": now,
            "due": now,
        }
        for url, host, _ in new
    ]
    sources = [
        {
            "url": url,
            "host": host,
            "forge": Forge.UNKNOWN.value,
            "head": "",
            "branch": "",
            "due": now,
        }
        for url, host, is_source in new
        if is_source
    ]
    for table, rows in ((Check, checks), (Repository, sources)):
        if rows:
            model.Session.execute(insert(table).on_conflict_do_nothing(), rows)


def _forget_and_find(urls: tuple[str, ...]) -> list[tuple[str, str, bool]]:
    """Forget addresses that nothing has, and find those that are new.

    :param urls: only of these (default: of all)
    :returns: addresses, their servers, and whether it is one of source code;
        in an order, so that no two that take them in wait for each other
    """
    found = uses(*urls).subquery("found")
    is_source = (found.c.kind == "project") & (found.c.field == SOURCE)
    used = (
        sa.select(found.c.url, sa.func.bool_or(is_source).label("is_source"))
        .group_by(found.c.url)
        .cte("used")
    )
    gone = ~sa.select(used.c.url).where(used.c.url == Check.url).exists()
    no_source = (
        ~sa.select(used.c.url)
        .where(used.c.url == Repository.url, used.c.is_source)
        .exists()
    )
    sources = _unused(Repository, no_source, urls)
    is_known, is_read = (
        sa.select(table.url)
        .where(table.url == used.c.url, _among(table.url, urls))
        .exists()
        for table in (Check, Repository)
    )
    query = (
        sa.select(used.c.url, used.c.is_source)
        .where(~is_known | (used.c.is_source & ~is_read))
        .order_by(used.c.url)
        .limit(MOST_NEW)
        .add_cte(_unused(Check, gone, urls), sources)
        .add_cte(
            sa.delete(Issue)
            .where(Issue.repository.in_(sa.select(sources.c.url)))
            .cte("issues")
        )
    )
    return [
        (url, host, is_source)
        for url, is_source in model.Session.execute(query)
        if (host := host_of(url))
    ]


def _unused(
    table: type[Check | Repository],
    condition: sa.ColumnElement[bool],
    urls: tuple[str, ...],
) -> sa.CTE:
    """What deletes the rows of addresses that nothing has any more.

    What is just being looked at is left to the next time: whoever edits a
    project waits for no other server.
    """
    rows = sa.select(table.url).where(condition, _among(table.url, urls))
    free = rows.with_for_update(skip_locked=True, of=table)
    return (
        sa.delete(table)
        .where(table.url.in_(free))
        .returning(table.url)
        .cte(f"unused_{table.__tablename__}")
    )
