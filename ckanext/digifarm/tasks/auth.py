from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict
from ..lib.permissions import for_users, may_read, may_update
from ..lib.tokens import Purpose
from .own_actions import done_by
from .workflow import WORKFLOW, holds, own_assignment


def digifarm_task_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project."""
    return _answer(may_update(context, data_dict["project"]))


def digifarm_task_order(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project."""
    return digifarm_task_create(context, data_dict)


def digifarm_task_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project."""
    return _answer(
        may_update(context, WORKFLOW.get(data_dict["id"]).project_id)
    )


def digifarm_task_delete(context: Context, data_dict: DataDict) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_task_delete", context, data_dict)


def digifarm_task_done(context: Context, data_dict: DataDict) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_task_done", context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_task_report(context: Context, data_dict: DataDict) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_task_report", context, data_dict)


def digifarm_task_resume(context: Context, data_dict: DataDict) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_task_resume", context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_task_return(context: Context, data_dict: DataDict) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_task_return", context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_task_take(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody who may read the project."""
    return _answer(may_read(context, WORKFLOW.get(data_dict["id"]).project_id))


@tk.auth_allow_anonymous_access
def digifarm_task_confirm(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever has the link that was sent to the address."""
    return _answer(holds(data_dict, Purpose.TASK_CONFIRM))


@tk.auth_allow_anonymous_access
def digifarm_task_resend(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever has sent the form, not long ago."""
    return _answer(holds(data_dict, Purpose.SENT))


@tk.auth_allow_anonymous_access
def digifarm_task_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read the project, and whoever has taken the task."""
    task = WORKFLOW.get(data_dict["id"])
    return _answer(
        holds(data_dict, Purpose.TASK, Purpose.TASK_CONFIRM)
        or may_read(context, task.project_id)
        or own_assignment(context, task) is not None
    )


def digifarm_task_taken_list(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody who is logged in."""
    return for_users(context)


@tk.auth_allow_anonymous_access
def digifarm_task_thanks_show(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Whoever has done the task: by the link, or by account."""
    return _answer(done_by(context, data_dict) is not None)


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


def _answer(is_allowed: bool) -> AuthResult:
    if is_allowed:
        return {"success": True}
    return {"success": False, "msg": tk._("You may not do this with a task")}
