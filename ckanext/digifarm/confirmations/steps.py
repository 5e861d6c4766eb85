from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from sqlalchemy.exc import IntegrityError

from ..lib import clock
from ..lib.ckan import Context, DataDict
from ..lib.errors import checked, refuse
from ..lib.step import Step
from . import finding, kinds, schema
from .kinds import Answer
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
    :param answer: of a project `confirmed`: everything is as it says; `help`:
        it needs help; `takeover`: somebody else should take it over; `ended`:
        it has ended. Of one that is wanted here `confirmed`: it still is;
        `arrived`: it is in use here by now; `ended`: it is wanted no longer
    :type answer: string
    :param help_wanted: with `help`: the areas (at least one)
    :type help_wanted: list of strings
    :param content_help: with `help`: what exactly is needed; the same for all
        areas that have such a field (optional)
    :type content_help: string
    :param care_help: with `takeover`: what is to be done (optional)
    :type care_help: string
    :param achieved: of a project: what was achieved this year, in a sentence
        for the report of the year, which everybody reads (optional; 300
        characters at most; the last word of a year counts, "" takes it back)
    :type achieved: string
    :param stage_note: with `arrived` and `ended`: the note on the stage from
        now on (optional; what it said before goes)
    :type stage_note: string

    With `ended`, further parameters are those of
    :py:func:`digifarm_project_end`.

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
    row = finding.find(named)
    context = acting_by(context, named.get("token"))
    given = finding.named(row, named)
    tk.check_access(ANSWER, context, given)
    answer = named["answer"]
    kind = kinds.of(row)
    chosen = {one.name: one for one in kind.answers(row)}.get(answer)
    if chosen is None:
        refuse("answer", tk._("Please choose one of these answers"))
    told = kind.told(data_dict)
    # Core commits what it saves: a crash afterwards leaves the question open.
    kind.act(context, row, answer, given_of(chosen, data_dict))
    row = _answer(context, row, given, chosen, told)
    if not context.get("defer_commit"):
        kind.show(row)
    return {"id": row.id, "state": row.state, "answer": row.answer}


def _answer(
    context: Context,
    row: Confirmation,
    given: DataDict,
    answer: Answer,
    told: dict[str, Any],
) -> Confirmation:
    """Write down an answer, and what was told besides; commits."""
    if row.id is None:
        row = Confirmation(
            subject=row.subject,
            subject_id=row.subject_id,
            project_id=row.project_id,
        )
        _say(row, answer)
        try:
            return WORKFLOW.begin(
                ANSWER,
                context,
                row,
                ConfirmationState.ANSWERED,
                **told,
            )
        except IntegrityError:
            # Somebody else has, or was asked, at the same moment.
            row = Confirmation.of(row.subject, row.subject_id) or row
            given = {"id": row.id}
    with WORKFLOW.step(ANSWER, context, given) as step:
        step.is_idle = _is_said(step, answer)
        step.values |= told
        if not step.is_idle:
            _say(step.row, answer)
    return step.row


def given_of(answer: Answer, data_dict: DataDict) -> DataDict:
    """What was given of an answer's fields."""
    names = {field["field_name"] for field in answer.fields}
    return {name: data_dict[name] for name in names if name in data_dict}


def _say(row: Confirmation, answer: Answer) -> None:
    row.answer = answer.name
    if answer.confirms:
        row.confirmed = clock.now()


def _is_said(step: Step[Confirmation], answer: Answer) -> bool:
    """Whether the same has been said today: a double click."""
    row, now = step.row, clock.now()
    return (
        not step.is_change
        and row.answer == answer.name
        and not answer.fields
        and row.settled is not None
        and row.settled.date() == now.date()
    )
