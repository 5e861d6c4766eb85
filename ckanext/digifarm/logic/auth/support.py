from __future__ import annotations

import ckantoolkit as tk

from ckan import model
from ckan.authz import is_authorized
from ckan.types import AuthResult, Context, DataDict

from ...model import Support
from ..transitions import TRANSITIONS, Actor
from .links import may_update


def digifarm_support_create(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may update the project."""
    return _answer(may_update(context, data_dict["project"]))


def digifarm_support_end(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update the project, or the partner."""
    support = _support(data_dict)
    may = {
        Actor.PROJECT: lambda: may_update(context, support.project_id),
        Actor.PARTNER: lambda: _may_update_partner(context, support),
    }
    actors = TRANSITIONS["digifarm_support_end"].actors
    return _answer(any(may[actor]() for actor in actors))


@tk.auth_allow_anonymous_access
def digifarm_support_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read the project, or see the partner."""
    context = tk.fresh_context(context)
    if project := data_dict.get("project"):
        return is_authorized("package_show", context, {"id": project})
    return is_authorized(
        "digifarm_partner_show", context, {"id": data_dict["partner"]}
    )


def _may_update_partner(context: Context, support: Support) -> bool:
    if not support.partner_id or not context.get("user"):
        return False
    answer = is_authorized(
        "digifarm_partner_update",
        tk.fresh_context(context),
        {"id": support.partner_id},
    )
    return answer.get("success", False)


def _support(data_dict: DataDict) -> Support:
    support = model.Session.get(Support, data_dict["id"])
    if support is None:
        raise tk.ObjectNotFound(tk._("Support not found"))
    return support


def _answer(allowed: bool) -> AuthResult:
    if allowed:
        return {"success": True}
    return {"success": False, "msg": tk._("You may not change this support")}
