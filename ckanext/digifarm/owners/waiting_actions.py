"""What waits for somebody, and what they were told, of all subjects."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import waiting
from ..lib.ckan import Context, DataDict
from ..lib.context import user_id
from . import own_steps

#: So many steps of others are told.
LAST = 10


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


@tk.side_effect_free
def digifarm_own_step_list(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """What others did last with your offers, tasks, proposals and partners.

    A mail has told you of each. You must be logged in.

    :returns: dictionaries with `subject` (`support`, `task`, `proposal` or
        `partner`), its `id`, the `state` that it got, `title` of the task, of
        the partner, or else of the project, and `created`; the newest ten,
        the newest first
    :rtype: list of dictionaries

    :raises NotAuthorized: where you are not logged in
    """
    tk.check_access("digifarm_own_step_list", context, data_dict)
    return own_steps.last(user_id(context) or "", LAST)
