from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from . import words
from .entries import Kind


def digifarm_handover_prepared(project: dict[str, Any]) -> bool:
    """Whether a project could change hands; one SQL statement."""
    try:
        return tk.get_action("digifarm_handover_prepared")(
            {}, {"id": project["id"]}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return False


def digifarm_handover_label(kind: str) -> str:
    """The words for a thing that a successor needs."""
    return words.label(Kind(kind))


def digifarm_handover_missing(kinds: list[str]) -> str:
    """What nobody else could go on with yet, in a line."""
    if len(kinds) == len(Kind):
        return tk._("All of it is missing still")
    return tk._("Missing: {things}").format(
        things=", ".join(words.short_label(Kind(kind)) for kind in kinds)
    )


def digifarm_handover_field(field: str) -> str:
    """The words for what is said of such a thing."""
    return words.field_label(field)
