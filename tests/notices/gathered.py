"""What happens on a portal, and who is told of it by a digest."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.notices import gathering
from ckanext.digifarm.notices.kinds import KINDS

from ..acting import as_portal, as_user, organization_of
from .news import notices, user


def gather(*, is_settled: bool = True) -> None:
    """Let everything be told that has happened.

    :param is_settled: whether nobody else is still at something; the server
        has other databases, too
    """
    if is_settled:
        settle()
    gathering.gather()
    model.Session.commit()


def settle() -> None:
    """Wait until nothing runs that has begun before the last event."""
    running = sa.text(
        "(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint"
    )
    for _ in range(100):
        model.Session.commit()
        last = model.Session.scalar(sa.select(sa.func.max(Event.xact)))
        if last is None or last < model.Session.scalar(sa.select(running)):
            break
        time.sleep(0.1)
    model.Session.commit()


def told(kind: str) -> dict[str, list[str]]:
    """The lines that are told of a kind, by name of the user."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for notice in notices():
        if notice.kind == kind:
            name = model.Session.get(model.User, notice.user_id).name
            about = KINDS[kind].about(notice.data)
            lines = found.setdefault(name, {})
            lines.setdefault(about, []).append(notice.data)
    return {
        name: [line for data in lines.values() if (line := lines_of(data))]
        for name, lines in found.items()
        for lines_of in [KINDS[kind].line]
    }


class Portal:
    """People, a project of theirs, and datasets of others."""

    def __init__(self) -> None:
        self.owner, self.editor = user().name, user().name
        self.colleague, self.publisher = user().name, user().name
        self.project = factories.Dataset(
            type="civic_project",
            title="Baumblick",
            owner_org=organization_of(editor=[self.editor]),
        )
        as_portal(
            "package_collaborator_create",
            id=self.project["id"],
            user_id=self.owner,
            capacity="editor",
        )
        self.organization = organization_of(
            editor=[self.publisher], admin=[self.colleague]
        )

    def dataset(self, title: str = "Bäume", **fields: Any) -> dict[str, Any]:
        return factories.Dataset(
            title=title, owner_org=self.organization, **fields
        )

    def link(self, dataset: dict[str, Any], by: str = "") -> None:
        as_user(
            by or self.owner,
            "digifarm_link_create",
            project=self.project["id"],
            dataset=dataset["id"],
        )

    def unlink(self, dataset: dict[str, Any]) -> None:
        as_user(
            self.owner,
            "digifarm_link_delete",
            project=self.project["id"],
            dataset=dataset["id"],
        )
