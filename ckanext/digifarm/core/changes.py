"""What becomes of projects, their links and owners, written down as events.

They are changed in many ways: forms, the API, imports, decisions, other
plugins. So the session is watched; what it doesn't see, as it is done by a
statement, is written down where that is done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from ..config import PROJECT_TYPE
from ..endings import saying
from ..lib.acting import Acting, who
from ..lib.ckan import make_uuid, model
from ..lib.events import Change, Event, Subject
from ..lib.people import CAPACITIES
from ..links import history
from ..links.model import Link
from ..moves import noticing
from ..partners.model import Partner
from ..projects import stages
from ..tasks.model import Task
from ..upkeep import following
from .watched import WATCHED, Project

DRAFT = "draft"

#: Of these, too, addresses are looked at.
LINKED = (Task, Partner)


class Happened(NamedTuple):
    """What has happened to a project."""

    change: Change
    source: str | None
    target: str | None
    data: dict[str, str] | None = None
    reason: str = ""


@event.listens_for(model.Session, "before_flush")
def write_down(session: Session, *_: Any) -> None:
    """Add the events of all that is about to be written."""
    new = [*session.new]
    dirty = [*session.dirty]
    deleted = [*session.deleted]
    _projects(_only(model.Package, new), _only(model.Package, dirty))
    _purged(_only(model.Package, deleted))
    _links(_only(Link, new), _only(Link, dirty), _only(Link, deleted))
    for kind in LINKED:
        _addresses_of(_only(kind, [*new, *dirty]), _only(kind, deleted))
    member = model.PackageMember
    _owners(_only(member, new), _only(member, dirty), _only(member, deleted))


def _follow(before: set[tuple[str, str]], now: set[tuple[str, str]]) -> None:
    """Follow where a project gets other addresses."""
    following.note(url for _, url in before ^ now)


def _addresses_of(written: list[Any], deleted: list[Any]) -> None:
    """Follow where tasks and partners get other addresses, come and go."""
    changed = [row for row in written if _changed(row, "url", "state")]
    for row in (*changed, *deleted):
        following.note([_before(row, "url"), row.url])


def _only(kind: type[Any], rows: Iterable[Any]) -> list[Any]:
    return [row for row in rows if isinstance(row, kind)]


def _projects(new: list[model.Package], dirty: list[model.Package]) -> None:
    for project in new:
        if project.type == PROJECT_TYPE:
            # Its events need it already.
            project.id = project.id or make_uuid()
            now = _now(project)
            _follow(set(), now.addresses)
            _record(project, _happened(project.id, None, now), now.status)
    changed = [
        project
        for project in dirty
        if project.type == PROJECT_TYPE and _changed(project, *WATCHED)
    ]
    stored = _stored(project.id for project in changed)
    for project in changed:
        if before := stored.get(project.id):
            now = _now(project, **before._asdict())
            _follow(before.addresses, now.addresses)
            _record(project, _happened(project.id, before, now), now.status)


def _changed(row: Any, *columns: str) -> set[str]:
    attributes = sa.inspect(row).attrs
    return {
        column
        for column in columns
        if attributes[column].history.has_changes()
    }


def _stored(ids: Iterable[str]) -> dict[str, Project]:
    """What the database has of some projects, locked, by their ids.

    The session doesn't know what they were where a value was changed in
    place, or never read; and somebody else may have changed them meanwhile.
    They are about to be written, which locks them anyway.
    """
    if not (wanted := sorted(ids)):
        return {}
    table = model.package_table
    query = (
        sa.select(table.c.id, *(table.c[name] for name in WATCHED))
        .where(table.c.id.in_(wanted))
        .order_by(table.c.id)
        .with_for_update(key_share=True)
    )
    return {
        id_: _project(*values) for id_, *values in model.Session.execute(query)
    }


def _now(project: model.Package, **before: Any) -> Project:
    """What a project is about to be.

    :param before: what the database has; it stays what isn't changed
    """
    changed = _changed(project, *WATCHED)
    return _project(
        **{**before, **{name: getattr(project, name) for name in changed}}
    )


def _project(
    state: str | None = None,
    private: bool | None = None,
    owner_org: str | None = None,
    extras: dict[str, str] | None = None,
    url: str | None = None,
) -> Project:
    return Project(
        state or model.State.ACTIVE,
        bool(private),
        owner_org or None,
        extras or {},
        url,
    )


def _happened(
    id_: str, before: Project | None, now: Project
) -> Iterator[Happened]:
    """What has happened between two moments; nothing while it is a draft."""
    if before is None or before.state == DRAFT:
        if now.state == model.State.ACTIVE:
            yield Happened(Change.CREATED, None, now.visibility)
            yield from _help([], now.areas)
        return
    yield from _states(before, now)
    if before.private != now.private:
        change = Change.HIDDEN if now.private else Change.PUBLISHED
        yield Happened(change, before.visibility, now.visibility)
    if before.owner_org != now.owner_org:
        if now.owner_org:
            noticing.moved(id_, before.owner_org)
        yield Happened(
            Change.ORGANIZATION_CHANGED, before.owner_org, now.owner_org
        )
    if before.stage != now.stage:
        yield _staged(id_, before.stage, now.stage)
    yield from _help(before.areas, now.areas)


def _staged(id_: str, before: str, now: str) -> Happened:
    """What it means that a project has another stage.

    :param id_: of the project
    :param before: the stage before
    :param now: the stage from now on
    """
    stage = before or None, now or None
    if not stages.is_over(now):
        if not stages.is_over(before):
            return Happened(Change.STAGE_CHANGED, *stage)
        saying.resumed(id_)
        return Happened(Change.REOPENED, *stage)
    was_over = stages.is_over(before)
    ending = saying.still_over(id_) if was_over else saying.over(id_)
    code = ending.reason_code
    return Happened(
        saying.CHANGES[now],
        *stage,
        {"reason_code": code} if code else None,
        ending.reason,
    )


def _states(before: Project, now: Project) -> Iterator[Happened]:
    if before.state == now.state:
        return
    if now.state == model.State.DELETED:
        yield Happened(Change.DELETED, before.state, now.state)
    elif before.state == model.State.DELETED:
        yield Happened(Change.RESTORED, before.state, now.state)


def _help(before: list[str], now: list[str]) -> Iterator[Happened]:
    for area in now:
        if area not in before:
            yield Happened(Change.HELP_OPENED, None, "open", {"area": area})
    for area in before:
        if area not in now:
            yield Happened(Change.HELP_CLOSED, "open", None, {"area": area})


def _record(
    project: model.Package,
    happened: Iterable[Happened],
    status: dict[str, Any],
    by: Acting | None = None,
) -> None:
    for change, source, target, data, reason in happened:
        Event.record(
            Subject.PROJECT,
            project.id,
            change,
            source,
            target,
            project=project,
            by=by,
            reason=reason,
            data=status | (data or {}),
        )


def _purged(packages: list[model.Package]) -> None:
    """Write down what goes with some packages: their links.

    Of a project, the numbers stay; who did what with it, and why, is
    forgotten.
    """
    if not packages:
        return
    ids = [package.id for package in packages]
    links = [
        *model.Session.scalars(
            sa.select(Link).where(
                Link.project_id.in_(ids) | Link.dataset_id.in_(ids)
            )
        )
    ]
    _links([], [], links)
    projects = [p for p in packages if p.type == PROJECT_TYPE]
    if not projects:
        return
    nobody = Acting(who().actor, None)
    stored = _stored(project.id for project in projects)
    for project in projects:
        before = stored.get(project.id)
        if before:
            _follow(before.addresses, set())
        if before and before.state != DRAFT:
            change = Happened(Change.PURGED, before.state, None)
            gone = {**before.status, "is_public": False}
            _record(project, [change], gone, nobody)
    _forget([project.id for project in projects])


def _forget(ids: list[str]) -> None:
    """Forget who did what with some projects, and why, and who does now."""
    for waiting in _only(Event, model.Session.new):
        if waiting.project_id in ids:
            waiting.reason, waiting.created_by = "", None
    model.Session.execute(
        sa.update(Event)
        .where(Event.project_id.in_(ids))
        .values(reason="", created_by=None)
    )


def _links(new: list[Link], dirty: list[Link], deleted: list[Link]) -> None:
    changed = [link for link in dirty if _changed(link, "relation", "note")]
    projects = _by_id(link.project_id for link in (*new, *changed, *deleted))
    for change, links in (
        (Change.CREATED, new),
        (Change.CHANGED, changed),
        (Change.REMOVED, deleted),
    ):
        for link in links:
            if project := projects.get(link.project_id):
                before = _before(link, "relation")
                history.record(change, link, project, before)


def _owners(
    new: list[model.PackageMember],
    dirty: list[model.PackageMember],
    deleted: list[model.PackageMember],
) -> None:
    """Write down who owns a project from now on, or does so no longer."""
    changes = [
        *((member, None, member.capacity) for member in new),
        *(
            (member, _before(member, "capacity"), member.capacity)
            for member in dirty
            if _changed(member, "capacity")
        ),
        *((member, member.capacity, None) for member in deleted),
    ]
    projects = _by_id(member.package_id for member, _, _ in changes)
    for member, before, now in changes:
        project = projects.get(member.package_id)
        did, does = before in CAPACITIES, now in CAPACITIES
        if project is None or project.state == DRAFT or did == does:
            continue
        Event.record(
            Subject.OWNER,
            project.id,
            Change.ADDED if does else Change.REMOVED,
            before,
            now,
            project=project,
        )


def _before(row: Any, column: str) -> str | None:
    deleted = sa.inspect(row).attrs[column].history.deleted
    return deleted[0] if deleted else None


def _by_id(ids: Iterable[str]) -> dict[str, model.Package]:
    """The projects among some packages, by their ids."""
    wanted: Collection[str] = {*ids}
    if not wanted:
        return {}
    waiting = _only(model.Package, model.Session.new)
    stored = model.Session.scalars(
        sa.select(model.Package).where(
            model.Package.id.in_(wanted),
            model.Package.type == PROJECT_TYPE,
        )
    )
    return {
        package.id: package
        for package in (*waiting, *stored)
        if package.type == PROJECT_TYPE
    }
