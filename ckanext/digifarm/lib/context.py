"""What actions and auth functions ask of their context."""

from __future__ import annotations

import ckantoolkit as tk

from .ckan import Context, model


def user_id(context: Context) -> str | None:
    """The id of the user who acts, or None for nobody."""
    user = model.User.get(context.get("user"))
    return user.id if user else None


def of_portal() -> Context:
    """A context for what the portal itself does, for people without rights.

    Nothing is committed in it.
    """
    user = tk.get_action("get_site_user")(
        {"ignore_auth": True, "defer_commit": True}, {}
    )
    return {
        "session": model.Session,
        "user": user["name"],
        "ignore_auth": True,
        "defer_commit": True,
    }


def of_nobody() -> Context:
    """A context for what is the same for everybody, whoever asks."""
    return {"user": "", "auth_user_obj": None, "ignore_auth": False}


def deferred(context: Context) -> Context:
    """The same context for an action that is part of another one.

    Nothing is committed in it.
    """
    return tk.fresh_context(context, defer_commit=True)


def commit(context: Context) -> None:
    """Commit, unless whoever called the action does it."""
    if not context.get("defer_commit"):
        model.Session.commit()
