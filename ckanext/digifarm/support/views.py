from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask.views import MethodView

from ckan.types import Response

from ..lib import forms as lib_forms
from ..matching.views import matches
from ..projects import pages as project_pages
from ..projects.fields import PROJECT_TYPE

support = lib_forms.blueprint("digifarm_support", f"/{PROJECT_TYPE}/support")

#: What the page shows, by state.
STATES = ("offered", "requested", "accepted", "ended")

FIELDS = ("area", "partner", "person", "consent", "scope", "since")


class SupportView(MethodView):
    """Where editors of a project record who supports it."""

    def get(self, id: str) -> str:
        """Show supporters and the form for one more."""
        return _page(_project(id), {}, {})

    def post(self, id: str) -> str | Response:
        """Record a supporter."""
        project = _project(id)
        data = {name: tk.request.form.get(name, "") for name in FIELDS}
        try:
            tk.get_action("digifarm_support_create")(
                {}, {**data, "project": project["id"]}
            )
        except tk.ObjectNotFound as e:
            return _page(project, data, {"partner": [str(e.message)]})
        except tk.ValidationError as e:
            return _page(project, data, e.error_dict)
        tk.h.flash_success(tk._("The support has been saved."))
        return tk.redirect_to("digifarm_support.project", id=project["name"])


def _project(id: str) -> dict[str, Any]:
    """The project, for those who may update it; else the page ends."""
    return project_pages.project(id, "package_update")


def _page(project: dict[str, Any], data: dict[str, Any], errors: Any) -> str:
    partners = tk.get_action("digifarm_partner_search")(
        {}, {"limit": tk.config["ckan.search.rows_max"]}
    )
    return tk.render(
        "digifarm/support/project.html",
        {
            "pkg_dict": project,
            "dataset_type": PROJECT_TYPE,
            "supports": {
                state: tk.get_action("digifarm_support_list")(
                    {},
                    {
                        "project": project["id"],
                        "state": state,
                        "contacts": True,
                    },
                )
                for state in STATES
            },
            "partners": partners["results"],
            "matches": matches(project=project["id"]),
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
        },
    )


support.add_url_rule("/<id>", view_func=SupportView.as_view("project"))
