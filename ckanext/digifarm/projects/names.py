"""The names of projects in addresses."""

from __future__ import annotations

import re

import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib import names as lib_names
from ..lib.ckan import model
from ..lib.names import Collision, free_name

#: What is or will be a page below /civic_project/, and so no project's name.
#: `ckan digifarm check` names projects that are called so all the same.
RESERVED = frozenset(
    {
        "about",
        "accompany",
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
        "confirm",
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
        "picture",
        "preview",
        "previews",
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


#: The name for a title without any letter or digit.
DEFAULT = "project"


def looks_like_one(text: str) -> bool:
    """Whether a text has nothing but what CKAN's short names consist of."""
    return re.fullmatch(r"[a-z0-9_-]+", text) is not None


def from_title(title: str) -> str:
    """A name for a project that is made from its title, taken or not."""
    return lib_names.from_title(title, DEFAULT)


def of_project(title: str) -> str:
    """A name for a new project that is made from its title."""
    return free_name(title, DEFAULT, model.Package.name, RESERVED)


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
