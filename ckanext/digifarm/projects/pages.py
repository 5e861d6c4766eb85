"""Finds projects for pages."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import text
from ..lib.ckan import Response
from ..lib.forms import may


def project(id: str, action: str) -> dict[str, Any]:
    """A project for somebody who may do something with it; else the page ends.

    :param id: id or name
    :param action: name of the action that is asked for
    """
    try:
        project = tk.get_action("package_show")({}, {"id": text.clean(id)})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.Invalid):
        return tk.abort(404, tk._("Civic project not found"))
    if project["type"] != PROJECT_TYPE:
        return tk.abort(404, tk._("Civic project not found"))
    if not may(action, id=project["id"]):
        tk.abort(403, tk._("You may not edit this civic project"))
    return project


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
