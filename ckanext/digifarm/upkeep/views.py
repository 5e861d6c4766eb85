"""What the portal looks at, for those whose servers it asks, and for us."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from .. import config
from ..config import PROJECT_TYPE
from ..lib import forms, paging, text
from ..lib.ckan import Response, SearchIndexError
from ..lib.fetch import USER_AGENT
from . import wording
from .model import TO_DO, Health
from .reading import COUNTED, SORTS

checks = forms.blueprint("digifarm_checks", f"/{PROJECT_TYPE}/checks")

#: The parts of the list besides all that somebody should look at.
PARTS = tuple(health.value for health in COUNTED)


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
        found, page = paging.page("digifarm_upkeep_list", wanted)
    except tk.NotAuthorized:
        return forms.forbidden(tk._("Only reviewers may see all addresses"))
    return tk.render(
        "digifarm/upkeep/index.html",
        {
            "found": found,
            "page": page,
            "asked": asked,
            "parts": _parts(),
            "to_do": [health.value for health in TO_DO],
            "counts": _counts(),
        },
    )


def _parts() -> list[tuple[str, str]]:
    """The parts of the list, each with what it is called."""
    unknown = tk._("We can’t tell, or haven’t looked yet")
    return [
        ("", tk._("All that somebody should look at")),
        *(
            (part, unknown)
            if part == Health.UNKNOWN.value
            else (part, wording.label(part))
            for part in PARTS
        ),
    ]


def _counts() -> dict[str, int]:
    """How much waits in the parts of the queue; sysadmins may have none."""
    try:
        return tk.get_action("digifarm_review_counts")({}, {})
    except tk.NotAuthorized:
        return {}


@checks.route("/remind", methods=["POST"])
def remind() -> Response:
    """Remind the people of projects that an address should be mended."""
    if told := _done_by_reviewers("digifarm_upkeep_remind"):
        num = told["told"]
        tk.h.flash_success(
            tk.ungettext(
                "{num} person gets a mail within minutes.",
                "{num} people get a mail within minutes.",
                num,
            ).format(num=num)
        )
    return tk.redirect_to("digifarm_checks.index", **_asked())


@checks.route("/look-again", methods=["POST"])
def look_again() -> Response:
    """Look at an address once more."""
    if _done_by_reviewers("digifarm_upkeep_recheck_address") is not None:
        tk.h.flash_success(_soon())
    return tk.redirect_to("digifarm_checks.index", **_asked())


def _done_by_reviewers(action: str) -> dict[str, Any] | None:
    """Do something about the address that the form names.

    :returns: what it gives; None where it isn't done, which is said
    """
    forms.need_account()
    try:
        return tk.get_action(action)({}, {"url": forms.text("url")}) or {}
    except tk.NotAuthorized as e:
        tk.abort(403, str(e.message))
    except tk.ValidationError as e:
        forms.flash_errors(e)
    return None


def _soon() -> str:
    return tk._(
        "We look again within a few minutes, and show what we find here."
    )


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
    tk.h.flash_success(_soon())
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
