"""Says by oEmbed how pages of ours are shown on other sites."""

from __future__ import annotations

import re

import ckantoolkit as tk
from flask import jsonify

from ..config import PROJECT_TYPE
from ..lib import forms
from ..lib.ckan import Response
from . import oembed

embedder = forms.blueprint("digifarm_oembed", f"/{PROJECT_TYPE}/oembed")

#: A number of pixels.
PIXELS = re.compile(r"0*[1-9][0-9]{0,5}", re.ASCII)


@embedder.route("")
def show() -> Response:
    """What an address leads to; only JSON is written."""
    args = tk.request.args
    if args.get("format", "json") != "json":
        return _refusal(501, tk._("There is only JSON."))
    address = args.get("url", "").strip()
    if not address:
        return _refusal(400, tk._("Please give an address."))
    room: dict[str, int | None] = {}
    for side in ("width", "height"):
        given = args.get(f"max{side}", "")
        if given and not PIXELS.fullmatch(given):
            return _refusal(400, tk._("Please give a number of pixels."))
        room[side] = int(given) if given else None
    if found := oembed.find(address, **room):
        return jsonify(found)
    return _refusal(404, tk._("There is nothing to show at this address."))


def _refusal(status: int, message: str) -> Response:
    response = jsonify({"error": message})
    response.status_code = status
    return response
