"""The names of projects in addresses."""

from __future__ import annotations

from ckan import model

from ..lib.names import _free

#: What stands in the place of a project's name in our own addresses.
RESERVED = frozenset(
    {
        "about",
        "activity",
        "changes",
        "changes_multiple",
        "collaborators",
        "delete",
        "edit",
        "follow",
        "followers",
        "groups",
        "help",
        "history",
        "links",
        "new",
        "partner",
        "propose",
        "resources",
        "restore",
        "review",
        "support",
        "tasks",
        "unfollow",
    }
)


def of_project(title: str) -> str:
    """A name for a new project that is made from its title."""
    return _free(title, "project", model.Package.name, RESERVED)
