from __future__ import annotations

import ckantoolkit as tk

from ckan import model
from ckan.authz import is_authorized
from ckan.types import AuthResult, Context, DataDict

from ...model import Support
from ..context import allowed
from ..transitions import CREATE, END, Actor, Transition
from .links import may_update


def digifarm_support_create(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    project = data_dict["project"]
    return _answer(_may(context, CREATE, project, data_dict.get("partner")))


def digifarm_support_end(context: Context, data_dict: DataDict) -> AuthResult:
    """As the table of transitions says."""
    support = model.Session.get(Support, data_dict["id"])
    if support is None:
        raise tk.ObjectNotFound(tk._("Support not found"))
    return _answer(_may(context, END, support.project_id, support.partner_id))


@tk.auth_allow_anonymous_access
def digifarm_support_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read the project, or see the partner."""
    context = tk.fresh_context(context)
    if project := data_dict.get("project"):
        return is_authorized("package_show", context, {"id": project})
    return is_authorized(
        "digifarm_partner_show", context, {"id": data_dict["partner"]}
    )


def _may(
    context: Context, step: Transition, project: str, partner: str | None
) -> bool:
    """Whether the user is one of those who may take a step.

    :param project: id or name of the project
    :param partner: id or name of the partner, if any
    """
    may = {
        Actor.PROJECT: lambda: may_update(context, project),
        Actor.PARTNER: lambda: _may_update_partner(context, partner),
    }
    return any(may[actor]() for actor in step.actors)


def _may_update_partner(context: Context, partner: str | None) -> bool:
    if not partner or not context.get("user"):
        return False
    return allowed("digifarm_partner_update", context, partner)


def _answer(allowed: bool) -> AuthResult:
    if allowed:
        return {"success": True}
    return {"success": False, "msg": tk._("You may not change this support")}
