from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict


@tk.auth_allow_anonymous_access
def digifarm_statistics(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody."""
    return {"success": True}
