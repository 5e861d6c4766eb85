from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict, is_authorized
from ..lib.permissions import may_read, may_update


def digifarm_successor_set(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may update the dataset and read what replaces it."""
    if not may_update(context, data_dict["dataset"]):
        return _no(tk._("You may not edit the dataset"))
    return _reads(context, data_dict["successor"])


def digifarm_successor_remove(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may update the dataset."""
    if not may_update(context, data_dict["dataset"]):
        return _no(tk._("You may not edit the dataset"))
    return {"success": True}


def digifarm_successor_suggest(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may update the dataset."""
    return digifarm_successor_remove(context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_successor_show(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may read the dataset; it names what they may read."""
    return is_authorized("package_show", context, {"id": data_dict["dataset"]})


def digifarm_link_move(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project, and read the dataset that they choose."""
    if not may_update(context, data_dict["project"]):
        return _no(tk._("You may not edit the project"))
    return _reads(context, data_dict.get("successor"))


def digifarm_link_suggest(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project."""
    if not may_update(context, data_dict["project"]):
        return _no(tk._("You may not edit the project"))
    return {"success": True}


def _reads(context: Context, successor: str | None) -> AuthResult:
    """Whether they may read the newer dataset, where they choose one."""
    if successor and not may_read(context, successor):
        return _no(tk._("You may not read the newer dataset"))
    return {"success": True}


def _no(message: str) -> AuthResult:
    return {"success": False, "msg": message}
