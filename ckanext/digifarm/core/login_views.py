"""Leads people to the login and back, wherever they need an account."""

from __future__ import annotations

from urllib.parse import urlsplit

import ckantoolkit as tk
from flask import Blueprint

from ..lib import forms, own_pages, rate_limits
from ..lib.ckan import Response, current_user

login = Blueprint("digifarm_login", __name__)

FORBIDDEN = 403

#: Where core leads everybody who has logged in, unless a city says otherwise.
DATASETS = "dashboard.datasets"


@login.after_app_request
def lead_to_own_things(response: Response) -> Response:
    """Lead who has logged in to what they look after.

    Core shows them their datasets, of which many have none.
    """
    if (
        tk.request.endpoint in {"user.login", "user.me"}
        and current_user.is_authenticated
        and tk.config["ckan.auth.route_after_login"] == DATASETS
        and response.location
        and urlsplit(response.location).path == tk.url_for(DATASETS)
        and not _publishes()
    ):
        response.location = tk.url_for("digifarm_owners.index")
    return response


def _publishes() -> bool:
    """Whether the reader may add datasets to an organisation."""
    return bool(
        tk.get_action("organization_list_for_user")(
            {"user": current_user.name}, {"permission": "create_dataset"}
        )
    )


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
