from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import forms as lib_forms
from ..lib import paging
from ..lib.ckan import Response, SearchIndexError
from ..lib.errors import finding
from ..partners import picking
from ..projects import pages as project_pages
from . import consent

support = lib_forms.blueprint("digifarm_support", f"/{PROJECT_TYPE}/support")

#: What the page shows, by state.
STATES = ("offered", "requested", "accepted", "ended")

FIELDS = (
    "area",
    "partner",
    "partner_query",
    "person",
    "consent",
    "scope",
    "since",
    "until",
)


class SupportView(lib_forms.FormView):
    """Where editors of a project record who supports it."""

    def get(self, id: str) -> str:
        """Show supporters and the form for one more."""
        return _page(_project(id), {}, {})

    def send(self, wrong: lib_forms.Wrong, id: str) -> Any:
        """Record a supporter."""
        project = _project(id)
        entered = {name: tk.request.form.get(name, "") for name in FIELDS}
        data = picking.with_candidates(entered, "partner")
        try:
            tk.get_action("digifarm_support_create")(
                finding({**wrong, **picking.question(data, "partner")}),
                {**entered, "project": project["id"]},
            )
        except lib_forms.REFUSALS as e:
            errors = lib_forms.errors_of(e, "partner")
            return _page(project, data, errors), lib_forms.status_of(e)
        tk.h.flash_success(tk._("The support has been saved."))
        return tk.redirect_to("digifarm_support.project", id=project["name"])


def found(id: str) -> Response:
    """Look for help in an area no longer, as somebody is found."""
    project = _project(id)
    area = lib_forms.text("area")
    wanted = [one for one in project.get("help_wanted", []) if one != area]
    try:
        tk.get_action("package_patch")(
            {}, {"id": project["id"], "help_wanted": wanted}
        )
    except tk.ValidationError as e:
        lib_forms.flash_errors(e)
    except SearchIndexError:
        lib_forms.say_not_saved()
    else:
        tk.h.flash_success(
            tk._("The project looks for this help no longer: {area}").format(
                area=tk.h.digifarm_choice_label("help_wanted", area)
            )
        )
    return tk.redirect_to("digifarm_support.project", id=project["name"])


def evaluate(id: str) -> Response:
    """Say whether a support that has ended has helped."""
    project = _project(id)
    data = {name: lib_forms.text(name) for name in ("id", "helped")}
    try:
        tk.get_action("digifarm_support_evaluate")({}, data)
    except (tk.ValidationError, tk.ObjectNotFound) as e:
        lib_forms.flash_errors(e)
    except tk.NotAuthorized:
        tk.abort(403, tk._("You may not change this support"))
    else:
        tk.h.flash_success(tk._("Thank you! It helps us to see what helps."))
    return tk.redirect_to(
        "digifarm_support.project", id=project["name"], _anchor="ended"
    )


def _project(id: str) -> dict[str, Any]:
    """The project, for those who may update it; else the page ends."""
    return project_pages.project(id, project_pages.TEAM)


def _page(project: dict[str, Any], data: dict[str, Any], errors: Any) -> str:
    return tk.render(
        "digifarm/support/project.html",
        {
            "pkg_dict": project,
            "dataset_type": PROJECT_TYPE,
            "supports": {
                state: paging.uncounted_page(
                    "digifarm_support_list",
                    {
                        "project": project["id"],
                        "state": state,
                        "contacts": True,
                    },
                    state,
                )
                for state in STATES
            },
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
            "agreement": consent.recording(),
        },
    )


support.add_url_rule("/<id>", view_func=SupportView.as_view("project"))
support.add_url_rule("/found/<id>", view_func=found, methods=["POST"])
support.add_url_rule("/evaluate/<id>", view_func=evaluate, methods=["POST"])
