from __future__ import annotations

import ckantoolkit as tk

from .. import config
from ..lib.ckan import AuthResult, Context, DataDict, authz
from ..lib.permissions import is_reviewer


@tk.auth_allow_anonymous_access
def digifarm_project_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read the package may read the project."""
    return authz.is_authorized("package_show", context, data_dict)


def digifarm_project_accompany(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers say which projects the city accompanies, and sysadmins."""
    return {
        "success": is_reviewer(context.get("user")),
        "msg": tk._("Only the city’s team can change this"),
    }


@tk.auth_allow_anonymous_access
def digifarm_picture_keep(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may send a form that takes a picture may have it kept."""
    if config.review_organization() or context.get("user"):
        return {"success": True}
    return {"success": False, "msg": tk._("Please log in first")}


@tk.auth_allow_anonymous_access
def digifarm_picture_kept(context: Context, data_dict: DataDict) -> AuthResult:
    """Who has the token of a picture may see it."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def digifarm_picture_drop(context: Context, data_dict: DataDict) -> AuthResult:
    """Who has the token of a picture may drop it."""
    return {"success": True}
