"""A project on a sheet of paper."""

from __future__ import annotations

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import forms
from ..projects import pages
from . import factsheet

factsheets = forms.blueprint(
    "digifarm_factsheets", f"/{PROJECT_TYPE}/factsheet"
)


@factsheets.route("/<id>")
def read(id: str) -> str:
    """The sheet, for whoever may read the project."""
    project = pages.readable(id)
    return tk.render(
        "digifarm/sharing/factsheet.html",
        {"project": project, "sheet": factsheet.of(project)},
    )
