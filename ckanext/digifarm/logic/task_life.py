"""How a task begins and goes on, by the table of transitions."""

from __future__ import annotations

import ckantoolkit as tk

from ckan import model
from ckan.types import Context, DataDict

from .. import clock, tokens
from ..model import (
    ClaimState,
    Event,
    Subject,
    Task,
    TaskClaim,
    TaskState,
)
from ..tokens import Purpose
from . import task_notices, transitions
from .context import user_id
from .errors import refuse
from .transitions import Transition


def begin(context: Context, task: Task) -> None:
    """Bring a task into being; commits nothing."""
    model.Session.add(task)
    model.Session.flush()
    _record(context, task, "")


def locked(
    data_dict: DataDict, purpose: Purpose = Purpose.TASK
) -> tuple[Task, TaskClaim | None]:
    """The task that an `id` or a `token` names, and the claim that matters.

    Nobody else changes them until the next commit.

    :param purpose: what the token must be good for
    :returns: the claim is the one that the token names, or else that of
        whoever has the task

    :raises ObjectNotFound: where there is none
    :raises ValidationError: where the token is of no use (any more)
    """
    token = data_dict.get("token")
    id_ = by_token(token, purpose).task_id if token else data_dict["id"]
    task = Task.lock(id_)
    if task is None:
        raise tk.ObjectNotFound(tk._("Task not found"))
    if token:
        # While we waited for the lock, the link may have been used.
        return task, by_token(token, purpose)
    return task, TaskClaim.held(task.id)


def by_token(token: str, *purposes: Purpose) -> TaskClaim:
    """The claim that a link is about.

    :param purposes: what the link may be good for
    :raises ValidationError: where the link is of no use (any more)
    """
    try:
        id_, key = tokens.read(token, *purposes)
    except tk.Invalid as e:
        refuse("token", e.error, e)
    claim = TaskClaim.fresh(id_)
    if claim is None or claim.token_key != key:
        refuse("token", tokens.used())
    return claim


def check(
    action: str,
    task: Task,
    target: TaskState | None = None,
    field: str = "id",
) -> Transition:
    """The step that an action takes now.

    :param target: the state that it leads to, where the action has a choice
    :param field: the parameter that named the task
    :raises ValidationError: where there is none from the task's state
    """
    state = TaskState(task.state)
    transition = transitions.step(action, state, target)
    if transition is None:
        refuse(field, not_possible(state))
    return transition


def go_on(
    context: Context,
    transition: Transition,
    task: Task,
    claim: TaskClaim | None,
    reason: str = "",
    *,
    is_late: bool = False,
) -> None:
    """Take a step; links that were sent before are of no use then.

    Commits nothing.

    :param claim: of whoever takes the task, or has it
    :param reason: why, in the words of who takes the step
    :param is_late: whether it is taken because the time is over
    """
    if transition.target is not transition.source:
        task.state = transition.target.value
        task.modified = clock.now()
        if claim:
            _go_on_with(claim, is_held=transition.target is TaskState.TAKEN)
        _record(context, task, reason)
    model.Session.flush()
    task_notices.tell(transition, task, claim, reason=reason, is_late=is_late)


def not_possible(state: TaskState) -> str:
    """Why something can't be done with a task in its state."""
    return {
        TaskState.OPEN: tk._("Nobody has taken this task"),
        TaskState.TAKEN: tk._("Somebody was faster: this task is taken"),
        TaskState.DONE: tk._("This task is done already"),
        TaskState.DELETED: tk._("This task is needed no longer"),
    }[state]


def _go_on_with(claim: TaskClaim, *, is_held: bool) -> None:
    claim.state = (ClaimState.HELD if is_held else ClaimState.OVER).value
    claim.modified = clock.now()
    claim.token_key = tokens.new_key()


def _record(context: Context, task: Task, reason: str) -> None:
    user = user_id(context)
    Event.record(Subject.TASK, task.id, task.state, user, reason)
