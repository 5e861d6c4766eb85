"""The team of a project: who looks after it, and who is invited to."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from typing_extensions import override

from ..config import PROJECT_TYPE
from ..lib import forms as lib_forms
from ..lib.ckan import Response
from ..lib.errors import finding
from ..projects import pages

team = lib_forms.blueprint("digifarm_team", f"/{PROJECT_TYPE}/team")
team.after_request(lib_forms.keep_secret)

#: The page asks for this; owners, editors and reviewers may.
SHOW = "digifarm_project_team"


class TeamView(lib_forms.FormView):
    """Where a team is seen, and somebody invited."""

    def get(self, id: str) -> str:
        """Show the team, and the form."""
        return _page(_project(id), {}, {})

    @override
    def send(self, wrong: lib_forms.Wrong, id: str) -> str | Response:
        """Invite somebody."""
        project = _project(id)
        data = lib_forms.texts("email", "hands_over")
        try:
            tk.get_action("digifarm_owner_invite")(
                finding(wrong), {**data, "project": project["id"]}
            )
        except lib_forms.REFUSALS as e:
            return _page(project, data, lib_forms.errors_of(e, "email"))
        tk.h.flash_success(
            tk._("A mail with a link is on its way to {email}.").format(
                email=data["email"].strip()
            )
        )
        return tk.redirect_to("digifarm_team.index", id=project["name"])


def withdraw(id: str, invitation: str) -> Response:
    """Take an invitation back."""
    project = _project(id)
    try:
        tk.get_action("digifarm_owner_invitation_withdraw")(
            {}, {"id": invitation}
        )
    except lib_forms.REFUSALS as e:
        lib_forms.flash_errors(e)
    else:
        tk.h.flash_success(tk._("The invitation has been taken back."))
    return tk.redirect_to("digifarm_team.index", id=project["name"])


def remove(id: str, user: str) -> Response:
    """Take the right to look after a project from somebody, or oneself."""
    project = _project(id)
    is_me = user == tk.g.userobj.id
    try:
        tk.get_action("digifarm_owner_remove")(
            {},
            {
                "project": project["id"],
                "user_id": user,
                "reason": lib_forms.text("reason"),
            },
        )
    except tk.NotAuthorized:
        return lib_forms.forbidden(tk._("You may not change this team"))
    except lib_forms.REFUSALS as e:
        lib_forms.flash_errors(e)
        return tk.redirect_to("digifarm_team.index", id=project["name"])
    if not is_me:
        tk.h.flash_success(tk._("They don’t look after this project now."))
        return tk.redirect_to("digifarm_team.index", id=project["name"])
    tk.h.flash_success(
        tk._("You don’t look after this project now. Thank you for all!")
    )
    return tk.redirect_to(f"{PROJECT_TYPE}.read", id=project["name"])


def _project(id: str) -> dict[str, Any]:
    """A project that goes on, for its team; else the page ends."""
    project = pages.project(id, "package_update")
    if project["state"] != "active":
        tk.abort(404, tk._("Civic project not found"))
    return project


def _page(project: dict[str, Any], data: dict[str, Any], errors: Any) -> str:
    return tk.render(
        "digifarm/owners/team.html",
        {
            "pkg_dict": project,
            "dataset_type": PROJECT_TYPE,
            "team": tk.get_action(SHOW)({}, {"id": project["id"]}),
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
        },
    )


team.add_url_rule("/<id>", view_func=TeamView.as_view("index"))
team.add_url_rule(
    "/<id>/withdraw/<invitation>", view_func=withdraw, methods=["POST"]
)
team.add_url_rule("/<id>/remove/<user>", view_func=remove, methods=["POST"])
