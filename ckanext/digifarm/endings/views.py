"""Where the people of a project say that it is over, or goes on."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask.views import MethodView

from ..config import PROJECT_TYPE
from ..lib import forms as lib_forms
from ..lib.ckan import Response, SearchIndexError
from ..projects import fields, stage_notes, stages
from ..projects import pages as project_pages
from . import form_fields, schema

endings = lib_forms.blueprint("digifarm_endings", f"/{PROJECT_TYPE}")

NAMES = (
    "stage",
    "since",
    "reason_code",
    "reason",
    "takeover",
    stage_notes.NOTE,
    "supports",
    "tasks",
)


class EndView(MethodView):
    """The form that says that a project is over."""

    def get(self, id: str) -> str:
        """Show the form with what is said so far."""
        project = _project(id)
        if stages.is_over(project.get("stage")):
            names = ("stage", stage_notes.NOTE)
            of_project = {name: project.get(name) for name in names}
            said = {**_ending(project), **of_project}
            return _form(project, said, {})
        # It may be chosen in the form of the whole project.
        stage = tk.request.args.get("stage", "")
        return _form(project, {**form_fields.usual(), "stage": stage}, {})

    def post(self, id: str) -> str | Response:
        """Say so, and show the project's page."""
        project = _project(id)
        data = lib_forms.texts(*NAMES)
        given = {name: value for name, value in data.items() if value}
        # A city's form may lack the field; an empty one takes the note away.
        if stage_notes.NOTE in tk.request.form:
            given[stage_notes.NOTE] = data[stage_notes.NOTE]
        try:
            tk.get_action("digifarm_project_end")(
                {}, {**given, "id": project["id"]}
            )
        except tk.ValidationError as e:
            return _form(project, data, e.error_dict)
        except SearchIndexError:
            lib_forms.say_not_saved()
            return _form(project, data, {})
        if stages.is_over(project.get("stage")):
            said = tk._("This is on the project’s page now.")
        else:
            said = tk._(
                "This is on the project’s page now. Whoever supports it, or"
                " has taken a task, gets a mail."
            )
        tk.h.flash_success(said)
        return tk.redirect_to(f"{PROJECT_TYPE}.read", id=project["name"])


def reopen(id: str) -> Response:
    """Let a project go on."""
    project = _project(id)
    try:
        tk.get_action("digifarm_project_reopen")(
            {},
            {
                "id": project["id"],
                **lib_forms.texts("stage", stage_notes.NOTE),
            },
        )
    except tk.ValidationError as e:
        lib_forms.flash_errors(e)
        return tk.redirect_to("digifarm_endings.end", id=project["name"])
    except SearchIndexError:
        lib_forms.say_not_saved()
        return tk.redirect_to("digifarm_endings.end", id=project["name"])
    tk.h.flash_success(tk._("The project goes on. How nice!"))
    return tk.redirect_to(f"{PROJECT_TYPE}.read", id=project["name"])


def _project(id: str) -> dict[str, Any]:
    """A project for those who may say so; else the page ends."""
    project = project_pages.project(id, "digifarm_project_end")
    if project["state"] == "deleted" or not schema.stages_over():
        tk.abort(404, tk._("Civic project not found"))
    return project


def _ending(project: dict[str, Any]) -> dict[str, Any]:
    return tk.get_action("digifarm_project_ending")({}, {"id": project["id"]})


def _form(project: dict[str, Any], data: dict[str, Any], errors: Any) -> str:
    note = project.get(stage_notes.NOTE) or ""
    return tk.render(
        "digifarm/endings/end.html",
        {
            "pkg_dict": project,
            "dataset_type": PROJECT_TYPE,
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
            "fields": form_fields.of(
                project["id"],
                note=note,
                is_over=stages.is_over(project.get("stage")),
            ),
            "reopen_fields": stage_notes.form_fields(note),
            "stages": schema.stages_before(),
            "stage_label": fields.label("stage"),
        },
    )


endings.add_url_rule("/end/<id>", view_func=EndView.as_view("end"))
endings.add_url_rule("/reopen/<id>", view_func=reopen, methods=["POST"])
