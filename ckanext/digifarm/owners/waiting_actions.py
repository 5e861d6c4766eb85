"""What waits for somebody, of all subjects."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import waiting
from ..lib.ckan import Context, DataDict
from ..lib.context import user_id


@tk.side_effect_free
def digifarm_waiting_count(context: Context, data_dict: DataDict) -> int:
    """How many things wait for you: answers, decisions, tasks.

    You must be logged in.

    :rtype: int

    :raises NotAuthorized: where you are not logged in
    """
    tk.check_access("digifarm_waiting_count", context, data_dict)
    return waiting.count(user_id(context) or "")


@tk.side_effect_free
def digifarm_waiting_list(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """What waits for you, by what it is about.

    You must be logged in.

    :returns: dictionaries with `subject` (such as `support`), `state` (such
        as `offered`), `count` and `since`, when the oldest came; the oldest
        first
    :rtype: list of dictionaries

    :raises NotAuthorized: where you are not logged in
    """
    tk.check_access("digifarm_waiting_list", context, data_dict)
    return [
        {
            "subject": subject,
            "state": state,
            "count": count,
            "since": since.isoformat(),
        }
        for subject, state, count, since in waiting.groups(
            user_id(context) or ""
        )
    ]
