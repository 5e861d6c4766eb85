"""Finds projects for pages."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import forms, text
from ..lib.ckan import Response
from . import fields, stages

#: Who may do this belongs to the team of a project.
TEAM = "digifarm_project_end"


def readable(id: str) -> dict[str, Any]:
    """A project that goes on and that the reader may see; else the page ends.

    :param id: id or name
    """
    try:
        project = tk.get_action("package_show")({}, {"id": text.clean(id)})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.Invalid):
        return tk.abort(404, tk._("Civic project not found"))
    if project["type"] != PROJECT_TYPE or project["state"] != "active":
        return tk.abort(404, tk._("Civic project not found"))
    return project


def project(id: str, action: str) -> dict[str, Any]:
    """A project for somebody who may do something with it; else the page ends.

    :param id: id or name
    :param action: name of the action that is asked for; it needs an account
    """
    forms.need_account()
    try:
        project = tk.get_action("package_show")({}, {"id": text.clean(id)})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.Invalid):
        return tk.abort(404, tk._("Civic project not found"))
    if project["type"] != PROJECT_TYPE:
        return tk.abort(404, tk._("Civic project not found"))
    if not forms.may(action, id=project["id"]):
        tk.abort(403, tk._("You may not edit this civic project"))
    return project


def instead_of_help(
    project: dict[str, Any], area: str = ""
) -> Response | None:
    """Where a form that offers help leads, if the project wants none.

    :param project: its `name` and `stage`
    :param area: in which area it is offered, if in one
    :returns: the way to its page, which says why
    """
    if stages.takes(project, area):
        return None
    why = stages.why_not(project)
    tk.h.flash_notice(f"{why}.")
    return tk.redirect_to(f"{PROJECT_TYPE}.read", id=project["name"])


def area_of(project: dict[str, Any], area: str) -> str:
    """The area of help that a form begins with: the given one, or the last.

    :param project: its `stage` and what else says what it takes
    :param area: what the address says, or ""
    """
    left = [
        choice["value"]
        for choice in fields.choices("help_wanted")
        if stages.takes(project, choice["value"])
    ]
    return area or (left[0] if len(left) == 1 else "")


def refused_by(name: str, error: Any) -> Response | None:
    """Where a form leads that a project refuses whatever stands in it.

    Somebody may have paused or ended it since the form was opened.

    :param name: of the project
    :param error: an action's refusal
    :returns: the way to its page, which says why; None where it is another
        one
    """
    errors = getattr(error, "error_dict", None) or {}
    if {*errors} != {"project"}:
        return None
    forms.flash_errors(error)
    return tk.redirect_to(f"{PROJECT_TYPE}.read", id=name)


def picture(content: bytes, mimetype: str) -> Response:
    """A picture that is not public, as somebody may see it here."""
    return Response(
        content,
        mimetype=mimetype,
        headers={
            "Content-Security-Policy": "default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )
