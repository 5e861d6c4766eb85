"""What actions ask of their context."""

from __future__ import annotations

from ckan import model
from ckan.types import Context


def user_id(context: Context) -> str | None:
    """The id of the user who acts, or None for nobody."""
    user = model.User.get(context.get("user"))
    return user.id if user else None


def commit(context: Context) -> None:
    """Commit, unless whoever called the action does it."""
    if not context.get("defer_commit"):
        model.Session.commit()
