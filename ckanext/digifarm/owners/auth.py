from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict, is_authorized
from ..lib.permissions import for_users, is_reviewer


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
