"""How a question comes to a project's team: at once, or once confirmed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import ckantoolkit as tk
from typing_extensions import override

from ..lib import lookups
from ..lib.actors import Actor
from ..lib.ckan import Context, DataDict
from ..lib.events import Event, Subject
from ..lib.tokens import Purpose
from ..lib.transitions import Transition
from ..lib.workflow import Workflow
from . import mails
from .model import Question, QuestionState

_S = QuestionState
_A = Actor

TRANSITIONS = (
    Transition(
        "digifarm_question_ask",
        None,
        _S.UNCONFIRMED,
        (_A.ANYBODY,),
        {_A.ASKER: "question_confirm"},
    ),
    # No mail has arrived, or the address was wrong.
    Transition(
        "digifarm_question_resend",
        _S.UNCONFIRMED,
        _S.UNCONFIRMED,
        (_A.ANYBODY,),
        {_A.ASKER: "question_confirm"},
    ),
    Transition(
        "digifarm_question_ask",
        None,
        _S.SENT,
        (_A.USER,),
        {_A.PROJECT: "question_sent"},
    ),
    Transition(
        "digifarm_question_confirm",
        _S.UNCONFIRMED,
        _S.SENT,
        (_A.ASKER,),
        {_A.PROJECT: "question_sent"},
    ),
)


class QuestionWorkflow(Workflow[Question]):
    """How a question begins, and ends with its mail."""

    subject = Subject.QUESTION
    model = Question
    states = QuestionState
    transitions = TRANSITIONS
    purpose = Purpose.QUESTION_CONFIRM
    repeatable = ("digifarm_question_confirm",)

    @override
    def missing(self) -> str:
        return tk._("Question not found")

    @override
    def not_possible(self, state: QuestionState) -> str:
        return tk._("This question has been sent already")

    @override
    def refused(self, context: Context, actors: Collection[Actor]) -> str:
        return tk._("This question is not yours")

    @override
    def is_actor(
        self,
        actor: Actor,
        context: Context,
        row: Question,
        data_dict: DataDict,
    ) -> bool:
        return actor is Actor.ASKER and lookups.holds(
            Question, data_dict, Purpose.QUESTION_CONFIRM
        )

    @override
    def send(
        self, template: str, to: Actor, row: Question, **values: Any
    ) -> None:
        mails.send(template, to, row)
        if to is Actor.PROJECT:
            # From now on it stands in the mail, and nowhere else.
            row.empty()
            Event.forget_of(Subject.QUESTION, row.id)


WORKFLOW = QuestionWorkflow()
