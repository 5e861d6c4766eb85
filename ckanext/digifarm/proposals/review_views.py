"""Where reviewers decide on proposals."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import forms, paging
from ..lib.ckan import Response

reviews = forms.blueprint("digifarm_reviews", f"/{PROJECT_TYPE}/review")
reviews.after_request(forms.keep_secret)

#: The parts of the queue: the action that lists each, and its parameters.
PARTS: dict[str, tuple[str, dict[str, Any]]] = {
    "pending": ("digifarm_proposal_list", {"state": ["pending"]}),
    "changes": ("digifarm_proposal_list", {"state": ["changes_requested"]}),
    "decided": (
        "digifarm_proposal_list",
        {"state": ["approved", "hidden", "declined", "withdrawn"]},
    ),
    "hidden": ("digifarm_proposal_list", {"state": ["hidden"]}),
    "care": ("digifarm_project_care_list", {}),
    "edited": ("digifarm_proposal_list", {"edited": True}),
    "handover": ("digifarm_handover_list", {}),
    "unconfirmed": ("digifarm_confirmation_list", {}),
}

STEPS = {
    "approve": lambda: tk._(
        "The project is public now. The proposer gets a mail."
    ),
    "request_changes": lambda: tk._("The proposer has been asked by mail."),
    "decline": lambda: tk._("The proposal has been declined by mail."),
}


def index() -> Any:
    """A part of the queue."""
    part = tk.request.args.get("part", "pending")
    if part not in PARTS:
        return tk.abort(404, tk._("Not found"))
    action, wanted = PARTS[part]
    try:
        found, page = paging.page(action, wanted)
    except tk.NotAuthorized:
        return forms.forbidden(_not_for_you())
    return tk.render(
        "digifarm/proposals/review/index.html",
        {
            "found": found,
            "page": page,
            "part": part,
            "counts": tk.get_action("digifarm_review_counts")({}, {}),
        },
    )


def read(id: str) -> Any:
    """A proposal with all that a decision needs."""
    return _page(id, {}, {})


def decide(id: str, step: str) -> Any:
    """Approve, decline, or ask for changes."""
    form = tk.request.form
    data = {
        "id": id,
        "version": form.get("version"),
        **forms.texts("reason", "reason_code"),
        **(
            {"organization": form["organization"]} if step == "approve" else {}
        ),
    }
    if page := _refused(f"digifarm_proposal_{step}", step, data):
        return page
    tk.h.flash_success(STEPS[step]())
    return tk.redirect_to("digifarm_reviews.index")


#: What can be done with what became a project.
AFTERWARDS = {
    "seen": lambda: tk._("You have seen what has changed."),
    "hide": lambda: tk._("The project is hidden. Its owners get a mail."),
    "give_back": lambda: tk._(
        "The project is public again. Its owners get a mail."
    ),
}


def act(id: str, step: str) -> Any:
    """Note that changes were seen; hide a project, or give it back."""
    data = {"id": id, **forms.texts("reason")}
    if version := tk.request.form.get("version"):
        data["version"] = version
    if page := _refused(f"digifarm_project_{step}", step, data):
        return page
    tk.h.flash_success(AFTERWARDS[step]())
    if step == "seen":
        return tk.redirect_to("digifarm_reviews.index", part="edited")
    return tk.redirect_to("digifarm_reviews.read", id=id)


def _refused(
    action: str, step: str, data: dict[str, Any]
) -> str | Response | None:
    """Take a step of a reviewer; a page where it is refused.

    :param step: what the form calls it
    :param data: `id` of the proposal, and what the form has sent
    """
    try:
        tk.get_action(action)({}, data)
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Proposal not found"))
    except tk.NotAuthorized as e:
        return forms.forbidden(e.message or _not_for_you())
    except tk.ValidationError as e:
        return _page(data["id"], {**data, "step": step}, e.error_dict)
    return None


def _page(id: str, data: dict[str, Any], errors: Any) -> str | Response:
    forms.need_account()
    try:
        proposal = tk.get_action("digifarm_proposal_show")({}, {"id": id})
        # Who has proposed it sees it elsewhere.
        tk.check_access("digifarm_proposal_list", {}, {"mine": False})
    except (tk.ObjectNotFound, tk.ValidationError):
        return tk.abort(404, tk._("Proposal not found"))
    except tk.NotAuthorized:
        return forms.forbidden(_not_for_you())
    return tk.render(
        "digifarm/proposals/review/read.html",
        {
            "proposal": proposal,
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
            "may_decide": forms.may("digifarm_proposal_decline", id=id),
        },
    )


def _not_for_you() -> str:
    return tk._("Only reviewers may decide on proposals")


reviews.add_url_rule("", view_func=index)
reviews.add_url_rule("/<id>", view_func=read)
reviews.add_url_rule(
    "/<id>/<any(seen, hide, give_back):step>",
    view_func=act,
    methods=["POST"],
)
reviews.add_url_rule(
    "/<id>/<any(approve, request_changes, decline):step>",
    view_func=decide,
    methods=["POST"],
)
