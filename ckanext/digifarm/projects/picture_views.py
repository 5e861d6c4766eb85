from __future__ import annotations

import base64
from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import forms
from . import pages

pictures = forms.blueprint("digifarm_pictures", f"/{PROJECT_TYPE}/picture")
pictures.after_request(forms.keep_secret)


def kept(token: str) -> Any:
    """The picture of a form that came back, for whoever has sent it."""
    try:
        found = tk.get_action("digifarm_picture_kept")({}, {"token": token})
    except (tk.ObjectNotFound, tk.ValidationError):
        return tk.abort(404, tk._("This picture is kept no longer"))
    return pages.picture(base64.b64decode(found["content"]), found["mimetype"])


pictures.add_url_rule("/<token>", view_func=kept)
