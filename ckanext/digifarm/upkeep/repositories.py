"""What is known of repositories, and the tasks that their issues become."""

from __future__ import annotations

import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ..lib import clock, lookups
from ..lib.ckan import Context, model
from ..tasks.model import Task, TaskState
from ..tasks.workflow import WORKFLOW
from . import addresses, forges, when
from .forges import Facts
from .issues import Open
from .model import Forge, Issue, Repository
from .visiting import Visit

#: So many repositories of a server are looked at in a visit.
MOST = 50


class Known(NamedTuple):
    """A repository that is due.

    :param facts: what is known of it
    :param asked: addresses of issues that open tasks have been made of
    """

    url: str
    facts: Facts
    asked: tuple[str, ...]


def due(host: str) -> list[Known]:
    """The repositories of a server that are due; two SQL statements."""
    query = (
        sa.select(Repository)
        .where(Repository.host == host, Repository.due <= clock.now())
        .order_by(Repository.due, Repository.url)
        .limit(MOST)
    )
    rows = model.Session.scalars(query).all()
    if not rows:
        return []
    asked = _open_tasks([row.url for row in rows])
    return [
        Known(
            row.url,
            Facts(
                Forge(row.forge),
                row.head,
                row.branch,
                row.changed,
                row.archived,
                row.publiccode,
            ),
            tuple(asked.get(row.url, ())),
        )
        for row in rows
    ]


def look(visit: Visit, known: Known) -> Facts:
    """What became of a repository; knows nothing of the database.

    :raises NotNowError: where that can't be asked now
    """
    return forges.look(visit, known.url, known.facts, known.asked)


def api_of(known: Known) -> str:
    """The name of the server that tells most of a repository."""
    place = forges.Place.of(known.url)
    forge = forges.KNOWN.get(place.host, known.facts.forge)
    return addresses.host_of(place.address(forge))


def write(url: str, facts: Facts | None, later: datetime.datetime) -> None:
    """Write down what was found; commits nothing.

    :param facts: None where it couldn't be asked now
    :param later: when to ask then
    """
    row = model.Session.get(
        Repository, url, with_for_update=True, populate_existing=True
    )
    # No project has it any more.
    if row is None:
        return
    if facts is None:
        row.due = later
        return
    row.forge = facts.forge.value
    row.head, row.branch = facts.head, facts.branch
    row.changed, row.archived = facts.changed, facts.archived
    row.publiccode = facts.publiccode
    row.checked, row.due = clock.now(), when.next_time(url)
    if facts.issues is not None:
        _write_issues(url, facts.issues)
    if facts.closed:
        _close_tasks(url, facts.closed)


def _write_issues(url: str, issues: tuple[Open, ...]) -> None:
    own = Issue.repository == url
    still = [issue.url for issue in issues]
    model.Session.execute(sa.delete(Issue).where(own, Issue.url.not_in(still)))
    for issue in issues:
        values = {"number": issue.number, "title": issue.title}
        model.Session.execute(
            insert(Issue)
            .values(url=issue.url, repository=url, **values)
            .on_conflict_do_update(
                index_elements=[Issue.url, Issue.repository], set_=values
            )
        )


def _open_tasks(urls: list[str]) -> dict[str, list[str]]:
    """The addresses of open tasks of the projects that have repositories."""
    used = addresses.uses(*urls).subquery("uses")
    query = (
        sa.select(used.c.url, Task.url)
        .join(Task, Task.project_id == used.c.project_id)
        .where(
            used.c.kind == "project",
            used.c.field == addresses.SOURCE,
            Task.state == TaskState.OPEN.value,
            Task.url != "",
        )
        .distinct()
        .order_by(Task.url)
    )
    found: dict[str, list[str]] = {}
    for url, task_url in model.Session.execute(query):
        found.setdefault(url, []).append(task_url)
    return found


def _close_tasks(url: str, closed: tuple[str, ...]) -> None:
    """Close the tasks that issues have become, as those are closed.

    What somebody has taken stays: they and the project say when it is done.
    """
    projects = [
        use.id
        for use in addresses.uses_of(url)
        if use.kind == "project" and use.field == addresses.SOURCE
    ]
    query = (
        sa.select(Task)
        .where(
            Task.project_id.in_(projects),
            Task.url.in_(closed),
            Task.state == TaskState.OPEN.value,
        )
        .order_by(Task.id)
    )
    for task in model.Session.scalars(query).all():
        found = lookups.lock(task)
        if found is not None and found.state == TaskState.OPEN.value:
            WORKFLOW.go_on("issue_closed", found, Context())
