from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict, is_authorized
from ..lib.permissions import is_reviewer, is_sysadmin, may_update


@tk.auth_allow_anonymous_access
def digifarm_upkeep_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read the project."""
    context = tk.fresh_context(context)
    return is_authorized("package_show", context, {"id": data_dict["project"]})


def digifarm_upkeep_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Reviewers."""
    if is_reviewer(context.get("user")) or is_sysadmin(context):
        return {"success": True}
    return {
        "success": False,
        "msg": tk._("Only reviewers may see all addresses"),
    }


def digifarm_upkeep_recheck_address(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers."""
    return digifarm_upkeep_list(context, data_dict)


def digifarm_upkeep_remind(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers."""
    return digifarm_upkeep_list(context, data_dict)


def digifarm_upkeep_take_over(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may update the project."""
    if may_update(context, data_dict["project"]):
        return {"success": True}
    return {
        "success": False,
        "msg": tk._("You may not edit this civic project"),
    }


def digifarm_upkeep_recheck(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may update the project."""
    return digifarm_upkeep_take_over(context, data_dict)


def digifarm_issue_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project."""
    return digifarm_upkeep_take_over(context, data_dict)


def digifarm_issue_adopt(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project."""
    return digifarm_upkeep_take_over(context, data_dict)
