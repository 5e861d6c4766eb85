from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..projects import fields, reasons, stages
from . import schema


def digifarm_ending(project: dict[str, Any]) -> dict[str, Any]:
    """Since when and why a project is over; nothing where it isn't.

    :returns: as :py:func:`digifarm_project_ending`, and `reason_label`: the
        words for the reason in short, or ""
    """
    if not stages.is_over(project.get("stage")):
        return {}
    try:
        ending = tk.get_action("digifarm_project_ending")(
            {}, {"id": project["id"]}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return {}
    known = reasons.of(reasons.STOPPING)
    code = ending["reason_code"]
    return {**ending, "reason_label": fields.choice_label_of(known, code)}


def digifarm_can_end() -> bool:
    """Whether the schema file has stages of projects that are over."""
    return bool(schema.stages_over())


def digifarm_dependents(project_id: str) -> dict[str, int]:
    """What hangs on a project, for whoever is about to delete it."""
    return tk.get_action("digifarm_project_dependents")({}, {"id": project_id})
