from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict
from ..lib.permissions import may_update
from .workflow import ANSWER, WORKFLOW


@tk.auth_allow_anonymous_access
def digifarm_confirmation_answer(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says; before anybody was asked, the team."""
    if project := data_dict.get("project"):
        return _answer(may_update(context, project))
    return WORKFLOW.authorize(ANSWER, context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_confirmation_show(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may answer."""
    return digifarm_confirmation_answer(context, data_dict)


def _answer(is_theirs: bool) -> AuthResult:
    if is_theirs:
        return {"success": True}
    return {"success": False, "msg": tk._("You may not answer this")}
