"""Where help is wanted, on one page for all projects."""

from __future__ import annotations

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import forms, paging
from ..projects import fields

help_ = forms.blueprint("digifarm_help", f"/{PROJECT_TYPE}/help-wanted")

FILTERS = ("area", "skill", "effort", "action_field")


@help_.route("")
def index() -> str:
    """All open help and tasks, filtered by the parameters of the address."""
    args = tk.request.args
    asked = {name: args.get(name, "").strip() for name in FILTERS}
    found, pager = paging.page("digifarm_help_list", asked)
    choices = {
        "area": fields.choices("help_wanted"),
        "effort": fields.task_efforts(),
        "action_field": fields.choices("action_fields"),
        "skill": [
            {"value": skill, "label": skill}
            for skill in found.get("skills", [])
        ],
    }
    return tk.render(
        "digifarm/tasks/help_wanted.html",
        {"page": pager, "asked": asked, "choices": choices},
    )
