"""The pictures of pages that have none."""

from __future__ import annotations

import ckantoolkit as tk
from flask import make_response

from ..config import PROJECT_TYPE
from ..lib import forms
from ..lib.ckan import Response
from . import drawing

previews = forms.blueprint("digifarm_previews", f"/{PROJECT_TYPE}/preview")


@previews.route("/<mark>.png")
def picture(mark: str) -> Response:
    """A title of ours, drawn."""
    title = tk.request.args.get("title", "")
    if not drawing.is_marked(title, mark):
        return tk.abort(404, tk._("There is no such picture"))
    above, below = tk._("Civic projects"), tk.config["ckan.site_title"]
    etag = drawing.etag(title, above, below)
    # Who has it already needs none that is drawn anew.
    if etag in tk.request.if_none_match:
        response = Response(status=304)
    else:
        response = make_response(drawing.draw(title, above, below))
        response.mimetype = "image/png"
    response.set_etag(etag)
    return response
