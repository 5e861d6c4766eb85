"""The life of a question whether something is still as it says.

docs/confirmations.md has the same table in words; kinds.py the times.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from typing import Any

import ckantoolkit as tk
from typing_extensions import override

from ..lib import clock, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import Context, DataDict, model
from ..lib.errors import UsedLink, refuse
from ..lib.events import Subject
from ..lib.permissions import is_reviewer, is_sysadmin
from ..lib.step import Step
from ..lib.tokens import Purpose
from ..lib.transitions import Transition
from ..lib.workflow import Workflow
from . import kinds, mails
from .model import WAITING_STATES, Confirmation, ConfirmationState

_S = ConfirmationState
_A = Actor

ANSWER = "digifarm_confirmation_answer"

#: What the steps of reviewers begin with.
DECIDE = "digifarm_confirmation"

#: The steps that time brings.
ASK, FALL_SILENT, SETTLE = "ask", "fall_silent", "settle"

#: Somebody looks after it from now on: its people have said so, or others.
TAKEN_ON, CARETAKER_FOUND = "taken_on", "caretaker_found"

#: Who is asked anew, after a while.
_ASKED_ANEW = {_A.ASKED: "confirmation_asked"}

TRANSITIONS = (
    # Somebody has answered before they were asked.
    Transition(ANSWER, None, _S.ANSWERED, (_A.ASKED,)),
    Transition(ASK, None, _S.ASKED, (_A.PORTAL,), _ASKED_ANEW),
    Transition(ASK, _S.ANSWERED, _S.ASKED, (_A.PORTAL,), _ASKED_ANEW),
    Transition(ASK, _S.SEARCHING, _S.ASKED, (_A.PORTAL,), _ASKED_ANEW),
    Transition(
        "ask_again",
        _S.ASKED,
        _S.ASKED,
        (_A.PORTAL,),
        {_A.ASKED: "confirmation_asked_again"},
        is_noted=True,
    ),
    Transition(
        "pass_on",
        _S.ASKED,
        _S.PASSED_ON,
        (_A.PORTAL,),
        {_A.EDITOR: "confirmation_passed_on"},
    ),
    *(
        Transition(
            "refer",
            state,
            _S.UNDECIDED,
            (_A.PORTAL,),
            {_A.REVIEWER: "confirmation_undecided"},
        )
        for state in (_S.ASKED, _S.PASSED_ON)
    ),
    *(
        Transition(
            FALL_SILENT,
            state,
            state,
            (_A.PORTAL,),
            {_A.ASKED: "confirmation_silent"},
            is_noted=True,
        )
        for state in (*WAITING_STATES, _S.SEARCHING)
    ),
    *(
        Transition(ANSWER, state, _S.ANSWERED, (_A.ASKED,), is_noted=True)
        for state in ConfirmationState
    ),
    *(
        transition
        for state in (_S.UNDECIDED, _S.SEARCHING)
        for transition in (
            Transition(
                f"{DECIDE}_ask_again",
                state,
                _S.ASKED,
                (_A.REVIEWER,),
                _ASKED_ANEW,
            ),
            Transition(f"{DECIDE}_end", state, _S.ANSWERED, (_A.REVIEWER,)),
        )
    ),
    Transition(f"{DECIDE}_search", _S.UNDECIDED, _S.SEARCHING, (_A.REVIEWER,)),
    # Whoever accepts that somebody looks after it has looked at it.
    *(
        Transition(TAKEN_ON, state, _S.ANSWERED, (_A.ASKED,))
        for state in (*WAITING_STATES, _S.SEARCHING)
    ),
    # Reviewers haven't: now those can answer who look after it. The mail
    # that says so tells them.
    *(
        Transition(
            CARETAKER_FOUND, state, _S.ASKED, (_A.PORTAL,), is_noted=True
        )
        for state in (*WAITING_STATES, _S.SEARCHING)
    ),
    # There is nothing left to ask about.
    *(
        Transition(SETTLE, state, _S.ANSWERED, (_A.PORTAL,))
        for state in (*WAITING_STATES, _S.SEARCHING)
    ),
)


class ConfirmationWorkflow(Workflow[Confirmation]):
    """How something is asked, and answered; its links name who is asked."""

    subject = Subject.CONFIRMATION
    is_locked_last = True
    model = Confirmation
    states = ConfirmationState
    transitions = TRANSITIONS
    purpose = Purpose.CONFIRMATION
    waits = {
        _S.ASKED: _A.ASKED,
        _S.PASSED_ON: _A.EDITOR,
        _S.UNDECIDED: _A.REVIEWER,
    }
    # Whoever was asked may answer at any time: then all is settled.
    waits_too = {
        _S.UNDECIDED: (_A.EDITOR, _S.PASSED_ON),
        _S.SEARCHING: (_A.EDITOR, _S.PASSED_ON),
    }

    @override
    def missing(self) -> str:
        return tk._("There is no such question")

    @override
    def not_possible(self, state: ConfirmationState) -> str:
        if state in {_S.ASKED, _S.PASSED_ON}:
            return tk._("Those who know about it are asked right now")
        return tk._("This is settled already")

    @override
    def now(self, row: Confirmation) -> str:
        if ConfirmationState(row.state) in WAITING_STATES:
            return ""
        if not row.answer:
            return tk._("Nobody has to answer any more.")
        return tk._("It has been answered. Thank you!")

    @override
    def refused(self, context: Context, actors: Collection[Actor]) -> str:
        return tk._("You may not answer this")

    @override
    def by_token(self, token: str, *purposes: Purpose) -> Confirmation:
        return _linked(token)[0]

    @override
    def is_actor(
        self,
        actor: Actor,
        context: Context,
        row: Confirmation,
        data_dict: DataDict,
    ) -> bool:
        if actor is Actor.ASKED:
            return holds(data_dict) or kinds.of(row).may_answer(context, row)
        if actor is Actor.REVIEWER:
            return is_sysadmin(context) or is_reviewer(context.get("user"))
        return False

    @override
    def users(self, actor: Actor, row: Confirmation) -> Iterable[model.User]:
        kind = kinds.KINDS.get(row.subject)
        if kind is None or not kind.is_asked(row):
            return []
        if actor is Actor.REVIEWER:
            return people.reviewers()
        askees = kind.asked(row)
        if actor is Actor.EDITOR:
            askees += kind.others(row)
        return [askee.user for askee in askees if askee.user]

    @override
    def audience(self, actor: Actor, row: Confirmation) -> Hashable:
        return "" if actor is Actor.REVIEWER else row.id

    @override
    def data(self, row: Confirmation) -> dict[str, Any]:
        found = {"about": row.subject, "silent": row.silent is not None}
        if row.answer:
            found["answer"] = row.answer
        if row.confirmed:
            found["confirmed"] = row.confirmed.isoformat()
        return found

    @override
    def send(
        self, template: str, to: Actor, row: Confirmation, **values: Any
    ) -> None:
        mails.send(template, to, row)

    @override
    def follow(self, step: Step[Confirmation]) -> None:
        """Set the clock, and let the subject do what it brings with it."""
        row, action, target = (
            step.row,
            step.transition.action,
            step.transition.target,
        )
        if action == FALL_SILENT:
            row.silent = clock.now()
        elif action == CARETAKER_FOUND:
            row.began, row.ticks, row.answer = clock.now(), 0, ""
            # What is silence stays so until somebody answers.
            row.asked = row.asked if row.silent else row.began
        elif step.is_change and target is _S.ASKED:
            row.began, row.ticks = clock.now(), 0
            # What was answered to the question before.
            row.answer = ""
            row.asked = row.asked or row.began
        elif target is _S.ANSWERED and not step.is_idle:
            if action == TAKEN_ON:
                row.answer, row.confirmed = kinds.CONFIRMED, clock.now()
            row.settled = clock.now()
            row.asked = row.silent = None
            # Links that were sent before are of no use any more.
            row.token_key = tokens.new_key()
        elif target is _S.SEARCHING:
            row.settled = clock.now()
        kinds.of(row).follow(step)

    @override
    def bring_about(self, step: Step[Confirmation]) -> None:
        """What silence has ended needs no answer any more."""
        is_silence = step.transition.action == FALL_SILENT
        if is_silence and not kinds.of(step.row).is_asked(step.row):
            self.go_on(SETTLE, step.row, Context())


WORKFLOW = ConfirmationWorkflow()


def _linked(token: str) -> tuple[Confirmation, kinds.Askee]:
    """What a link is about, and whom it was sent to.

    :raises ValidationError: where the link is of no use (any more)
    """
    try:
        named, key = tokens.read(token, Purpose.CONFIRMATION)
    except tk.Invalid as e:
        refuse("token", e.error, e)
    id_, _, who = named.partition("/")
    # As it is now: while somebody waited for a lock it may have been used.
    model.Session.flush()
    row = model.Session.get(Confirmation, id_, populate_existing=True)
    if row is None or row.token_key != key:
        raise _used(row)
    named_by_it = [one for one in mails.linked(row) if one.who == who]
    if not named_by_it:
        refuse("token", _not_any_more())
    return row, named_by_it[0]


def _used(row: Confirmation | None) -> UsedLink:
    if row is None or row.subject not in kinds.KINDS:
        return UsedLink(row)
    return UsedLink(row, WORKFLOW.now(row), lambda: _answered(row))


def _answered(row: Confirmation) -> dict[str, Any]:
    """What a page says to who follows a link that was used: how it stands."""
    kind = kinds.of(row)
    words, label = kind.words(row), kind.label(row, row.answer)
    ways = [(words["title"], words["address"])] if words["title"] else []
    if ConfirmationState(row.state) in WAITING_STATES or not label:
        return {"ways": ways}
    if kind.is_asked(row):
        again = tk.h.url_for("digifarm_confirmations.read", id=row.id)
        edit = kind.edit(row, None)
        own = tk.h.digifarm_with_account
        ways += [(own(tk._("Give another answer")), again)]
        ways += [(own(tk._("Change what it says")), edit)] if edit else []
    settled = row.settled or row.modified
    text = tk._("It has been answered on {date}: “{answer}”. Thank you!")
    day = tk.h.digifarm_partial_date(settled.date().isoformat())
    return {
        "heading": tk._("Already answered"),
        "now": text.format(date=day, answer=label),
        "ways": ways,
    }


def _not_any_more() -> str:
    return tk._("This link was for somebody who is not asked any more")


def holds(data_dict: DataDict) -> bool:
    """Whether there is a link that is of use for a row now.

    :param data_dict: `id` of the row, and perhaps a `token`
    """
    if not (token := data_dict.get("token")):
        return False
    try:
        row, _ = _linked(token)
    except tk.ValidationError:
        return False
    # The token of one row must not open another.
    return row.id == data_dict["id"]


def askee_of(token: str | None) -> kinds.Askee | None:
    """Whom a link was sent to that is of use now, if there is one.

    :raises ValidationError: where it is of no use (any more)
    """
    return _linked(token)[1] if token else None


def acting_by(context: Context, token: str | None) -> Context:
    """The context for who answers by a link: they act by their account.

    :raises ValidationError: where the link is of no use (any more)
    """
    if not token:
        return context
    user = _linked(token)[1].user
    named = tk.fresh_context(context, user=user.name if user else "")
    # Core keeps the one of the request.
    named.pop("auth_user_obj", None)
    return named
