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
    """The form, with what others have changed meanwhile.

    :param data: what the fields hold
    :param errors: what is wrong with it
    :param stored: what the folder says now
    """
    # A folder that somebody changed meanwhile is no field's mistake, and the
    # next time that it is sent, whoever types has read what it says.
    errors = dict(errors)
    if is_other := errors.pop("version", None):
        data, others = _meanwhile(data, stored)
        errors = {**errors, lib_forms.FORM: is_other, **others}
    return tk.render(
        "digifarm/handover/edit.html",
        {
            **_shown(project),
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
            "groups": [_group(kind, data) for kind in Kind],
            "labels": {
                parameter(kind, name): (
                    f"{words.label(kind)} – {words.field_label(name)}"
                )
                for kind in Kind
                for name in (UNUSED, *FIELDS)
            },
        },
    )


def _meanwhile(
    data: dict[str, Any], stored: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What is left to decide when others have changed something meanwhile.

    What only they have changed stands in the form as they say it.

    :param data: what the fields hold, with the version that was read
    :param stored: what the folder says now
    :returns: what the fields hold from now on, and what is said beside those
        that others have changed
    """
    read = data["version"]
    theirs = entries.changed_since(read, entries.of_parameters(stored))
    mine = entries.changed_since(read, entries.of_parameters(data))
    taken = {name: stored[name] for name in theirs if name not in mine}
    others = {
        name: [words.taken() if name in taken else words.other(stored[name])]
        for name in theirs
        if name in taken or stored[name] != data[name]
    }
    return {**data, **taken, "version": stored["version"]}, others


def _group(kind: Kind, data: dict[str, Any]) -> dict[str, Any]:
    """A part of the form, as the schema file describes others.

    It is folded where nothing is said of that thing yet.
    """
    names = (UNUSED, *FIELDS)
    return {
        "label": words.label(kind),
        "open": False,
        "unfolded": any(data[parameter(kind, name)] for name in names),
        "fields": [_field(kind, name) for name in names],
    }


def _field(kind: Kind, name: str) -> dict[str, Any]:
    """A field of the form, as the schema file describes others."""
    snippet = "text" if name in {*LINES, "paid_until"} else "textarea"
    return {
        "field_name": parameter(kind, name),
        # Each thing has the same fields: who hears the page is told of which.
        "label": Markup('{}<span class="visually-hidden"> ({})</span>').format(
            words.field_label(name), words.label(kind)
        ),
        "help_text": words.field_help(name),
        "form_snippet": (
            f"{_SNIPPETS}/{'checkbox' if name == UNUSED else snippet}.html"
        ),
    }


handover.add_url_rule("/<id>", view_func=read)
handover.add_url_rule("/<id>/edit", view_func=EditView.as_view("edit"))
