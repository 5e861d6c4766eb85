"""What the portal looks at, for those whose servers it asks, and for us."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from .. import config
from ..config import PROJECT_TYPE
from ..lib import forms, paging, text
from ..lib.ckan import Response, SearchIndexError
from ..lib.fetch import USER_AGENT
from .model import TO_DO, Health
from .reading import SORTS

checks = forms.blueprint("digifarm_checks", f"/{PROJECT_TYPE}/checks")

#: The parts of the list.
PARTS = tuple(health.value for health in (*TO_DO, Health.UNKNOWN))


@checks.route("")
def about() -> str:
    """Who asks other servers, and why: the agent's name leads here."""
    return tk.render(
        "digifarm/upkeep/about.html",
        {"agent": USER_AGENT, "is_on": config.upkeep_enabled()},
    )


@checks.route("/list")
def index() -> str | Response:
    """All addresses that somebody should look at, for reviewers."""
    asked = _asked()
    wanted = {"sort": asked["sort"]}
    if asked["health"]:
        wanted["health"] = asked["health"]
    try:
        _, page = paging.page("digifarm_upkeep_list", wanted)
    except tk.NotAuthorized:
        return forms.forbidden(tk._("Only reviewers may see all addresses"))
    return tk.render(
        "digifarm/upkeep/index.html",
        {
            "page": page,
            "asked": asked,
            "parts": PARTS,
            "counts": _counts(),
        },
    )


def _counts() -> dict[str, int]:
    """How much waits in the parts of the queue; sysadmins may have none."""
    try:
        return tk.get_action("digifarm_review_counts")({}, {})
    except tk.NotAuthorized:
        return {}


@checks.route("/<id>/take-over", methods=["POST"])
def take_over(id: str) -> Response:
    """Take over the new address of something that has moved."""
    forms.need_account()
    data = {"project": text.clean(id), "url": forms.text("url")}
    if error := _done("digifarm_upkeep_take_over", data):
        return error
    tk.h.flash_success(tk._("The new address is saved."))
    return _back(id)


@checks.route("/<id>/again", methods=["POST"])
def again(id: str) -> Response:
    """Look at the addresses of a project once more."""
    forms.need_account()
    if error := _done("digifarm_upkeep_recheck", {"project": text.clean(id)}):
        return error
    tk.h.flash_success(
        tk._("We look again within a few minutes, and show what we find here.")
    )
    return _back(id)


@checks.route("/<id>/issue", methods=["POST"])
def adopt(id: str) -> Response:
    """Make a task of an issue."""
    forms.need_account()
    data = {"project": text.clean(id), "url": forms.text("url")}
    if error := _done("digifarm_issue_adopt", data, "digifarm_tasks.project"):
        return error
    tk.h.flash_success(tk._("The issue is a task now."))
    return tk.redirect_to("digifarm_tasks.project", id=text.clean(id))


def _done(
    action: str, data: dict[str, Any], endpoint: str = f"{PROJECT_TYPE}.read"
) -> Response | None:
    """Do something for a project.

    :param endpoint: the page that says why it isn't done
    :returns: None where it is
    """
    try:
        tk.get_action(action)({}, data)
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Civic project not found"))
    except tk.NotAuthorized:
        return tk.abort(403, tk._("You may not edit this civic project"))
    except tk.ValidationError as e:
        forms.flash_errors(e)
    except SearchIndexError:
        forms.say_not_saved()
    else:
        return None
    return tk.redirect_to(endpoint, id=data["project"])


def _back(id: str) -> Response:
    return tk.redirect_to(
        f"{PROJECT_TYPE}.read", id=text.clean(id), _anchor="addresses"
    )


def _asked() -> dict[str, str]:
    """What the address asks for; what can't be is left out."""
    args = tk.request.args
    health, sort = args.get("health", ""), args.get("sort", "")
    return {
        "health": health if health in PARTS else "",
        "sort": sort if sort in SORTS else "health",
    }
