"""Leads people to the login and back, wherever they need an account."""

from __future__ import annotations

import ckantoolkit as tk
from flask import Blueprint

from ..lib import own_pages, rate_limits
from ..lib.ckan import Response, current_user

login = Blueprint("digifarm_login", __name__)

FORBIDDEN, FOUND = 403, 302


@login.after_app_request
def lead_to_login(response: Response) -> Response:
    """Ask who isn't logged in to do so, where a page of ours is forbidden.

    Whichever way the page says so: those of core and scheming count, too.
    Mails lead people to pages that need an account.
    """
    if response.status_code != FORBIDDEN or not _is_asked():
        return response
    tk.h.flash_notice(
        tk._("Please log in first. Then you get to the page you wanted.")
    )
    # Others have set headers, which stay.
    response.status_code = FOUND
    response.location = tk.h.url_for(
        "user.login", came_from=own_pages.way_back()
    )
    response.set_data(b"")
    tk.request.environ["__no_cache__"] = True
    return response


def _is_asked() -> bool:
    """Whether somebody reads this who would get on by logging in."""
    # Scripts and pictures want an answer, not a page.
    mode = tk.request.headers.get("Sec-Fetch-Mode", "navigate")
    return (
        mode == "navigate"
        and current_user.is_anonymous
        and own_pages.is_ours()
        and rate_limits.retry_after() is None
    )
