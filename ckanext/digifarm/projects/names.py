"""The names of projects in addresses."""

from __future__ import annotations

import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib.ckan import model
from ..lib.names import Collision, free_name

#: What is or will be a page below /civic_project/, and so no project's name.
#: `ckan digifarm check` names projects that are called so all the same.
RESERVED = frozenset(
    {
        "about",
        "activity",
        "alert",
        "alerts",
        "announcement",
        "announcements",
        "bulk_process",
        "changes",
        "changes_multiple",
        "check",
        "checks",
        "claim",
        "claims",
        "collaborators",
        "data-wish",
        "data-wishes",
        "datasets",
        "delete",
        "edit",
        "embed",
        "end",
        "events",
        "export",
        "exports",
        "factsheet",
        "feed",
        "feeds",
        "follow",
        "followers",
        "groups",
        "handover",
        "help",
        "help-wanted",
        "history",
        "import",
        "link",
        "links",
        "new",
        "notification",
        "notifications",
        "oembed",
        "offer",
        "offers",
        "owner",
        "owners",
        "partner",
        "partners",
        "proposal",
        "proposals",
        "propose",
        "reopen",
        "question",
        "questions",
        "report",
        "reports",
        "resource",
        "resources",
        "restore",
        "review",
        "reviews",
        "search",
        "statistics",
        "successor",
        "support",
        "table",
        "task",
        "tasks",
        "team",
        "unfollow",
        "wish",
        "wishes",
    }
)


def of_project(title: str) -> str:
    """A name for a new project that is made from its title."""
    return free_name(title, "project", model.Package.name, RESERVED)


def collisions() -> list[Collision]:
    """Projects that got their name before a page did, by name."""
    package = model.Package
    query = (
        sa.select(package.id, package.name)
        .where(
            package.type == PROJECT_TYPE,
            package.state != model.State.DELETED,
            package.name.in_(RESERVED),
        )
        .order_by(package.name)
    )
    return [
        Collision(row.id, row.name, f"{PROJECT_TYPE}.edit")
        for row in model.Session.execute(query)
    ]
