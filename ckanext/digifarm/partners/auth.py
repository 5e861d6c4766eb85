from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict, authz
from ..lib.lookups import holds
from ..lib.permissions import EDIT, edits_for, for_users, is_reviewer
from ..lib.tokens import Purpose
from .lookups import found
from .model import Partner, PartnerState
from .workflow import WORKFLOW, is_contact


def digifarm_partner_create(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers, and who edits for the organisation that it belongs to.

    Without an organisation in the parameters: who may do so for any at all.
    """
    user = context.get("user")
    organization = data_dict.get("organization_id")
    if organization is None:
        allowed = authz.has_user_permission_for_some_org(user, EDIT)
    else:
        allowed = edits_for(user, organization)
    return _answer(allowed or is_reviewer(user))


def digifarm_partner_update(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers, and who edits for the partner's organisation.

    Only reviewers give a partner to another organisation.
    """
    user = context.get("user")
    if is_reviewer(user):
        return _answer(True)
    partner = found(data_dict["id"])
    moved = data_dict.get("organization_id", partner.organization_id)
    stays = (moved or None) == partner.organization_id
    return _answer(stays and edits_for(user, partner.organization_id))


def digifarm_partner_delete(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may update a partner may delete it."""
    return digifarm_partner_update(context, {"id": data_dict["id"]})


@tk.auth_allow_anonymous_access
def digifarm_partner_change(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_partner_change", context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_partner_withdraw(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_partner_withdraw", context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_partner_own_show(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Its contact: by the link that was sent, or by account."""
    return _answer(is_contact(context, found(data_dict["id"]), data_dict))


def digifarm_partner_own_list(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody who is logged in."""
    return for_users(context)


def digifarm_partner_restore(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may update a partner may bring it back."""
    return digifarm_partner_update(context, {"id": data_dict["id"]})


@tk.auth_allow_anonymous_access
def digifarm_partner_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody if it is in the directory, else who may update it."""
    if found(data_dict["id"]).state == PartnerState.ACTIVE.value:
        return {"success": True}
    return digifarm_partner_update(context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_partner_search(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody: the directory is public."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def digifarm_partner_register(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def digifarm_partner_confirm(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Whoever has the link that was sent to the address."""
    return _answer(holds(Partner, data_dict, Purpose.PARTNER_CONFIRM))


@tk.auth_allow_anonymous_access
def digifarm_partner_registration_show(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Whoever has the link that was sent to the address."""
    return digifarm_partner_confirm(context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_partner_resend(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Whoever has sent it, not long ago."""
    return _answer(holds(Partner, data_dict, Purpose.SENT))


def digifarm_partner_accept(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers."""
    return _answer(is_reviewer(context.get("user")))


def digifarm_partner_decline(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers."""
    return _answer(is_reviewer(context.get("user")))


def digifarm_partner_proposed_list(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers."""
    return _answer(is_reviewer(context.get("user")))


def digifarm_partner_deleted_list(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers."""
    return _answer(is_reviewer(context.get("user")))


def digifarm_partner_alike(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers."""
    return _answer(is_reviewer(context.get("user")))


@tk.auth_allow_anonymous_access
def digifarm_partner_merged_into(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody: the partner that it leads to is in the directory."""
    return {"success": True}


def digifarm_partner_merge(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers."""
    return _answer(is_reviewer(context.get("user")))


def _answer(allowed: bool) -> AuthResult:
    if allowed:
        return {"success": True}
    return {"success": False, "msg": tk._("You may not edit this partner")}
