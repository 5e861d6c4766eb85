"""Leads people to the login and back, wherever they need an account."""

from __future__ import annotations

from flask import Blueprint

from ..lib import forms, own_pages, rate_limits
from ..lib.ckan import Response, current_user

login = Blueprint("digifarm_login", __name__)

FORBIDDEN = 403


@login.after_app_request
def lead_to_login(response: Response) -> Response:
    """Ask who isn't logged in to do so, where a page of ours is forbidden.

    Whichever way the page says so: those of core and scheming, too.
    """
    if response.status_code != FORBIDDEN or not _is_asked():
        return response
    found = forms.to_login()
    # Others have set headers, which stay.
    response.status_code = found.status_code
    response.location = found.location
    response.set_data(b"")
    return response


def _is_asked() -> bool:
    """Whether somebody reads this who would get on by logging in."""
    return (
        current_user.is_anonymous
        and own_pages.is_ours()
        and own_pages.is_asked_for()
        and rate_limits.retry_after() is None
    )
