from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict, is_authorized
from ..lib.permissions import may_update


def digifarm_project_end(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project."""
    if may_update(context, data_dict["id"]):
        return {"success": True}
    return {
        "success": False,
        "msg": tk._("You may not edit this civic project"),
    }


def digifarm_project_reopen(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may update the project."""
    return digifarm_project_end(context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_project_ending(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may read the project."""
    context = tk.fresh_context(context)
    return is_authorized("package_show", context, {"id": data_dict["id"]})


def digifarm_project_dependents(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may update the project."""
    return digifarm_project_end(context, data_dict)
