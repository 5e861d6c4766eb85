from __future__ import annotations

from typing import Any

import ckantoolkit as tk


def digifarm_link_suggestions(project: dict[str, Any]) -> list[dict[str, Any]]:
    """What may take the place of datasets that a project has lost.

    :returns: as :py:func:`digifarm_link_suggest`; nothing for those who may
        not move its links
    """
    try:
        return tk.get_action("digifarm_link_suggest")(
            {}, {"project": project["id"]}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        return []
