from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ckan import model
from ckan.types import Context, DataDict

from ... import clock, rate_limits, tokens
from ...language import current
from ...model import ClaimState, Task, TaskClaim, TaskState
from ...tokens import Purpose
from .. import schema, task_life
from ..context import commit
from ..senders import identify
from .support import open_project


@tk.validate_action_data(schema.task_take)
def digifarm_task_take(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Say that you will do a task.

    Everybody may who may read the project. Without an account that has an
    e-mail address, a mail with a link comes to the given one; the task is
    open for others until somebody has followed it.

    :param id: id of the task
    :type id: string
    :param name: whom the project may thank; not public
    :type name: string
    :param email: the address to write to; not public. With an account it is
        that of the account
    :type email: string
    :param consent: true, as somebody has agreed that this is stored
    :type consent: bool
    :param submission: the form that it was sent with, up to you; what is sent
        twice with it counts once (optional)
    :type submission: string

    :returns: `id` of the task and `confirmed`: whether it is yours; else
        there is a mail to answer
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such task
    :raises NotAuthorized: where you may not, or not that often
    :raises ValidationError: with the names of the parameters; also where
        somebody was faster
    """
    action = "digifarm_task_take"
    task, _ = task_life.locked({"id": data_dict["id"]})
    tk.check_access(action, context, {"id": task.id})
    open_project({"project": task.project_id})
    sender = identify(context, "email", data_dict.get("email"))
    rate_limits.check("task", sender.email)
    # Two clicks wait for each other at the lock.
    submission = data_dict.get("submission")
    if sent := TaskClaim.sent_with(task.id, submission):
        return _answer(task, sent)
    target = TaskState.TAKEN if sender.is_known else TaskState.OPEN
    step = task_life.check(action, task, target)
    claim = TaskClaim(
        task_id=task.id,
        name=data_dict["name"],
        email=sender.email,
        language=current(),
        user_id=sender.user_id,
        consented=clock.now(),
        submission=submission,
        token_key=tokens.new_key(),
        state=ClaimState.UNCONFIRMED.value,
    )
    model.Session.add(claim)
    model.Session.flush()
    task_life.go_on(context, step, task, claim)
    commit(context)
    return _answer(task, claim)


@tk.validate_action_data(schema.token)
def digifarm_task_confirm(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Take a task by the link that was sent to the address.

    You must have that link.

    :param token: what the link ends with
    :type token: string

    :returns: `id` of the task, and `token` to follow it
    :rtype: dictionary

    :raises ValidationError: where the link is of no use (any more), or
        somebody was faster
    """
    action = "digifarm_task_confirm"
    task, claim = task_life.locked(data_dict, Purpose.TASK_CONFIRM)
    tk.check_access(action, context, {**data_dict, "id": task.id})
    step = task_life.check(action, task, field="token")
    open_project({"project": task.project_id})
    task_life.go_on(context, step, task, claim)
    commit(context)
    assert claim  # noqa: S101 – a token names one
    token = tokens.make(Purpose.TASK, claim.id, claim.token_key)
    return {"id": task.id, "token": token}


def _answer(task: Task, claim: TaskClaim) -> dict[str, Any]:
    is_confirmed = claim.state != ClaimState.UNCONFIRMED.value
    return {"id": task.id, "confirmed": is_confirmed}
