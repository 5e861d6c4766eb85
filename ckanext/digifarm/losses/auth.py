from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict
from ..lib.permissions import may_update


def digifarm_link_gaps(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project."""
    if may_update(context, data_dict["project"]):
        return {"success": True}
    return {"success": False, "msg": tk._("You may not edit the project")}


@tk.auth_allow_anonymous_access
def digifarm_link_projects(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody: it names what they may read."""
    return {"success": True}
