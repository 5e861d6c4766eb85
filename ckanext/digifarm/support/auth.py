from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict, is_authorized, model
from ..lib.context import user_id
from ..lib.lookups import holds
from ..lib.permissions import (
    for_users,
    is_reviewer,
    is_sysadmin,
    may_update,
)
from ..lib.tokens import Purpose
from ..partners.model import Partner
from .answering import may_as_city
from .model import PUBLIC_STATES, Support, SupportState
from .sides import Giver
from .workflow import WORKFLOW, is_supporter, may_update_partner


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
def digifarm_support_resend(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Whoever has sent it, not long ago."""
    return _answer(holds(Support, data_dict, Purpose.SENT))


@tk.auth_allow_anonymous_access
def digifarm_support_accept(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_support_accept", context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_support_decline(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_support_decline", context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_support_withdraw(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_support_withdraw", context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_support_end(context: Context, data_dict: DataDict) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_support_end", context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_support_update(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_support_update", context, data_dict)


def digifarm_support_helped_list(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers."""
    if is_sysadmin(context) or is_reviewer(context.get("user")):
        return {"success": True}
    return {"success": False, "msg": tk._("Only reviewers may see this")}


def digifarm_support_evaluate(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says, but nobody who has given it."""
    answer = WORKFLOW.authorize(
        "digifarm_support_evaluate", context, data_dict
    )
    if not answer.get("success"):
        return answer
    user = model.User.get(user_id(context))
    support = WORKFLOW.get(data_dict["id"])
    partner = model.Session.get(Partner, support.partner_id or "")
    if Giver(user).gives(support, partner):
        msg = tk._("Others say whether your support has helped")
        return {"success": False, "msg": msg}
    return answer


@tk.auth_allow_anonymous_access
def digifarm_support_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Both sides, with what is private; reviewers what they may answer.

    Until it is confirmed, only who has the link that was sent.
    """
    support = WORKFLOW.get(data_dict["id"])
    if support.state == SupportState.UNCONFIRMED.value:
        return _answer(holds(Support, data_dict, Purpose.SUPPORT_CONFIRM))
    return _answer(
        is_supporter(context, support, data_dict)
        or may_update(context, support.project_id)
        or (
            support.state == SupportState.OFFERED.value
            and may_as_city(context, support)
        )
    )


@tk.auth_allow_anonymous_access
def digifarm_support_named_show(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Whoever has the link: it shows what is public."""
    return {"success": True}


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
            else may_update_partner(context, partner)
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
    return for_users(context)


def _may_read(context: Context, project: str) -> AuthResult:
    context = tk.fresh_context(context)
    return is_authorized("package_show", context, {"id": project})


def _answer(allowed: bool) -> AuthResult:
    if allowed:
        return {"success": True}
    return {"success": False, "msg": tk._("You may not change this support")}
