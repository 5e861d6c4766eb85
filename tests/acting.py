"""Calls actions for somebody."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ckan.tests.helpers import call_action


def as_portal(action: str, **data: Any) -> Any:
    """Call an action for the portal itself, which may do anything.

    The activity plugin wants a user for each change.
    """
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    return call_action(action, {"user": user["name"]}, **data)


def as_user(user: str, action: str, **data: Any) -> Any:
    """Call an action with the permissions of a user.

    :param user: name of a user, or "" for nobody
    """
    return call_action(action, {"user": user, "ignore_auth": False}, **data)
