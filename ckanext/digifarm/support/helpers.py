from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import paging
from ..lib.actors import Actor
from ..lib.ckan import Page
from ..owners import needs
from ..projects import fields, stages
from ..projects.helpers import digifarm_help_wanted
from .model import SupportState
from .workflow import WORKFLOW as SUPPORTS


def digifarm_supports(project: dict[str, Any]) -> Page | None:
    """Who supports a project; see :py:func:`digifarm_support_list`.

    :param project: a project, also an old version of it
    :returns: the page that the address asks for
    """
    try:
        return paging.uncounted_page(
            "digifarm_support_list", {"project": project["id"]}, "supporters"
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None


def digifarm_help_areas(
    project: dict[str, Any], supports: list[dict[str, Any]], care: str
) -> list[dict[str, Any]]:
    """The areas of help of a project, each with who gives it.

    What is wanted comes first, somebody who looks after the project before
    all else. That something is wanted is what the project says; it may want
    more of what it gets.

    :param project: a project, also an old version of it
    :param supports: as :py:func:`digifarm_supports` gives them
    :param care: as :py:func:`digifarm_care_search` does
    :returns: for each area of which there is something to say its `value`,
        `label`, `icon`, `text` (what exactly, as Markdown, or ""),
        `is_wanted`, `is_closed` (it is wanted, but nobody has confirmed that
        for long), `care` (why, where it is about looking after the project)
        and `supports`
    """
    wanted = {area["value"] for area in digifarm_help_wanted(project)}
    areas = [
        _area(choice, project, supports, wanted, care)
        for choice in fields.choices("help_wanted")
    ]
    told = [
        area
        for area in areas
        if area["is_wanted"]
        or area["is_closed"]
        or area["care"]
        or area["supports"]
        or area["text"]
    ]
    return sorted(
        told, key=lambda area: (not area["care"], not area["is_wanted"])
    )


def _area(
    choice: dict[str, Any],
    project: dict[str, Any],
    supports: list[dict[str, Any]],
    wanted: set[str],
    care: str,
) -> dict[str, Any]:
    value = choice["value"]
    why = care if value == needs.CARE else ""
    is_named = value in (project.get("help_wanted") or [])
    is_wanted = value in wanted
    is_closed = is_named and not is_wanted and stages.is_silent(project)
    # Who was looked for once, would be read as if they still were.
    is_found = value == needs.CARE and not (is_wanted or is_closed or why)
    is_said = not (is_found or stages.is_over(project.get("stage")))
    return {
        "value": value,
        "label": fields.text(choice["label"]),
        "icon": choice.get("icon", fields.DEFAULT_ICON),
        "text": project.get(f"{value}_help") or "" if is_said else "",
        "is_wanted": is_wanted,
        "is_closed": is_closed,
        "care": why,
        "supports": [s for s in supports if s["area"] == value],
    }


def digifarm_support_state(state: str) -> str:
    """The word for the state of a support."""
    words = {
        SupportState.UNCONFIRMED: tk._("Not confirmed yet"),
        SupportState.OFFERED: tk._(
            "Offered, waiting for the project’s answer"
        ),
        SupportState.REQUESTED: tk._("Requested, waiting for an answer"),
        SupportState.ACCEPTED: tk._("Accepted"),
        SupportState.DECLINED: tk._("Declined"),
        SupportState.WITHDRAWN: tk._("Withdrawn"),
        SupportState.ENDED: tk._("Ended"),
    }
    return words[SupportState(state)]


def digifarm_support_steps(state: str, side: str) -> list[str]:
    """What a side of a support can do with it now, in order.

    :param side: `project` or `supporter`
    :returns: ends of names of actions, such as `accept`
    """
    found = SUPPORTS.steps(SupportState(state), Actor(side))
    steps = [action.removeprefix("digifarm_support_") for action in found]
    return [step for step in steps if step != "confirm"]


def digifarm_care_right_ends() -> str:
    """What to say before somebody ends care by which somebody owns it."""
    return tk._(
        "Whoever looks after the project by it can then no longer change its"
        " entry or open its handover folder, unless the project’s people"
        " invite them anew."
    )
