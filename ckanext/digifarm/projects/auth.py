from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict, authz


@tk.auth_allow_anonymous_access
def digifarm_project_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read the package may read the project."""
    return authz.is_authorized("package_show", context, data_dict)
