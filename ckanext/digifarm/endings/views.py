"""Where the people of a project say that it is over, or goes on."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask.views import MethodView

from ..config import PROJECT_TYPE
from ..lib import clock
from ..lib import forms as lib_forms
from ..lib.ckan import Response, SearchIndexError
from ..projects import fields, reasons, stages
from ..projects import pages as project_pages
from . import schema
from .model import Fate

endings = lib_forms.blueprint("digifarm_endings", f"/{PROJECT_TYPE}")

NAMES = (
    "stage",
    "since",
    "reason_code",
    "reason",
    "takeover",
    "supports",
    "tasks",
)


class EndView(MethodView):
    """The form that says that a project is over."""

    def get(self, id: str) -> str:
        """Show the form with what is said so far."""
        project = _project(id)
        if stages.is_over(project.get("stage")):
            said = {**_ending(project), "stage": project["stage"]}
            return _form(project, said, {})
        today = clock.now().date().isoformat()
        # It may be chosen in the form of the whole project.
        stage = tk.request.args.get("stage", "")
        data = {"supports": Fate.END.value, "tasks": Fate.END.value}
        data |= {"since": today, "stage": stage}
        return _form(project, data, {})

    def post(self, id: str) -> str | Response:
        """Say so, and show the project's page."""
        project = _project(id)
        data = lib_forms.texts(*NAMES)
        given = {name: value for name, value in data.items() if value}
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
            {}, {"id": project["id"], "stage": lib_forms.text("stage")}
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
    return tk.render(
        "digifarm/endings/end.html",
        {
            "pkg_dict": project,
            "dataset_type": PROJECT_TYPE,
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
            "fields": _fields(is_over=stages.is_over(project.get("stage"))),
            "stages": schema.stages_before(),
            "stage_label": fields.label("stage"),
        },
    )


def _fields(*, is_over: bool) -> list[dict[str, Any]]:
    """The fields of the form, as the schema file describes others.

    :param is_over: whether it is known already what becomes of help
    """
    snippets = "digifarm/projects/form_fields"
    found = [
        {
            "field_name": "stage",
            "label": tk._("What has become of it"),
            "choices": schema.stages_over(),
            "required": True,
            "form_snippet": f"{snippets}/select.html",
        },
        {
            "field_name": "since",
            "label": tk._("Since when"),
            "help_text": tk._(
                "As precisely as you know it: 2021, 10/2021 or 01.10.2021."
            ),
            "form_snippet": f"{snippets}/text.html",
        },
        {
            "field_name": "reason_code",
            "label": tk._("The reason in short"),
            "choices": reasons.of(reasons.STOPPING),
            "form_snippet": f"{snippets}/select.html",
        },
        {
            "field_name": "reason",
            "label": tk._("The reason in your words"),
            "help_text": tk._(
                "Others learn from it. Everybody can read it, so name nobody"
                " who does not want that."
            ),
            "form_snippet": f"{snippets}/textarea.html",
        },
        {
            "field_name": "takeover",
            "label": tk._("What others can take over"),
            "help_text": tk._(
                "Code, texts, data, the address of the website, things that"
                " you have learnt, and whom to ask for them."
            ),
            "rows": 4,
            "form_snippet": f"{snippets}/markdown.html",
        },
        *(
            {
                "field_name": name,
                "label": label,
                "choices": [
                    {"value": Fate.END.value, "label": end},
                    {"value": Fate.KEEP.value, "label": keep},
                ],
                "required": True,
                "form_snippet": f"{snippets}/select.html",
            }
            for name, label, end, keep in (() if is_over else _fates())
        ),
    ]
    return [
        field
        for field in found
        if field.get("choices") or field["field_name"] != "reason_code"
    ]


def _fates() -> tuple[tuple[str, str, str, str], ...]:
    """What becomes of what others give: name, label, and both answers."""
    return (
        (
            "supports",
            tk._("The support that it has"),
            tk._("ends, too"),
            tk._("goes on, for example as the server keeps running"),
        ),
        (
            "tasks",
            tk._("Tasks that somebody has taken"),
            tk._("are needed no longer"),
            tk._("may still be done"),
        ),
    )


endings.add_url_rule("/end/<id>", view_func=EndView.as_view("end"))
endings.add_url_rule("/reopen/<id>", view_func=reopen, methods=["POST"])
