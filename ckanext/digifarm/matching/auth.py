from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict, is_authorized


@tk.auth_allow_anonymous_access
def digifarm_match(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read the project, or see the partner.

    The other side is public, or holds what they may read.
    """
    if project := data_dict.get("project"):
        return is_authorized("package_show", context, {"id": project})
    return is_authorized(
        "digifarm_partner_show", context, {"id": data_dict["partner"]}
    )
