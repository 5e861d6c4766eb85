from __future__ import annotations

import ckantoolkit as tk

from ckan import model
from ckan.types import AuthResult, Context, DataDict

from ... import config
from ...model import Proposal, ProposalState
from ...tokens import Purpose
from .. import owners, transitions
from ..context import user_id
from ..rows import holds
from ..transitions import Actor
from .partners import is_reviewer


@tk.auth_allow_anonymous_access
def digifarm_proposal_submit(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody, where there is somebody who reviews."""
    if owners.organization(config.review_organization()):
        return {"success": True}
    return _no(tk._("This portal takes no proposals yet"))


@tk.auth_allow_anonymous_access
def digifarm_license_check(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def digifarm_proposal_duplicates(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody: it knows of public projects only."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def digifarm_proposal_confirm(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Whoever has the link that was sent to the address."""
    return _answer(holds(Proposal, data_dict, Purpose.PROPOSAL_CONFIRM))


@tk.auth_allow_anonymous_access
def digifarm_proposal_update(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return _may_step(context, "digifarm_proposal_update", data_dict)


@tk.auth_allow_anonymous_access
def digifarm_proposal_withdraw(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return _may_step(context, "digifarm_proposal_withdraw", data_dict)


def digifarm_proposal_approve(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return _may_step(context, "digifarm_proposal_approve", data_dict)


def digifarm_proposal_decline(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return _may_step(context, "digifarm_proposal_decline", data_dict)


def digifarm_proposal_request_changes(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return _may_step(context, "digifarm_proposal_request_changes", data_dict)


@tk.auth_allow_anonymous_access
def digifarm_proposal_show(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers and the proposer.

    Until it is confirmed, only who has the link that was sent.
    """
    proposal = _found(data_dict)
    if proposal.state == ProposalState.UNCONFIRMED.value:
        return _answer(holds(Proposal, data_dict, Purpose.PROPOSAL_CONFIRM))
    return _answer(
        is_reviewer(context.get("user"))
        or _is_proposer(context, proposal, data_dict)
    )


@tk.auth_allow_anonymous_access
def digifarm_proposal_picture(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Whoever may see the proposal."""
    return digifarm_proposal_show(context, data_dict)


def digifarm_proposal_list(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers; everybody who is logged in sees their own."""
    return _answer(data_dict["mine"] or is_reviewer(context.get("user")))


def reviews(context: Context) -> bool:
    """Whether the user sees all proposals: reviewers, and sysadmins."""
    return is_sysadmin(context) or is_reviewer(context.get("user"))


def is_decider(context: Context, proposal: Proposal) -> bool:
    """Whether the user may decide on a proposal.

    Nobody decides on what they have proposed themselves, with the account or
    with its address, but a sysadmin may.
    """
    if is_sysadmin(context):
        return True
    user = model.User.get(context.get("user"))
    return bool(
        user and is_reviewer(user.name) and not _is_own(user, proposal)
    )


def is_sysadmin(context: Context) -> bool:
    """Whether the user may do anything here; the portal itself may, too."""
    user = model.User.get(context.get("user"))
    return bool(context.get("ignore_auth") or (user and user.sysadmin))


def _is_own(user: model.User, proposal: Proposal) -> bool:
    email = (user.email or "").casefold()
    return user.id == proposal.user_id or (
        bool(email) and email == proposal.proposer_email.casefold()
    )


def _may_step(
    context: Context, action: str, data_dict: DataDict
) -> AuthResult:
    """Whether the user is one of those who may take a step now.

    :param data_dict: `id` of the proposal, and perhaps a `token` for it
    """
    proposal = _found(data_dict)
    may = {
        Actor.REVIEWER: lambda: is_decider(context, proposal),
        Actor.PROPOSER: lambda: _is_proposer(context, proposal, data_dict),
    }
    actors = transitions.actors(action, ProposalState(proposal.state))
    if any(may[actor]() for actor in actors):
        return {"success": True}
    if Actor.REVIEWER in actors and is_reviewer(context.get("user")):
        return _no(tk._("You can’t decide on your own proposal"))
    return _answer(False)


def _is_proposer(
    context: Context, proposal: Proposal, data_dict: DataDict
) -> bool:
    user = user_id(context)
    return holds(Proposal, data_dict, Purpose.PROPOSAL) or (
        user is not None and proposal.user_id == user
    )


def _found(data_dict: DataDict) -> Proposal:
    proposal = model.Session.get(Proposal, data_dict["id"])
    if proposal is None:
        raise tk.ObjectNotFound(tk._("Proposal not found"))
    return proposal


def _answer(allowed: bool) -> AuthResult:
    if allowed:
        return {"success": True}
    return _no(tk._("This proposal is not for you"))


def _no(message: str) -> AuthResult:
    return {"success": False, "msg": message}
