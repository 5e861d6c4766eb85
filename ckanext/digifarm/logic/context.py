"""What actions and auth functions ask of their context."""

from __future__ import annotations

import ckantoolkit as tk

from ckan import model
from ckan.authz import is_authorized
from ckan.types import Context

from .. import jobs


def user_id(context: Context) -> str | None:
    """The id of the user who acts, or None for nobody."""
    user = model.User.get(context.get("user"))
    return user.id if user else None


def allowed(auth: str, context: Context, id_: str) -> bool:
    """Whether the user may do something with one thing.

    :param auth: name of the auth function
    :param id_: id or name of the thing
    """
    # A context of its own: core keeps in it the package it has looked at.
    context = tk.fresh_context(context)
    return is_authorized(auth, context, {"id": id_}).get("success", False)


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


def commit(context: Context) -> None:
    """Commit and start the jobs, unless whoever called the action does it."""
    if not context.get("defer_commit"):
        model.Session.commit()
        jobs.start()
