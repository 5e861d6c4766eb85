"""The mail of a form for everybody once more, or to another address.

Who has just sent the form holds a token, until it is confirmed. The answer is
the same whether mails went to the address before or not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import outbox, rate_limits, tokens
from .ckan import Context, DataDict
from .context import user_id
from .step import Step
from .tokens import Purpose
from .workflow import Workflow

#: How all subjects call what nobody has confirmed yet.
UNCONFIRMED = "unconfirmed"


def resend(
    workflow: Workflow[Any],
    action: str,
    context: Context,
    data_dict: DataDict,
    *,
    column: str,
    check: Callable[[Any], object] = lambda row: None,
    sent: Callable[[Step[Any]], Any] = lambda step: step.row,
) -> Any:
    """Write the mail again by which something is confirmed; commits.

    Where the address was wrong, the mail that went there is of no use any
    more: it must not let others confirm.

    :param action: the step, in which nothing else changes
    :param data_dict: `token`, and perhaps another `email`
    :param column: name of the column with the address
    :param check: refuses what can't be sent any more, given the step's row
    :param sent: gives the row with that column (default: that of the step)
    :returns: that row
    :raises LimitReached: where it was too often
    :raises ValidationError: where it is confirmed already
    """
    purpose = Purpose.SENT
    row = workflow.authorized(action, context, data_dict, purpose)
    workflow.check(action, row, field="token")
    check(row)
    rate_limits.check(user_id(context))
    with workflow.step(
        action, context, data_dict, purpose=purpose, field="token"
    ) as step:
        row, before = sent(step), getattr(sent(step), column)
        email = data_dict.get("email") or before
        if email != before:
            setattr(row, column, email)
            row.token_key = tokens.new_key()
            outbox.take_back(row.id, before)
    return row


def offered(row: Any, data_dict: DataDict) -> dict[str, str]:
    """What the answer to a form says of sending its mail again.

    :param row: what was sent, with `state` and `created`
    :param data_dict: the action's parameters: `submission` says that it was a
        form, or `token` that its mail was sent again
    :returns: a `token` while it has to be confirmed, else nothing
    """
    is_form = bool(data_dict.get("submission") or data_dict.get("token"))
    if row.state != UNCONFIRMED or not is_form:
        return {}
    # Who sends the same form twice gets the same answer.
    made = tokens.make(Purpose.SENT, row.id, row.token_key, row.created)
    return {"token": made}
