from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict
from ..lib.lookups import holds
from ..lib.permissions import may_read
from ..lib.tokens import Purpose
from .model import Question
from .workflow import WORKFLOW


@tk.auth_allow_anonymous_access
def digifarm_question_ask(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody who may read the project."""
    if may_read(context, data_dict["project"]):
        return {"success": True}
    return {"success": False, "msg": tk._("You may not see this project")}


@tk.auth_allow_anonymous_access
def digifarm_question_show(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Whoever has the link that was sent to the address."""
    return _answer(holds(Question, data_dict, Purpose.QUESTION_CONFIRM))


@tk.auth_allow_anonymous_access
def digifarm_question_resend(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Whoever has sent it, not long ago."""
    return _answer(holds(Question, data_dict, Purpose.SENT))


@tk.auth_allow_anonymous_access
def digifarm_question_confirm(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_question_confirm", context, data_dict)


def _answer(is_theirs: bool) -> AuthResult:
    if is_theirs:
        return {"success": True}
    return {"success": False, "msg": tk._("This question is not yours")}
