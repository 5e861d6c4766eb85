"""What owners see of their projects, and how they become owners."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask import has_request_context
from flask.views import MethodView
from markupsafe import Markup

from ..config import PROJECT_TYPE
from ..lib import forms, paging
from ..lib.ckan import Response, current_user, session

owners = forms.blueprint("digifarm_owners", "/dashboard/projects")
owners.after_request(forms.keep_secret)

#: What the session knows of whoever has followed a link to claim a project.
CLAIM = "digifarm_claim"


def index() -> str | Response:
    """The reader’s projects with what is to be done, and their proposals."""
    if current_user.is_anonymous:
        return forms.forbidden("")
    _, page = paging.page("digifarm_project_mine", {})
    _, proposals = paging.page(
        "digifarm_proposal_list", {"mine": True}, name="proposals"
    )
    return tk.render(
        "digifarm/owners/index.html",
        {"page": page, "proposals": proposals if page.page == 1 else None},
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
        here = forms.here()
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
        if current_user.is_anonymous:
            return forms.forbidden("")
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
