"""What reviewers decide where nobody answers."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict
from ..lib.errors import refuse
from . import kinds
from .model import Confirmation
from .steps import given_of
from .workflow import DECIDE, WORKFLOW


@tk.validate_action_data(lib_schema.step)
def digifarm_confirmation_ask_again(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Let those be asked once more who haven't answered.

    You must be a reviewer. The clock begins anew; what counts as silence
    stays so until somebody answers.

    :param id: id of the question
    :type id: string
    :param reason: why, for the reviewers (optional)
    :type reason: string

    :returns: `id` and `state`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such question
    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: where it doesn't wait for reviewers
    """
    return _decided("ask_again", context, data_dict)


@tk.validate_action_data(lib_schema.step)
def digifarm_confirmation_search(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Let somebody be looked for who takes it on, where nobody answers.

    You must be a reviewer. A project looks for somebody who looks after it
    then, until its people answer.

    :param id: id of the question
    :type id: string
    :param reason: why, for the reviewers (optional)
    :type reason: string

    :returns: `id` and `state`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such question
    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: where it doesn't wait for reviewers, or there is
        nobody to look for
    """
    return _decided("search", context, data_dict)


def digifarm_confirmation_end(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """End something of which nobody knows how it is doing.

    You must be a reviewer; you need not be allowed to update the project. Its
    people get a mail, and can let it go on.

    :param id: id of the question
    :type id: string

    Further parameters are those of :py:func:`digifarm_project_end`.

    :returns: `id` and `state`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such question
    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: where it doesn't wait for reviewers, or with the
        names of other parameters
    """
    named, errors = tk.navl_validate(
        {"id": data_dict.get("id")}, lib_schema.step(), context
    )
    if errors:
        raise tk.ValidationError(errors)
    action = f"{DECIDE}_end"
    row = WORKFLOW.authorized(action, context, {"id": named["id"]})
    kind = _deciding("end", row)
    WORKFLOW.check(action, row)
    form = kind.ending(row)
    if form is None:
        refuse("id", _not_possible())
    with WORKFLOW.step(action, context, {"id": row.id}) as step:
        kind.end(step.row, given_of(form, data_dict))
        step.row.answer = form.name
    return {"id": step.row.id, "state": step.row.state}


def _decided(
    name: str, context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Take a step that needs nothing else; commits."""
    action = f"{DECIDE}_{name}"
    _deciding(name, WORKFLOW.authorized(action, context, data_dict))
    row = WORKFLOW.take(action, context, data_dict)
    return {"id": row.id, "state": row.state}


def _deciding(name: str, row: Confirmation) -> kinds.Asking:
    """What a row is about, where that can be decided of it."""
    kind = kinds.KINDS.get(row.subject)
    if kind is None or name not in kind.decisions:
        refuse("id", _not_possible())
    return kind


def _not_possible() -> str:
    return tk._("This can’t be decided here")
