"""What owners see of their projects, and how they become owners."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask import has_request_context
from flask.views import MethodView
from markupsafe import Markup

from ..config import PROJECT_TYPE
from ..lib import forms, own_pages, paging
from ..lib.ckan import current_user, session

owners = forms.blueprint("digifarm_owners", "/dashboard/projects")
owners.after_request(forms.keep_secret)

#: What the session knows of whoever has followed a link to claim a project.
CLAIM = "digifarm_claim"


#: What else somebody has to do with: the action that lists each.
LISTS: dict[str, tuple[str, dict[str, Any]]] = {
    "tasks": ("digifarm_task_taken_list", {}),
    "proposals": ("digifarm_proposal_list", {"mine": True}),
    "registrations": ("digifarm_partner_own_list", {}),
    "deleted": ("digifarm_project_deleted_list", {}),
}


def index() -> str:
    """All that the reader has taken, offered, proposed, and looks after."""
    forms.need_account()
    _, page = paging.page("digifarm_project_mine", {})
    mine = {
        name: paging.page(action, wanted, name=name)[1]
        for name, (action, wanted) in LISTS.items()
    }
    mine["offers"] = paging.uncounted_page(
        "digifarm_support_inbox",
        {"side": "supporter"},
        "offers",
        of="supporter",
    )
    return tk.render(
        "digifarm/owners/index.html",
        {
            "page": page,
            "mine": mine,
            "waiting": tk.get_action("digifarm_waiting_list")({}, {}),
            "is_empty": not (page.item_count or any(map(bool, mine.values()))),
        },
    )


class ClaimView(MethodView):
    """Where the link leads by which somebody becomes an owner."""

    def get(self, token: str) -> Any:
        """Ask to log in, or show a button."""
        try:
            project = tk.get_action("digifarm_project_claim_show")(
                {}, {"token": token}
            )
        except tk.ValidationError as e:
            return forms.invalid_link(e)
        here = own_pages.here()
        if current_user.is_anonymous:
            session[CLAIM] = here
        else:
            session.pop(CLAIM, None)
        return tk.render(
            "digifarm/owners/claim.html",
            {
                "project": project,
                "came_from": here,
                "may_register": forms.may("user_create"),
            },
        )

    def post(self, token: str) -> Any:
        """Become an owner."""
        forms.need_account()
        try:
            project = tk.get_action("digifarm_project_claim")(
                {}, {"token": token}
            )
        except (tk.ValidationError, tk.NotAuthorized) as e:
            return forms.invalid_link(e)
        tk.h.flash_success(tk._("You look after this project now. Thank you!"))
        return tk.redirect_to(f"{PROJECT_TYPE}.read", id=project["name"])


def point_back(_sender: str, **_values: Any) -> None:
    """Show the way back to who registers because of a link to claim a project.

    Core leads everybody to the dashboard who has registered.
    """
    path = session.pop(CLAIM, "") if has_request_context() else ""
    if path and current_user.is_anonymous:
        message = tk._("Your account is there. Please go on here:")
        tk.h.flash_notice(
            Markup('{} <a class="alert-link" href="{}">{}</a>').format(
                message, path, tk._("Look after a project")
            ),
            allow_html=True,
        )


owners.add_url_rule("", view_func=index)
owners.add_url_rule("/claim/<token>", view_func=ClaimView.as_view("claim"))
