from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import clock, due_work, resending, tokens
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict
from ..lib.consent import agreed
from ..lib.context import deferred
from ..lib.errors import validate
from ..lib.language import current
from ..lib.submissions import Sender, identify, once
from ..lib.tokens import Purpose
from ..projects import reasons
from ..projects.lookups import asking_project, check_public_asking
from . import consent, schema
from .due import REMINDER
from .model import AssignmentState, TaskAssignment, TaskState
from .workflow import ASSIGNMENTS, WORKFLOW


@validate(schema.task_take)
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
        there is a mail to answer, and for a form `token` is for
        :py:func:`digifarm_task_resend`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such task
    :raises NotAuthorized: where you may not, or not that often
    :raises ValidationError: with the names of the parameters; also where
        somebody was faster, or the project pauses or is over
    """
    sender = identify(context, "email", data_dict)
    assignment = once(
        context,
        TaskAssignment,
        sender,
        data_dict,
        lambda context, key: _take(context, data_dict, sender, key),
    )
    return _taken(assignment, data_dict)


def _taken(assignment: TaskAssignment, data_dict: DataDict) -> dict[str, Any]:
    """What whoever takes a task learns of it."""
    return {
        "id": assignment.task_id,
        "confirmed": assignment.state != AssignmentState.UNCONFIRMED.value,
        **resending.offered(assignment, data_dict),
    }


def _take(
    context: Context, data_dict: DataDict, sender: Sender, key: str | None
) -> TaskAssignment:
    action = "digifarm_task_take"
    target = TaskState.TAKEN if sender.is_known else TaskState.OPEN
    with WORKFLOW.step(
        action, context, {"id": data_dict["id"]}, target=target
    ) as step:
        task = step.row
        asking_project({"project": task.project_id})
        assignment = TaskAssignment(
            task_id=task.id,
            name=data_dict["name"],
            email=sender.email,
            language=current(),
            user_id=sender.user_id,
            consented=clock.now(),
            consent=agreed(consent.taking),
            submission=key,
            token_key=tokens.new_key(),
        )
        state = AssignmentState.UNCONFIRMED
        if sender.is_known:
            state = AssignmentState.HELD
        step.values["assignment"] = ASSIGNMENTS.begin(
            action, deferred(context), assignment, state
        )
    return assignment


@tk.validate_action_data(schema.task_confirm)
def digifarm_task_confirm(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Take a task by the link that was sent to the address.

    You must have that link.

    :param token: what the link ends with
    :type token: string
    :param name: whom the project may thank, where it is somebody else by now
        (optional)
    :type name: string

    :returns: `id` of the task, and `token` to follow it
    :rtype: dictionary

    :raises ValidationError: where the link is of no use (any more), or
        somebody was faster, or the project pauses or is over
    """
    with WORKFLOW.step(
        "digifarm_task_confirm",
        context,
        data_dict,
        purpose=Purpose.TASK_CONFIRM,
        field="token",
    ) as step:
        asking_project({"project": step.row.project_id}, "token")
        assignment = step.values["assignment"]
        assignment.name = data_dict.get("name", assignment.name)
    token = tokens.make(Purpose.TASK, assignment.id, assignment.token_key)
    return {"id": assignment.task_id, "token": token}


@tk.validate_action_data(lib_schema.resend)
def digifarm_task_resend(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Write the mail once more that asks whether somebody takes a task.

    You must have sent the form, without an account that has an e-mail address,
    not more than a day ago; it must not be confirmed yet. The answer is the
    same whether mails went to the address before or not.

    :param token: as :py:func:`digifarm_task_take` gives it
    :type token: string
    :param email: another address, where the first one was wrong: the link of
        the mail that went there is of no use any more (optional)
    :type email: string

    :returns: `id` of the task, `confirmed`, and `token` to do so again
    :rtype: dictionary

    :raises NotAuthorized: where you ask too often
    :raises ValidationError: where it is confirmed already, the token is of no
        use, or the address is none
    """
    assignment = resending.resend(
        WORKFLOW,
        "digifarm_task_resend",
        context,
        data_dict,
        column="email",
        check=lambda row: check_public_asking(row.project_id),
        sent=lambda step: step.values["assignment"],
    )
    return _taken(assignment, data_dict)


@tk.validate_action_data(lib_schema.step)
def digifarm_task_report(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Say that you have done a task; its project looks at it and confirms.

    You must have taken it.

    :param id: id of the task
    :type id: string
    :param token: instead of `id`: of a link to it that was sent by mail
    :type token: string
    :param reason: a word to the people of the project (optional)
    :type reason: string

    :returns: the task
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such task
    :raises NotAuthorized: where you have not taken it
    :raises ValidationError: where it is done or open, or the token is of no
        use (any more)
    """
    with WORKFLOW.step("digifarm_task_report", context, data_dict) as step:
        if step.is_change:
            assignment = step.values["assignment"]
            assignment.reported = clock.now()
            assignment.report = step.reason
    return step.row.dictize()


@tk.validate_action_data(schema.task_resume)
def digifarm_task_resume(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Say that a task is not done yet that was reported as done.

    It stays with whoever has taken it, and their time begins anew. You must
    be allowed to update the project.

    :param id: id of the task
    :type id: string
    :param reason: what is missing; whoever has taken it reads it
    :type reason: string

    :returns: the task
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such task
    :raises NotAuthorized: where you may not update the project
    :raises ValidationError: where nobody says that it is done
    """
    with WORKFLOW.step("digifarm_task_resume", context, data_dict) as step:
        if step.is_change:
            assignment = step.values["assignment"]
            assignment.reported = None
            assignment.report = ""
            # They are reminded once more, and not at once.
            due_work.undo(REMINDER, assignment.id)
    return step.row.dictize()


@tk.validate_action_data(lib_schema.step)
def digifarm_task_done(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Say that a task is done; whoever has taken it gets your thanks.

    Where they said so first, this confirms it. They can print a proof.

    You must be allowed to update the project.

    :param id: id of the task
    :type id: string
    :param reason: a word to whoever has done it (optional)
    :type reason: string

    :returns: the task
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such task
    :raises NotAuthorized: where you may not update the project
    :raises ValidationError: where it is done already
    """
    return WORKFLOW.take("digifarm_task_done", context, data_dict).dictize()


@tk.validate_action_data(reasons.giving_back)
def digifarm_task_return(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Open a task again that somebody has taken.

    You must have taken it, or be allowed to update the project; then you may
    also open again what was done.

    :param id: id of the task
    :type id: string
    :param token: instead of `id`: of a link to it that was sent by mail
    :type token: string
    :param reason: why; the other side reads it (optional)
    :type reason: string
    :param reason_code: why in short, a choice of the schema file: one of
        `reasons`, `giving_back` (optional)
    :type reason_code: string

    :returns: the task
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such task
    :raises NotAuthorized: where you may not
    :raises ValidationError: where it is open, or the token is of no use (any
        more)
    """
    return WORKFLOW.take("digifarm_task_return", context, data_dict).dictize()


@tk.validate_action_data(reasons.ending)
def digifarm_task_delete(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Take a task off the list for good; its history stays.

    You must be allowed to update the project.

    :param id: id of the task
    :type id: string
    :param reason: why; whoever has taken it reads it (optional)
    :type reason: string
    :param reason_code: why in short, a choice of the schema file: one of
        `reasons`, `ending` (optional)
    :type reason_code: string

    :returns: the task
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such task
    :raises NotAuthorized: where you may not update the project
    :raises ValidationError: where that has happened already
    """
    return WORKFLOW.take("digifarm_task_delete", context, data_dict).dictize()
