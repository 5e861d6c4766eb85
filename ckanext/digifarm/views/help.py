"""Where help is wanted, on one page for all projects."""

from __future__ import annotations

import ckantoolkit as tk

from ckan.lib.pagination import Page

from .. import fields
from ..fields import PROJECT_TYPE
from . import forms

help_ = forms.blueprint("digifarm_help", f"/{PROJECT_TYPE}/help")

#: Projects on a page.
PER_PAGE = 20

FILTERS = ("area", "skill", "effort", "action_field")


@help_.route("")
def index() -> str:
    """All open help and tasks, filtered by the parameters of the address."""
    args = tk.request.args
    asked = {name: args.get(name, "").strip() for name in FILTERS}
    page = tk.h.get_page_number(args)
    try:
        found = tk.get_action("digifarm_help_list")(
            {}, {**asked, "limit": PER_PAGE, "offset": (page - 1) * PER_PAGE}
        )
    except tk.ValidationError:
        found = {"count": 0, "results": [], "skills": []}
    pager = Page(
        collection=found["results"],
        page=page,
        url=tk.h.pager_url,
        item_count=found["count"],
        items_per_page=PER_PAGE,
        presliced_list=True,
    )
    choices = {
        "area": fields.choices("help_wanted"),
        "effort": fields.task_efforts(),
        "action_field": fields.choices("action_fields"),
        "skill": [
            {"value": skill, "label": skill} for skill in found["skills"]
        ],
    }
    return tk.render(
        "help/index.html", {"page": pager, "asked": asked, "choices": choices}
    )
