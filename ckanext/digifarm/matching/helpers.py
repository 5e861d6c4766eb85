from __future__ import annotations

from typing import Any

import ckantoolkit as tk

#: How many a page shows.
LIMIT = 5


def digifarm_matches(**of: str) -> list[dict[str, Any]]:
    """The best matches for a page; none for what has been deleted.

    :param of: `project` or `partner`, as for :py:func:`digifarm_match`
    """
    try:
        found = tk.get_action("digifarm_match")({}, {**of, "limit": LIMIT})
    except tk.ObjectNotFound:
        return []
    return found["results"]
