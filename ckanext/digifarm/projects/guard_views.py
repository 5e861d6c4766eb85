"""What core's pages of our type would fail at."""

from __future__ import annotations

import ckantoolkit as tk
from flask import Blueprint

from ..config import PROJECT_TYPE
from ..lib import text
from ..lib.ckan import Response
from . import pages

guard = Blueprint("digifarm_guard", __name__)

RESOURCES = f"{PROJECT_TYPE}_resource"

#: Core fails there where nobody is logged in, or there is no such project.
COLLABORATORS = {
    "collaborator_delete",
    "collaborators_read",
    "new_collaborator",
}

COLLABORATOR_LIST = "package_collaborator_list"


@guard.before_app_request
def keep_from_failing() -> Response | None:
    """Answer instead of core what it can't answer."""
    request = tk.request
    if request.blueprint == RESOURCES:
        return tk.abort(404, tk._("A civic project has no resources"))
    if request.blueprint != PROJECT_TYPE:
        return None
    if any(map(text.UNSTORABLE.search, (request.view_args or {}).values())):
        return tk.abort(404, tk._("Civic project not found"))
    page = (request.endpoint or "").rpartition(".")[2]
    if page in COLLABORATORS:
        return _collaborators(page)
    if page == "search" and _is_odd(request.args.get("sort", "")):
        return tk.redirect_to(_without_sort())
    return None


def _collaborators(page: str) -> Response | None:
    """Answer on collaborators; None where core can."""
    pages.project((tk.request.view_args or {})["id"], COLLABORATOR_LIST)
    is_sent = tk.request.method == "POST" and page == "new_collaborator"
    if is_sent and "username" not in tk.request.form:
        return tk.abort(400, tk._("Please fill this in"))
    return None


def _is_odd(sort: str) -> bool:
    """Whether core can't read how a list should be sorted."""
    return bool(sort) and not all(part.strip() for part in sort.split(","))


def _without_sort() -> str:
    args = tk.request.args.to_dict(flat=False)
    del args["sort"]
    return tk.h.url_for(f"{PROJECT_TYPE}.search", **args)
