from __future__ import annotations

import datetime
from typing import Any

import ckantoolkit as tk

from .. import config
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, model
from ..lib.context import commit
from ..lib.errors import found, refuse, validate
from ..lib.permissions import may_update
from ..lib.tokens import Purpose
from ..projects import stages
from ..projects.lookups import open_project, package
from . import schema
from .mails import public_address
from .model import (
    QUIET_STATES,
    SHOWN_STATES,
    Task,
    TaskAssignment,
    TaskState,
)
from .workflow import WORKFLOW, assignment_by_token, own_assignment


@validate(schema.task_create)
def digifarm_task_create(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Add a task to a project, after those that it has.

    You must be allowed to update the project.

    :param project: id or name of the project
    :type project: string
    :param title: what is to be done, in a line
    :type title: string
    :param description: what exactly, in Markdown (optional)
    :type description: string
    :param skills: what one should be able to do (optional)
    :type skills: list of strings, or one with commas
    :param effort: how much work it is; one of the `task_efforts` of the
        schema file (optional)
    :type effort: string
    :param url: where there is more about it (optional)
    :type url: string
    :param for_beginners: whether it is good for those who begin (optional,
        default: no)
    :type for_beginners: bool

    :returns: the task
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not update the project
    :raises ValidationError: with the names of the parameters; also where the
        project is over
    """
    project = open_project(data_dict)
    tk.check_access("digifarm_task_create", context, {"project": project.id})
    if stages.is_over(project.extras.get("stage")):
        refuse("project", stages.why_not(project.extras))
    task = Task(
        project_id=project.id,
        position=Task.last_position(project.id) + 1,
        **_texts(data_dict),
    )
    WORKFLOW.begin("digifarm_task_create", context, task, TaskState.OPEN)
    return task.dictize()


def digifarm_task_update(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Change what is written of a task.

    You must be allowed to update the project.

    :param id: id of the task
    :type id: string

    Other parameters are those of :py:func:`digifarm_task_create`, without
    `project`; what is not given stays as it is.

    :returns: the task
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such task
    :raises NotAuthorized: where you may not update the project
    :raises ValidationError: with the names of the parameters
    """
    task = _named(context, data_dict)
    tk.check_access("digifarm_task_update", context, {"id": task.id})
    given = {
        name: data_dict[name] for name in schema.TEXTS if name in data_dict
    }
    stored = {name: getattr(task, name) for name in schema.TEXTS}
    values, errors = tk.navl_validate(
        {**stored, **given}, schema.task_texts(), context
    )
    complaints = found(context)
    complaints.add(errors)
    complaints.refuse()
    for name, value in _texts(values).items():
        setattr(task, name, value)
    commit(context)
    return task.dictize()


@tk.validate_action_data(schema.task_order)
def digifarm_task_order(context: Context, data_dict: DataDict) -> None:
    """Put the tasks of a project into an order.

    You must be allowed to update the project.

    :param project: id or name of the project
    :type project: string
    :param ids: ids of its tasks; those that are not named come last
    :type ids: list of strings

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not update the project
    :raises ValidationError: where one of them is no task of the project
    """
    project = open_project(data_dict)
    tk.check_access("digifarm_task_order", context, {"project": project.id})
    tasks = {task.id: task for task in Task.of([project.id], SHOWN_STATES)}
    ids = list(dict.fromkeys(data_dict["ids"]))
    if not tasks.keys() >= {*ids}:
        refuse("ids", tk._("Must be tasks of this project"))
    ids += [id_ for id_ in tasks if id_ not in ids]
    for position, id_ in enumerate(ids, start=1):
        tasks[id_].position = position
    commit(context)


@tk.side_effect_free
@tk.validate_action_data(lib_schema.step)
def digifarm_task_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """A task.

    You must be allowed to read the project, or have a link to the task.

    :param id: id of the task
    :type id: string
    :param token: instead of `id`: of a link to it that was sent by mail
    :type token: string

    :returns: the task, with `project`, a dictionary with `id`, `name`,
        `title`, `private`, `state`, `stage` and `language`; for whoever has
        taken it, by token or account, also `taker`, as
        :py:func:`digifarm_task_list` has it, with `until`, the day on which
        it is open for others again, and `contact`, the public address of its
        people
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such task
    :raises NotAuthorized: where you may not read the project
    :raises ValidationError: where the token is of no use (any more)
    """
    assignment = None
    if token := data_dict.get("token"):
        purposes = (Purpose.TASK, Purpose.TASK_CONFIRM)
        assignment = assignment_by_token(token, *purposes)
    task = _existing(assignment.task_id if assignment else data_dict["id"])
    assignment = assignment or own_assignment(context, task)
    tk.check_access(
        "digifarm_task_show", context, {**data_dict, "id": task.id}
    )
    project = package({"project": task.project_id}, "project")
    result = {
        **task.dictize(),
        "project": {
            **{
                key: getattr(project, key)
                for key in ("id", "name", "title", "private", "state")
            },
            "language": project.extras.get("language", ""),
            "stage": project.extras.get("stage") or "",
        },
    }
    if assignment:
        result |= _of_taker(task, assignment, project)
    return result


@tk.side_effect_free
@tk.validate_action_data(schema.task_list)
def digifarm_task_list(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """The tasks of a project: open, taken, reported, then done ones.

    Each in the order of the project. Where it pauses or is over, only those
    who may update it see open ones.

    :param project: id or name of the project
    :type project: string
    :param takers: also who has taken them, for those who may update the
        project (optional, default: no)
    :type takers: bool
    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: tasks: `id`, `project_id`, `title`, `description`, `skills`,
        `effort`, `url`, `for_beginners`, `position`, `state` (`open`,
        `taken`, `reported` as done, or `done`), `created` and `modified`;
        with `takers`, first those that are reported, and also `taker`: None,
        or a dictionary with `name`, `email`, `since`, and where it is
        reported, when as `reported`, and their words as `report`
    :rtype: list of dictionaries

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not see it
    """
    tk.check_access("digifarm_task_list", context, data_dict)
    project = package(data_dict, "project")
    part = {key: data_dict[key] for key in ("limit", "offset")}
    if data_dict["takers"]:
        return [
            {**task.dictize(), "taker": assignment and assignment.dictize()}
            for task, assignment in Task.with_takers(project.id, **part)
        ]
    shows_all = stages.asks(project.extras.get("stage")) or may_update(
        context, project.id
    )
    states = SHOWN_STATES if shows_all else QUIET_STATES
    return [
        task.dictize()
        for task in Task.shown(project.id, **part, states=states)
    ]


def _of_taker(
    task: Task, assignment: TaskAssignment, project: model.Package
) -> dict[str, Any]:
    """What only those learn who have a task, or want it."""
    days = datetime.timedelta(config.task_days() + config.TASK_GRACE_DAYS)
    return {
        "taker": {
            **assignment.dictize(),
            "until": (task.modified + days).isoformat(),
        },
        "contact": public_address(project),
    }


def _named(context: Context, data_dict: DataDict) -> Task:
    """The task that is to be changed.

    :raises ObjectNotFound: where there is none
    :raises ValidationError: where the id is no text
    """
    named, errors = tk.navl_validate(
        {"id": data_dict.get("id")}, schema.task_id(), context
    )
    if errors:
        raise tk.ValidationError(errors)
    return _existing(named["id"])


def _existing(id_: str) -> Task:
    """A task that is still on the list.

    :raises ObjectNotFound: where there is none
    """
    task = model.Session.get(Task, id_)
    if task is None or task.state == TaskState.DELETED.value:
        raise tk.ObjectNotFound(tk._("Task not found"))
    return task


def _texts(values: DataDict) -> dict[str, Any]:
    return {
        "title": values["title"],
        "description": values["description"],
        "skills": values["skills"],
        # A field that was left empty is not there.
        "effort": values.get("effort", ""),
        "url": values.get("url", ""),
        "for_beginners": values["for_beginners"],
    }
