"""How a support begins and goes on, by the table of transitions."""

from __future__ import annotations

import ckantoolkit as tk

from ckan import model
from ckan.types import Context, DataDict

from .. import clock, jobs, search, tokens
from ..model import Event, Subject, Support, SupportState
from ..tokens import Purpose
from . import notices, transitions
from .context import user_id
from .errors import refuse
from .transitions import Transition


def begin(
    context: Context, transition: Transition, support: Support, reason: str
) -> None:
    """Bring a support into being; commits nothing.

    :param reason: what is written down
    :raises IntegrityError: where there is such a support already
    """
    support.state = transition.target.value
    with model.Session.begin_nested():
        model.Session.add(support)
    _record(context, transition, support, reason)


def locked(data_dict: DataDict, *purposes: Purpose) -> Support:
    """The support that an `id` or a `token` names.

    Nobody else changes it until the next commit.

    :param purposes: what the token may be good for, besides the usual steps

    :raises ObjectNotFound: where there is none
    :raises ValidationError: where there is neither, or the token is of no use
        (any more), or not for this id
    """
    id_ = data_dict["id"]
    if token := data_dict.get("token"):
        support = by_token(token, Purpose.SUPPORT, *purposes)
        if id_ and id_ != support.id:
            refuse("token", tk._("This link is for something else"))
        return support
    if not id_:
        refuse("id", tk._("Missing value"))
    support = Support.lock(id_)
    if support is None:
        raise tk.ObjectNotFound(tk._("Support not found"))
    return support


def by_token(token: str, *purposes: Purpose) -> Support:
    """The support that a link is about, locked.

    :param purposes: what the link may be good for
    :raises ValidationError: where the link is of no use (any more)
    """
    try:
        id_, key = tokens.read(token, *purposes)
    except tk.Invalid as e:
        refuse("token", e.error, e)
    support = Support.lock(id_)
    if support is None or support.token_key != key:
        refuse("token", tokens.used())
    return support


def check(action: str, support: Support) -> Transition:
    """The step that an action takes now.

    :raises ValidationError: where there is none from the support's state
    """
    state = SupportState(support.state)
    transition = transitions.step(action, state)
    if transition is None:
        refuse("id", _not_possible(state))
    return transition


def go_on(
    context: Context,
    transition: Transition,
    support: Support,
    reason: str = "",
) -> None:
    """Take a step; links that were sent before are of no use then.

    Commits nothing.

    :param reason: why, in the words of who takes it
    :raises IntegrityError: where there is such a support already
    """
    # A savepoint writes first what has changed before.
    with model.Session.begin_nested():
        support.state = transition.target.value
        support.modified = clock.now()
        support.token_key = tokens.new_key()
        support.reminders = 0
    _record(context, transition, support, reason)


def _record(
    context: Context, transition: Transition, support: Support, reason: str
) -> None:
    if SupportState.ACCEPTED in {transition.source, transition.target}:
        jobs.later(search.reindex, support.project_id)
    user = user_id(context)
    Event.record(Subject.SUPPORT, support.id, support.state, user, reason)
    actor = model.User.get(user) if user else None
    notices.tell(transition, support, reason=reason, actor=actor)


def _not_possible(state: SupportState) -> str:
    return {
        SupportState.UNCONFIRMED: tk._("This offer is not confirmed yet"),
        SupportState.OFFERED: tk._("This offer waits for an answer"),
        SupportState.REQUESTED: tk._("This request waits for an answer"),
        SupportState.ACCEPTED: tk._("This support has been accepted already"),
        SupportState.DECLINED: tk._("This support has been declined already"),
        SupportState.WITHDRAWN: tk._("This support was withdrawn"),
        SupportState.ENDED: tk._("This support has ended already"),
    }[state]
