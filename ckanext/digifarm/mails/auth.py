from __future__ import annotations

from ..lib.ckan import AuthResult, Context, DataDict


def digifarm_mail_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Sysadmins, who are never asked."""
    return {"success": False}


def digifarm_mail_retry(context: Context, data_dict: DataDict) -> AuthResult:
    """Sysadmins, who are never asked."""
    return {"success": False}


def digifarm_mail_delete(context: Context, data_dict: DataDict) -> AuthResult:
    """Sysadmins, who are never asked."""
    return {"success": False}
