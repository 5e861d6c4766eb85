"""Where help is wanted, on one page for all projects."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import forms, paging
from ..projects import fields
from . import schema

help_ = forms.blueprint("digifarm_help", f"/{PROJECT_TYPE}/help-wanted")

VIEWS = ("help", "tasks")


@help_.route("")
def index() -> str:
    """Open help or tasks, filtered by the parameters of the address."""
    args = tk.request.args
    asked = schema.filters(args)
    view = args.get("view", "")
    view = view if view in VIEWS else VIEWS[0]
    found, pager = paging.page("digifarm_help_list", {**asked, "view": view})
    return tk.render(
        "digifarm/tasks/help_wanted.html",
        {
            "page": pager,
            "asked": asked,
            "view": view,
            "counts": found.get("counts", {}),
            "choices": _choices(found.get("facets", {}), asked["skill"]),
        },
    )


def _choices(
    counted: dict[str, dict[str, int]], skill: str
) -> dict[str, list[dict[str, Any]]]:
    """The choices of each filter, with what they would find.

    :param counted: as the action counts them
    :param skill: the one that is chosen; it can be chosen again
    """
    skills = dict(counted.get("skill", {}))
    if skill and skill.casefold() not in map(str.casefold, skills):
        skills[skill] = 0
    choices = {
        "area": fields.choices("help_wanted"),
        "effort": fields.task_efforts(),
        "action_field": fields.choices("action_fields"),
        "skill": [
            {"value": word, "label": word}
            for word in sorted(skills, key=str.casefold)
        ],
    }
    numbers = {**counted, "skill": skills}
    return {
        name: [
            {**choice, "count": numbers.get(name, {}).get(choice["value"], 0)}
            for choice in of_filter
        ]
        for name, of_filter in choices.items()
    }
