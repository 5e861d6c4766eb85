from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict
from ..lib.permissions import (
    for_users,
    is_reviewer,
    is_sysadmin,
    may_update,
)
from .workflow import ANSWER, DECIDE, WORKFLOW


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
    """Who may answer, and reviewers."""
    if is_reviewer(context.get("user")):
        return {"success": True}
    return digifarm_confirmation_answer(context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_achievement_list(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody."""
    return {"success": True}


def digifarm_confirmation_mine(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody who is logged in."""
    return for_users(context)


def digifarm_confirmation_list(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers."""
    user = context.get("user")
    if is_sysadmin(context) or is_reviewer(user):
        return {"success": True}
    return {"success": False, "msg": tk._("Only reviewers may see this")}


def digifarm_confirmation_ask_again(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return _step("ask_again", context, data_dict)


def digifarm_confirmation_search(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return _step("search", context, data_dict)


def digifarm_confirmation_end(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return _step("end", context, data_dict)


def _step(name: str, context: Context, data_dict: DataDict) -> AuthResult:
    return WORKFLOW.authorize(f"{DECIDE}_{name}", context, data_dict)


def _answer(is_theirs: bool) -> AuthResult:
    if is_theirs:
        return {"success": True}
    return {"success": False, "msg": tk._("You may not answer this")}
