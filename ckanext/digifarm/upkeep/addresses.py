"""The addresses that are looked after, and what has them.

Asked of the database each time: whoever changes a project, a task or a partner
need not know of it.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from ..config import PROJECT_TYPE
from ..lib import clock
from ..lib.ckan import model
from ..partners.model import Partner, PartnerState
from ..projects import fields
from ..projects.public import is_public
from ..tasks.model import Task, TaskState
from .model import Check, Health, Issue, Repository

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
    return sa.select(Task.url).where(
        Task.project_id == project_id,
        Task.url != "",
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
    extra = (
        sa.func.jsonb_each_text(_PACKAGE.extras)
        .table_valued("key", "value", name="extra")
        .lateral("extra")
    )
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
        .select_from(model.package_table)
        .join(extra, sa.true())
        .where(
            _PACKAGE.id.in_(_with_one_of(urls)) if urls else sa.true(),
            _IS_PUBLIC,
            extra.c.key.in_(names()),
            _is_one_of(extra.c.value, urls),
        )
    )


def _with_one_of(urls: tuple[str, ...]) -> sa.Select[Any]:
    """Projects that have some addresses, as the index finds them."""
    pairs = [{name: url} for name in names() for url in urls]
    wanted = (
        sa.func.jsonb_array_elements(sa.cast(pairs, JSONB))
        .table_valued(sa.column("pair", JSONB), name="wanted")
        .render_derived()
    )
    package = model.package_table.alias("found")
    return (
        sa.select(package.c.id)
        .select_from(wanted)
        .join(package, package.c.extras.contains(wanted.c.pair))
        .where(package.c.type == PROJECT_TYPE)
    )


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
    """Whether it is one of some addresses; of all, one that can be kept."""
    if urls:
        return column.in_(urls)
    return sa.and_(column != "", sa.func.octet_length(column) <= MOST_BYTES)


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


def refresh() -> None:
    """Take in addresses that are new, forget those that nothing has any more.

    Commits nothing; a few SQL statements, however many there are.
    """
    used = uses().subquery("uses")
    known = sa.select(Check.url).where(Check.url == used.c.url).exists()
    new = sa.select(used.c.url).where(~known).distinct().limit(MOST_NEW)
    now = clock.now()
    rows = [
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
        for url in model.Session.scalars(new)
        if (host := host_of(url))
    ]
    if rows:
        model.Session.execute(insert(Check).on_conflict_do_nothing(), rows)
    still = sa.select(used.c.url).where(used.c.url == Check.url).exists()
    model.Session.execute(sa.delete(Check).where(~still))
    _refresh_repositories()


def _refresh_repositories() -> None:
    used = uses().subquery("uses")
    sources = sa.select(used.c.url).where(
        used.c.kind == "project", used.c.field == SOURCE
    )
    empty = [sa.literal("", sa.UnicodeText)] * 3
    now = sa.literal(clock.now(), sa.DateTime)
    new = (
        sa.select(Check.url, Check.host, *empty, now)
        .where(
            Check.url.in_(sources), ~Check.url.in_(sa.select(Repository.url))
        )
        .limit(MOST_NEW)
    )
    names_ = ["url", "host", "forge", "head", "branch", "due"]
    model.Session.execute(
        insert(Repository).from_select(names_, new).on_conflict_do_nothing()
    )
    model.Session.execute(
        sa.delete(Repository).where(~Repository.url.in_(sources))
    )
    model.Session.execute(
        sa.delete(Issue).where(
            ~Issue.repository.in_(sa.select(Repository.url))
        )
    )
