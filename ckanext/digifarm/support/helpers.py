from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import paging
from ..lib.actors import Actor
from ..lib.ckan import Page
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
