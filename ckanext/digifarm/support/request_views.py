"""How the people of a project ask a partner for support."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import forms as lib_forms
from ..lib.ckan import Response
from ..lib.errors import finding
from ..partners import picking
from ..projects import pages as project_pages
from .offer_views import offers


class RequestView(lib_forms.FormView):
    """Where editors of a project ask a partner for support."""

    def get(self, id: str) -> str | Response:
        """Show the form; parameters of the address fill its fields."""
        project = project_pages.project(id, project_pages.TEAM)
        args = tk.request.args
        area = project_pages.area_of(project, args.get("area", ""))
        if elsewhere := project_pages.instead_of_help(project, area):
            return elsewhere
        data = {"area": area, "partner": args.get("partner", "")}
        return _request_form(
            project, picking.with_candidates(data, "partner"), {}
        )

    def send(self, wrong: lib_forms.Wrong, id: str) -> Any:
        """Ask the partner."""
        project = project_pages.project(id, project_pages.TEAM)
        names = (
            "area",
            "partner",
            "partner_query",
            "scope",
            "until",
            "message",
        )
        entered = lib_forms.texts(*names)
        data = picking.with_candidates(entered, "partner")
        try:
            tk.get_action("digifarm_support_request")(
                finding({**wrong, **picking.question(data, "partner")}),
                {**entered, "project": project["id"]},
            )
        except lib_forms.REFUSALS as e:
            if answer := project_pages.refused_by(project["name"], e):
                return answer
            errors = lib_forms.errors_of(e, "partner")
            return _request_form(project, data, errors), lib_forms.status_of(e)
        tk.h.flash_success(tk._("The partner has been asked by mail."))
        return tk.redirect_to("digifarm_support.project", id=project["name"])


def _request_form(
    project: dict[str, Any], data: dict[str, Any], errors: Any
) -> str:
    return tk.render(
        "digifarm/support/request.html",
        {
            "pkg_dict": project,
            "dataset_type": PROJECT_TYPE,
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
        },
    )


offers.add_url_rule("/request/<id>", view_func=RequestView.as_view("request"))
