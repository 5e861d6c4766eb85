"""What those see who have taken tasks."""

from __future__ import annotations

import datetime
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from .. import config
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, model
from ..lib.context import user_id
from ..lib.counting import part_of
from ..lib.errors import refuse
from ..lib.events import Event, Subject
from ..lib.tokens import Purpose
from . import schema
from .model import AssignmentState, Task, TaskAssignment
from .workflow import assignment_by_token

#: What somebody has to do with: a task that is theirs, or that they have done.
OWN_STATES = (AssignmentState.HELD, AssignmentState.DONE)


@tk.side_effect_free
@tk.validate_action_data(lib_schema.page)
def digifarm_task_taken_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """The tasks that you have taken by your account.

    You must be logged in.

    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`: first those that you have now, then those
        that you have done, as long as the portal knows it; tasks as
        :py:func:`digifarm_task_list` gives them, with `project`, a dictionary
        with `id`, `name`, `title` and `state`, `is_done`, whether the project
        has confirmed that you have done it, and `taken`, since when it was
        yours
    :rtype: dictionary

    :raises NotAuthorized: where you are not logged in
    """
    tk.check_access("digifarm_task_taken_list", context, data_dict)
    is_held = TaskAssignment.state == AssignmentState.HELD.value
    query = (
        sa.select(TaskAssignment)
        .where(
            TaskAssignment.user_id == (user_id(context) or ""),
            TaskAssignment.state.in_([state.value for state in OWN_STATES]),
        )
        .order_by(
            is_held.desc(), TaskAssignment.modified.desc(), TaskAssignment.id
        )
    )
    count, found = part_of(query, data_dict["limit"], data_dict["offset"])
    return {"count": count, "results": _with_tasks(found)}


@tk.side_effect_free
@tk.validate_action_data(schema.task_thanks)
def digifarm_task_thanks_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """What you have done for a project, to print as a proof.

    You must have done the task: have the link that was sent to you, or have
    taken it by your account.

    :param id: id of the task
    :type id: string
    :param token: instead of `id`: of the link that was sent by mail
    :type token: string

    :returns: `name`, yours; `task`, a dictionary with `title` and `effort`;
        `project`, one with `id`, `name`, `title` and `state`; the times
        `since`, when you took it, `until`, when you said that it is done,
        and `confirmed`, when its project did; `by_self`, whether you have
        confirmed it yourself, as one of its people; `kept_until`, when the
        portal forgets it
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such task
    :raises NotAuthorized: where you haven't done it
    :raises ValidationError: where the token is of no use (any more)
    """
    if token := data_dict.get("token"):
        done = assignment_by_token(token, Purpose.TASK_DONE)
        data_dict = {**data_dict, "id": done.task_id}
    elif not data_dict.get("id"):
        refuse("id", tk._("Please fill this in"))
    tk.check_access("digifarm_task_thanks_show", context, data_dict)
    done = done_by(context, data_dict)
    if done is None:
        raise tk.ObjectNotFound(tk._("Task not found"))
    [task] = _with_tasks([done])
    kept = datetime.timedelta(days=config.retention_days())
    return {
        "name": done.name,
        "task": {key: task[key] for key in ("id", "title", "effort")},
        "project": task["project"],
        "since": (done.taken or done.created).isoformat(),
        "until": (done.reported or done.modified).isoformat(),
        "confirmed": done.modified.isoformat(),
        "by_self": _is_by_self(done),
        "kept_until": (done.modified + kept).isoformat(),
    }


def done_by(context: Context, data_dict: DataDict) -> TaskAssignment | None:
    """What somebody has done: by the link, or the last time by account.

    :param data_dict: `id` of the task, and perhaps a `token`
    """
    if token := data_dict.get("token"):
        done = assignment_by_token(token, Purpose.TASK_DONE)
        return done if done.task_id == data_dict["id"] else None
    if (user := user_id(context)) is None:
        return None
    query = (
        sa.select(TaskAssignment)
        .where(
            TaskAssignment.task_id == data_dict["id"],
            TaskAssignment.user_id == user,
            TaskAssignment.state == AssignmentState.DONE.value,
        )
        .order_by(TaskAssignment.modified.desc())
    )
    return model.Session.scalar(query.limit(1))


def _with_tasks(found: list[TaskAssignment]) -> list[dict[str, Any]]:
    """Assignments with their tasks and projects; one SQL statement."""
    ids = [assignment.task_id for assignment in found]
    query = (
        sa.select(Task, model.Package)
        .join(model.Package, model.Package.id == Task.project_id)
        .where(Task.id.in_(ids))
    )
    known = {
        task.id: (task, project)
        for task, project in map(tuple, model.Session.execute(query))
    }
    return [
        _dictize(assignment, *known[assignment.task_id])
        for assignment in found
    ]


def _dictize(
    assignment: TaskAssignment, task: Task, project: model.Package
) -> dict[str, Any]:
    return {
        **task.dictize(),
        "is_done": assignment.state == AssignmentState.DONE.value,
        "taken": (assignment.taken or assignment.created).isoformat(),
        "project": {
            key: getattr(project, key)
            for key in ("id", "name", "title", "state")
        },
    }


def _is_by_self(done: TaskAssignment) -> bool:
    """Whether who has done it is also who has confirmed it."""
    return done.user_id is not None and any(
        event.action == "digifarm_task_done"
        and event.created_by == done.user_id
        for event in Event.of(Subject.TASK, done.task_id)
    )
