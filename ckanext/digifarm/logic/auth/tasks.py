from __future__ import annotations

import ckantoolkit as tk

from ckan import model
from ckan.types import AuthResult, Context, DataDict

from ... import tokens
from ...model import Task, TaskClaim, TaskState
from ...tokens import Purpose
from .. import transitions
from ..context import user_id
from ..transitions import Actor
from .links import may_read, may_update


def digifarm_task_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project."""
    return _answer(may_update(context, data_dict["project"]))


def digifarm_task_order(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project."""
    return digifarm_task_create(context, data_dict)


def digifarm_task_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project."""
    return _answer(may_update(context, _found(data_dict).project_id))


def digifarm_task_delete(context: Context, data_dict: DataDict) -> AuthResult:
    """As the table of transitions says."""
    return _may_step(context, "digifarm_task_delete", data_dict)


def digifarm_task_done(context: Context, data_dict: DataDict) -> AuthResult:
    """As the table of transitions says."""
    return _may_step(context, "digifarm_task_done", data_dict)


@tk.auth_allow_anonymous_access
def digifarm_task_return(context: Context, data_dict: DataDict) -> AuthResult:
    """As the table of transitions says."""
    return _may_step(context, "digifarm_task_return", data_dict)


@tk.auth_allow_anonymous_access
def digifarm_task_take(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody who may read the project."""
    return _answer(may_read(context, _found(data_dict).project_id))


@tk.auth_allow_anonymous_access
def digifarm_task_confirm(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever has the link that was sent to the address."""
    return _answer(holds(data_dict, Purpose.TASK_CONFIRM))


@tk.auth_allow_anonymous_access
def digifarm_task_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read the project, and whoever has a link to the task."""
    return _answer(
        holds(data_dict, Purpose.TASK, Purpose.TASK_CONFIRM)
        or may_read(context, _found(data_dict).project_id)
    )


@tk.auth_allow_anonymous_access
def digifarm_task_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read the project; who may update it, where takers are named."""
    if data_dict["takers"]:
        return _answer(may_update(context, data_dict["project"]))
    return _answer(may_read(context, data_dict["project"]))


@tk.auth_allow_anonymous_access
def digifarm_help_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody: the list knows of public projects only."""
    return {"success": True}


def holds(data_dict: DataDict, *purposes: Purpose) -> bool:
    """Whether there is a token that is of use for a task now.

    :param data_dict: `id` of the task, and perhaps a `token`
    """
    try:
        id_, key = tokens.read(data_dict.get("token", ""), *purposes)
    except tk.Invalid:
        return False
    claim = model.Session.get(TaskClaim, id_)
    # The token of one task must not open another.
    return (
        claim is not None
        and claim.task_id == data_dict["id"]
        and claim.token_key == key
    )


def _may_step(
    context: Context, action: str, data_dict: DataDict
) -> AuthResult:
    """Whether the user is one of those who may take a step now.

    :param data_dict: `id` of the task, and perhaps a `token` for it
    """
    task = _found(data_dict)
    may = {
        Actor.PROJECT: lambda: may_update(context, task.project_id),
        Actor.TAKER: lambda: _is_taker(context, task, data_dict),
    }
    actors = transitions.actors(action, TaskState(task.state))
    return _answer(any(may[actor]() for actor in actors))


def _is_taker(context: Context, task: Task, data_dict: DataDict) -> bool:
    if holds(data_dict, Purpose.TASK):
        return True
    user, claim = user_id(context), TaskClaim.held(task.id)
    return user is not None and claim is not None and claim.user_id == user


def _found(data_dict: DataDict) -> Task:
    task = model.Session.get(Task, data_dict["id"])
    if task is None:
        raise tk.ObjectNotFound(tk._("Task not found"))
    return task


def _answer(is_allowed: bool) -> AuthResult:
    if is_allowed:
        return {"success": True}
    return {"success": False, "msg": tk._("You may not do this with a task")}
