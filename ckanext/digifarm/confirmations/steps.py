from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from sqlalchemy.exc import IntegrityError

from ..lib import clock
from ..lib.ckan import Context, DataDict
from ..lib.errors import checked, refuse
from ..lib.step import Step
from . import asked, kinds, schema
from .kinds import CONFIRMED
from .model import Confirmation, ConfirmationState
from .workflow import ANSWER, WORKFLOW, acting_by


def digifarm_confirmation_answer(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Say whether something is still as it says.

    You must have the link that was sent to you, or be somebody who may
    answer: of a project, its team. Who says the same once more on the same
    day changes nothing.

    :param token: what the link ends with (or give `id`, or `project`)
    :type token: string
    :param id: id of the question
    :type id: string
    :param project: id or name of the project that it is about; it need not be
        asked now
    :type project: string
    :param answer: of a project `confirmed`: everything is as it says
    :type answer: string

    :returns: `id`, `state` and `answer`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such question, or no project
    :raises NotAuthorized: where you may not answer
    :raises ValidationError: where the link is of no use (any more), or with
        the names of other parameters
    """
    named, complaints = checked(
        context,
        data_dict,
        schema.confirmation_answer(),
        ("id", "token", "project", "answer"),
    )
    complaints.refuse()
    row = asked.find(named)
    context = acting_by(context, named.get("token"))
    given = asked.named(row, named)
    tk.check_access(ANSWER, context, given)
    answer = named["answer"]
    kind = kinds.of(row)
    if answer not in {one.name for one in kind.answers(row)}:
        refuse("answer", tk._("Please choose one of these answers"))
    said, complaints = checked(context, data_dict, kind.schema(answer))
    complaints.refuse()
    # Core commits what it saves: a crash afterwards leaves the question open.
    kind.act(context, row, answer, said)
    row = _answer(context, row, given, answer)
    return {"id": row.id, "state": row.state, "answer": row.answer}


def _answer(
    context: Context, row: Confirmation, given: DataDict, answer: str
) -> Confirmation:
    """Write down an answer; commits."""
    if row.id is None:
        row = Confirmation(
            subject=row.subject,
            subject_id=row.subject_id,
            project_id=row.project_id,
        )
        _say(row, answer)
        try:
            return WORKFLOW.begin(
                ANSWER, context, row, ConfirmationState.ANSWERED
            )
        except IntegrityError:
            # Somebody else has, or was asked, at the same moment.
            row = Confirmation.of(row.subject, row.subject_id) or row
            given = {"id": row.id}
    with WORKFLOW.step(ANSWER, context, given) as step:
        step.is_idle = _is_said(step, answer)
        if not step.is_idle:
            _say(step.row, answer)
    return step.row


def _say(row: Confirmation, answer: str) -> None:
    row.answer = answer
    if answer == CONFIRMED:
        row.confirmed = clock.now()


def _is_said(step: Step[Confirmation], answer: str) -> bool:
    """Whether the same has been said today: a double click."""
    row, now = step.row, clock.now()
    return (
        not step.is_change
        and row.answer == answer
        and row.settled is not None
        and row.settled.date() == now.date()
    )
