from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict
from ..lib.permissions import for_users


def digifarm_notice_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody who is logged in sees their own."""
    return for_users(context)


@tk.auth_allow_anonymous_access
def digifarm_notice_settings_show(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody who is logged in; whoever has the link of a mail."""
    if data_dict.get("token"):
        return {"success": True}
    return for_users(context)


@tk.auth_allow_anonymous_access
def digifarm_notice_settings_update(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody who is logged in; whoever has the link of a mail."""
    return digifarm_notice_settings_show(context, data_dict)
