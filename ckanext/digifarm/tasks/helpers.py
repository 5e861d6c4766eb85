from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import paging
from ..lib.actors import Actor
from ..lib.ckan import Page
from ..projects import fields
from .model import TaskState
from .workflow import WORKFLOW as TASKS


def digifarm_tasks(project: dict[str, Any]) -> Page | None:
    """The tasks of a project; see :py:func:`digifarm_task_list`.

    :param project: a project, also an old version of it
    :returns: the page that the address asks for
    """
    try:
        return paging.uncounted_page(
            "digifarm_task_list", {"project": project["id"]}, "tasks"
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None


def digifarm_task_steps(state: str) -> list[str]:
    """What a project can do with a task now, in order.

    :returns: ends of names of actions, such as `done`
    """
    return [
        action.removeprefix("digifarm_task_")
        for action in TASKS.steps(TaskState(state), Actor.PROJECT)
    ]


def digifarm_task_efforts() -> list[dict[str, Any]]:
    """How much work a task may be, in order."""
    return fields.task_efforts()


def digifarm_task_effort(value: str) -> str:
    """The word for how much work a task is."""
    return fields.choice_label_of(fields.task_efforts(), value)
