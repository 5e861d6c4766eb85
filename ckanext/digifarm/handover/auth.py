from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict, is_authorized
from ..lib.context import user_id
from ..lib.permissions import is_reviewer, may_update
from ..support.workflow import may_update_partner
from . import queries


def digifarm_handover_show(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """The project's team, reviewers, and who takes care of it.

    The team are its owners, and who edits for its organisation. Somebody
    takes care as long as their support in that area runs, themselves or as
    one of the partner's people.
    """
    project = data_dict["id"]
    return _answer(
        may_update(context, project)
        or is_reviewer(context.get("user"))
        or _takes_care(context, project)
    )


def digifarm_handover_update(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """The project's team."""
    return _answer(may_update(context, data_dict["id"]))


@tk.auth_allow_anonymous_access
def digifarm_handover_prepared(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may read the project."""
    context = tk.fresh_context(context)
    return is_authorized("package_show", context, {"id": data_dict["id"]})


def digifarm_handover_list(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers."""
    return _answer(is_reviewer(context.get("user")))


def _takes_care(context: Context, project_id: str) -> bool:
    """Whether somebody, by an account of theirs, takes care of a project."""
    user = user_id(context)
    return user is not None and any(
        support.user_id == user
        or may_update_partner(context, support.partner_id)
        for support in queries.care(project_id)
    )


def _answer(allowed: bool) -> AuthResult:
    if allowed:
        return {"success": True}
    return {
        "success": False,
        "msg": tk._("This handover folder is not for you"),
    }
