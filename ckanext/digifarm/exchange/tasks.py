"""Which tasks a record adds or changes."""

from __future__ import annotations

import dataclasses
from typing import Any

import ckantoolkit as tk

from ..lib.ckan import Context, model
from ..projects import stages
from ..tasks import schema
from ..tasks.model import KEPT_STATES, Task, TaskState
from .record import Record, quoted

#: What is written of these may still change.
CHANGING = (TaskState.OPEN, TaskState.TAKEN, TaskState.REPORTED)


@dataclasses.dataclass
class TaskPlan:
    """A task that is to be written.

    :param texts: what is written of it
    :param id: of the one that changes; "" for a new one
    """

    texts: dict[str, Any]
    id: str = ""


def plan(
    record: Record, project: model.Package | None, stage: str | None
) -> list[TaskPlan]:
    """The tasks that a record adds or changes; it removes none.

    A task is known by its title. One that is done stays so.

    :param project: the record's, or None while there is none
    :param stage: of the project, once the record is written
    :raises ValidationError: where one of them is not possible
    """
    problems: list[str] = []
    given = [_validated(task, problems) for task in record.tasks]
    if given and not problems and stages.is_over(stage):
        record.report(
            record.keys.get("tasks", "tasks"),
            tk._("not imported, as the project is over"),
        )
        return []
    stored = _stored(project)
    plans: dict[str, TaskPlan | None] = {}
    for texts in given:
        title = str(texts.get("title", "")).casefold()
        if title in plans and title:
            said = tk._("{title} is there twice")
            problems.append(said.format(title=quoted(texts["title"])))
        if not problems:
            plans[title] = _plan(texts, stored.get(title))
        plans.setdefault(title, None)
    if problems:
        raise tk.ValidationError({"tasks": problems})
    return [plan for plan in plans.values() if plan]


def write(plan: TaskPlan, project: str, context: Context) -> None:
    """Write a task.

    :param project: name of the project
    :param context: of the user who writes
    """
    if plan.id:
        tk.get_action("digifarm_task_update")(
            tk.fresh_context(context), {**plan.texts, "id": plan.id}
        )
    else:
        tk.get_action("digifarm_task_create")(
            tk.fresh_context(context), {**plan.texts, "project": project}
        )


def _validated(task: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    """What is written of a task, as it is stored.

    :param problems: gets what the actions would refuse
    """
    texts, errors = tk.navl_validate(task, schema.task_texts())
    shown = quoted(task.get("title", ""))
    problems += [
        f"{shown} – {name}: {messages[0]}" for name, messages in errors.items()
    ]
    return {"effort": "", "url": "", **texts}


def _stored(project: model.Package | None) -> dict[str, Task]:
    if project is None:
        return {}
    found = reversed(Task.of([project.id], KEPT_STATES))
    return {task.title.casefold(): task for task in found}


def _plan(texts: dict[str, Any], task: Task | None) -> TaskPlan | None:
    if task is None:
        return TaskPlan(texts)
    if task.state not in {state.value for state in CHANGING}:
        return None
    same = all(getattr(task, name) == value for name, value in texts.items())
    return None if same else TaskPlan(texts, task.id)
