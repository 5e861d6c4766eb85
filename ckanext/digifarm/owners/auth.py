from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict, is_authorized, model
from ..lib.context import user_id
from ..lib.permissions import (
    allowed,
    edits_for,
    for_users,
    is_reviewer,
    is_sysadmin,
)
from .workflow import INVITATIONS


@tk.auth_allow_anonymous_access
def digifarm_project_claim_show(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Whoever has the link."""
    return {"success": True}


def digifarm_project_claim(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody who is logged in; the link says for which project."""
    return for_users(context)


def digifarm_project_mine(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody who is logged in sees their own."""
    return for_users(context)


@tk.auth_allow_anonymous_access
def digifarm_project_owned(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may read the project."""
    return is_authorized("package_show", context, {"id": data_dict["id"]})


def digifarm_project_care_list(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers."""
    if is_reviewer(context.get("user")):
        return {"success": True}
    return {
        "success": False,
        "msg": tk._("Only reviewers see which projects need somebody"),
    }


def digifarm_project_team(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project, reviewers too."""
    return _of_team(
        bool(user_id(context) or context.get("ignore_auth"))
        and allowed("package_update", context, data_dict["project"])
    )


def digifarm_owner_invite(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project."""
    return digifarm_project_team(context, data_dict)


def digifarm_owner_invitation_withdraw(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return INVITATIONS.authorize(
        "digifarm_owner_invitation_withdraw", context, data_dict
    )


def digifarm_owner_remove(context: Context, data_dict: DataDict) -> AuthResult:
    """Owners themselves; of others, who edits for the organisation.

    Reviewers too, of projects that they may update. Owners don't take the
    right from each other.
    """
    own = user_id(context)
    if own and own == data_dict["user_id"]:
        return {"success": True}
    user, project = context.get("user"), data_dict["project"]
    if not allowed("package_update", context, project):
        return _of_team(False)
    found = model.Package.get(project)
    organization = found.owner_org if found else None
    return _of_team(
        is_sysadmin(context)
        or edits_for(user, organization)
        or is_reviewer(user)
    )


def _of_team(is_theirs: bool) -> AuthResult:
    if is_theirs:
        return {"success": True}
    return {"success": False, "msg": tk._("You don’t look after this project")}


def digifarm_waiting_count(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody who is logged in, of themselves."""
    return for_users(context)


def digifarm_waiting_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody who is logged in, of themselves."""
    return for_users(context)


def digifarm_own_step_list(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody who is logged in, of themselves."""
    return for_users(context)


def digifarm_project_deleted_list(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody who is logged in sees their own."""
    return for_users(context)
