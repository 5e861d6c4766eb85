"""The folder for handing over a project: its page, and its form."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from markupsafe import Markup

from ..config import PROJECT_TYPE
from ..lib import forms as lib_forms
from ..lib.ckan import Response
from ..lib.errors import finding
from ..projects import pages
from . import entries, words
from .entries import FIELDS, LINES, UNUSED, Kind, parameter

handover = lib_forms.blueprint(
    "digifarm_handover", f"/{PROJECT_TYPE}/handover"
)
handover.after_request(lib_forms.keep_secret)

SHOW = "digifarm_handover_show"
UPDATE = "digifarm_handover_update"

_SNIPPETS = "digifarm/projects/form_fields"


def read(id: str) -> str:
    """What is written down, for those who may read it."""
    project = _project(id, SHOW)
    return tk.render(
        "digifarm/handover/read.html",
        {
            **_shown(project),
            "handover": tk.get_action(SHOW)({}, {"id": project["id"]}),
            "may_update": lib_forms.may(UPDATE, id=project["id"]),
        },
    )


class EditView(lib_forms.FormView):
    """The form for all that is written down."""

    def get(self, id: str) -> str:
        """Show what is stored."""
        project = _project(id, UPDATE)
        stored = _stored(project)
        return _form(project, stored, {}, stored)

    def send(self, wrong: lib_forms.Wrong, id: str) -> str | Response:
        """Save what the form holds."""
        project = _project(id, UPDATE)
        data: dict[str, Any] = lib_forms.texts(
            "version", *entries.parameters()
        )
        for kind in Kind:
            # A box that isn't ticked is not sent.
            name = parameter(kind, UNUSED)
            data[name] = data[name] == "true"
        try:
            tk.get_action(UPDATE)(
                finding(wrong), {**data, "id": project["id"]}
            )
        except tk.ValidationError as e:
            return _form(project, data, e.error_dict, _stored(project))
        tk.h.flash_success(tk._("The handover folder has been saved."))
        return tk.redirect_to("digifarm_handover.read", id=project["name"])


def _project(id: str, action: str) -> dict[str, Any]:
    """A project that goes on, for who may do that; else the page ends."""
    lib_forms.need_account()
    project = pages.readable(id)
    if not lib_forms.may(action, id=project["id"]):
        tk.abort(403, tk._("This handover folder is not for you"))
    return project


def _stored(project: dict[str, Any]) -> dict[str, Any]:
    """What is stored, by the names of the fields."""
    found = tk.get_action(SHOW)({}, {"id": project["id"]})
    return {
        "version": found["version"],
        **{
            parameter(Kind(entry["kind"]), name): entry[name]
            for entry in found["entries"]
            for name in (UNUSED, *FIELDS)
        },
    }


def _shown(project: dict[str, Any]) -> dict[str, Any]:
    """What all templates of a project's pages need."""
    return {
        "project": project,
        "pkg": project,
        "pkg_dict": project,
        "dataset_type": PROJECT_TYPE,
    }


def _form(
    project: dict[str, Any],
    data: dict[str, Any],
    errors: Any,
    stored: dict[str, Any],
) -> str:
    """The form, with what the folder says now where that is something else.

    :param data: what the fields hold
    :param errors: what is wrong with it
    :param stored: what the folder says now
    """
    # A folder that somebody changed meanwhile is no field's mistake, and the
    # next time that it is sent, whoever types has read what it says.
    errors = dict(errors)
    is_other = errors.pop("version", None)
    if is_other:
        errors[lib_forms.FORM] = is_other
        data = {**data, "version": stored["version"]}
    others = stored if is_other else data
    groups = [
        {
            "label": words.label(kind),
            "open": True,
            "fields": [
                _field(kind, name, data, others) for name in (UNUSED, *FIELDS)
            ],
        }
        for kind in Kind
    ]
    return tk.render(
        "digifarm/handover/edit.html",
        {
            **_shown(project),
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
            "groups": groups,
            "labels": {
                parameter(kind, name): (
                    f"{words.label(kind)} – {words.field_label(name)}"
                )
                for kind in Kind
                for name in (UNUSED, *FIELDS)
            },
        },
    )


def _field(
    kind: Kind, name: str, data: dict[str, Any], others: dict[str, Any]
) -> dict[str, Any]:
    """A field of the form, as the schema file describes others."""
    field = parameter(kind, name)
    snippet = "text" if name in {*LINES, "paid_until"} else "textarea"
    helps = [words.field_help(name)]
    if others[field] != data[field]:
        helps.append(words.other(name, others[field]))
    return {
        "field_name": field,
        # Each thing has the same fields: who hears the page is told of which.
        "label": Markup('{}<span class="visually-hidden"> ({})</span>').format(
            words.field_label(name), words.label(kind)
        ),
        "help_text": " ".join(filter(None, helps)),
        "form_snippet": (
            f"{_SNIPPETS}/{'checkbox' if name == UNUSED else snippet}.html"
        ),
    }


handover.add_url_rule("/<id>", view_func=read)
handover.add_url_rule("/<id>/edit", view_func=EditView.as_view("edit"))
