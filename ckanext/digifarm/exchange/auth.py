from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict
from ..lib.permissions import is_reviewer
from .import_workflow import WORKFLOW, is_own


def digifarm_import_create(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers. What a row does must be allowed to them by itself."""
    return _answer(is_reviewer(context.get("user")))


def digifarm_import_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Reviewers; the list holds what they have uploaded themselves."""
    return _answer(is_reviewer(context.get("user")))


def digifarm_import_show(context: Context, data_dict: DataDict) -> AuthResult:
    """The reviewer who has uploaded it."""
    return _answer(is_own(context, WORKFLOW.get(data_dict["id"])))


def digifarm_import_row_list(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """The reviewer who has uploaded it."""
    return digifarm_import_show(context, data_dict)


def digifarm_import_confirm(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_import_confirm", context, data_dict)


def digifarm_import_cancel(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_import_cancel", context, data_dict)


def _answer(allowed: bool) -> AuthResult:
    if allowed:
        return {"success": True}
    return {
        "success": False,
        "msg": tk._("Only reviewers may see this, each their own uploads"),
    }
