"""What the project list, a view of core's, is asked for."""

from __future__ import annotations

import ckantoolkit as tk
from flask import request
from werkzeug.datastructures import ImmutableMultiDict

from ..config import PROJECT_TYPE
from . import asked
from .views import projects


@projects.before_app_request
def leave_out_unknown_parameters() -> None:
    """Read only what the list knows; core makes a filter of everything.

    Links in newsletters and social networks have more, such as `utm_source`.
    Without it here, no link of the page carries it on.
    """
    if tk.request.endpoint != f"{PROJECT_TYPE}.search":
        return
    kept = asked.known(request.args)
    if kept != [*request.args.items(multi=True)]:
        # Read once, it is kept with the request.
        setattr(request, "args", ImmutableMultiDict(kept))  # noqa: B010
