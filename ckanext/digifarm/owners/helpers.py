from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib.ckan import current_user
from ..projects import fields
from . import needs


def digifarm_waiting_count() -> int:
    """How many things wait for the reader; 0 for who isn't logged in."""
    if current_user.is_anonymous:
        return 0
    return tk.get_action("digifarm_waiting_count")({}, {})


def digifarm_waiting_lines(
    groups: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """What waits, each kind of questions on a line of its own.

    :param groups: as `digifarm_waiting_list` gives them
    :returns: the same; what is asked is one, in whichever state it is, unless
        it waits for reviewers
    """
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for group in groups:
        subject, state = group["subject"], group["state"]
        if subject == "confirmation" and state != "undecided":
            state = "asked"
        line = lines.setdefault((subject, state), {**group, "count": 0})
        line["count"] += group["count"]
    return [*lines.values()]


def digifarm_care_search(
    project: dict[str, Any], supports: list[dict[str, Any]]
) -> str:
    """Why a project looks for somebody who looks after it.

    :param project: a project
    :param supports: as :py:func:`digifarm_supports` gives them
    :returns: `wanted` where its people say so, `city` where reviewers do,
        `nobody` where nobody is named, or ""
    """
    areas = {choice["value"] for choice in fields.choices("help_wanted")}
    if needs.CARE not in areas or not needs.may_search(project):
        return ""
    # Asked only where the answer isn't known yet.
    is_owned = (
        needs.wants_care(project)
        or any(support["area"] == needs.CARE for support in supports)
        or tk.get_action("digifarm_project_owned")({}, {"id": project["id"]})
    )
    found = needs.search(project, is_owned=is_owned)
    return found.value if found else ""
