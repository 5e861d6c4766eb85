from __future__ import annotations

import ckantoolkit as tk

from ckan import model
from ckan.authz import is_authorized
from ckan.types import AuthResult, Context, DataDict

from ...model import PUBLIC_STATES, Support, SupportState
from ...tokens import Purpose
from .. import transitions
from ..context import allowed, user_id
from ..rows import holds
from ..transitions import Actor
from .links import may_update


def digifarm_support_create(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may update the project."""
    return _answer(may_update(context, data_dict["project"]))


def digifarm_support_request(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may update the project."""
    return digifarm_support_create(context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_support_offer(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody who may read the project."""
    return _may_read(context, data_dict["project"])


@tk.auth_allow_anonymous_access
def digifarm_support_confirm(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Whoever has the link that was sent to the address."""
    return _answer(holds(Support, data_dict, Purpose.SUPPORT_CONFIRM))


@tk.auth_allow_anonymous_access
def digifarm_support_accept(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return _may_step(context, "digifarm_support_accept", data_dict)


@tk.auth_allow_anonymous_access
def digifarm_support_decline(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return _may_step(context, "digifarm_support_decline", data_dict)


@tk.auth_allow_anonymous_access
def digifarm_support_withdraw(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return _may_step(context, "digifarm_support_withdraw", data_dict)


@tk.auth_allow_anonymous_access
def digifarm_support_end(context: Context, data_dict: DataDict) -> AuthResult:
    """As the table of transitions says."""
    return _may_step(context, "digifarm_support_end", data_dict)


@tk.auth_allow_anonymous_access
def digifarm_support_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Both sides, with what is private.

    Until it is confirmed, only who has the link that was sent.
    """
    support = _found(data_dict)
    if support.state == SupportState.UNCONFIRMED.value:
        return _answer(holds(Support, data_dict, Purpose.SUPPORT_CONFIRM))
    return _answer(
        _is_supporter(context, support, data_dict)
        or may_update(context, support.project_id)
    )


@tk.auth_allow_anonymous_access
def digifarm_support_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read the project, or see the partner.

    What is neither accepted nor ended concerns only those who may update it,
    and contacts do. What isn't confirmed is passed on to nobody.
    """
    project, partner = data_dict.get("project"), data_dict.get("partner")
    state = SupportState(data_dict["state"])
    if state is SupportState.UNCONFIRMED:
        return _answer(False)
    is_public = state in PUBLIC_STATES
    if data_dict["contacts"] or not is_public:
        return _answer(
            may_update(context, project)
            if project
            else _may_update_partner(context, partner)
        )
    if project:
        return _may_read(context, project)
    return is_authorized(
        "digifarm_partner_show", tk.fresh_context(context), {"id": partner}
    )


def digifarm_support_inbox(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody who is logged in sees what concerns them."""
    return {"success": True}


def _may_read(context: Context, project: str) -> AuthResult:
    context = tk.fresh_context(context)
    return is_authorized("package_show", context, {"id": project})


def _may_step(
    context: Context, action: str, data_dict: DataDict
) -> AuthResult:
    """Whether the user is one of those who may take a step now.

    :param data_dict: `id` of the support, or a `token` for it
    """
    support = _found(data_dict)
    may = {
        Actor.PROJECT: lambda: may_update(context, support.project_id),
        Actor.SUPPORTER: lambda: _is_supporter(context, support, data_dict),
    }
    actors = transitions.actors(action, SupportState(support.state))
    return _answer(any(may[actor]() for actor in actors))


def _is_supporter(
    context: Context, support: Support, data_dict: DataDict
) -> bool:
    user = user_id(context)
    return (
        holds(Support, data_dict, Purpose.SUPPORT)
        or (user is not None and support.user_id == user)
        or _may_update_partner(context, support.partner_id)
    )


def _may_update_partner(context: Context, partner: str | None) -> bool:
    if not partner or not context.get("user"):
        return False
    return allowed("digifarm_partner_update", context, partner)


def _found(data_dict: DataDict) -> Support:
    support = model.Session.get(Support, data_dict["id"])
    if support is None:
        raise tk.ObjectNotFound(tk._("Support not found"))
    return support


def _answer(allowed: bool) -> AuthResult:
    if allowed:
        return {"success": True}
    return {"success": False, "msg": tk._("You may not change this support")}
