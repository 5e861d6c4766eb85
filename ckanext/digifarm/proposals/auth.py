from __future__ import annotations

import ckantoolkit as tk

from ..lib import review_office
from ..lib.ckan import AuthResult, Context, DataDict
from ..lib.lookups import holds
from ..lib.permissions import (
    allowed,
    for_users,
    is_reviewer,
    is_sysadmin,
)
from ..lib.tokens import Purpose
from .model import Proposal, ProposalState
from .workflow import WORKFLOW, is_proposer


@tk.auth_allow_anonymous_access
def digifarm_proposal_submit(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Everybody, where there is somebody who reviews."""
    if review_office.organization():
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
def digifarm_proposal_resend(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Whoever has sent it, not long ago."""
    return _answer(holds(Proposal, data_dict, Purpose.SENT))


@tk.auth_allow_anonymous_access
def digifarm_proposal_update(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_proposal_update", context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_proposal_withdraw(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_proposal_withdraw", context, data_dict)


def digifarm_proposal_approve(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_proposal_approve", context, data_dict)


def digifarm_proposal_decline(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_proposal_decline", context, data_dict)


def digifarm_proposal_request_changes(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize(
        "digifarm_proposal_request_changes", context, data_dict
    )


@tk.auth_allow_anonymous_access
def digifarm_proposal_show(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers and the proposer.

    Until it is confirmed, only who has the link that was sent.
    """
    proposal = WORKFLOW.get(data_dict["id"])
    if proposal.state == ProposalState.UNCONFIRMED.value:
        return _answer(holds(Proposal, data_dict, Purpose.PROPOSAL_CONFIRM))
    return _answer(
        is_reviewer(context.get("user"))
        or is_proposer(context, proposal, data_dict)
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
    if data_dict["mine"]:
        return for_users(context)
    return _answer(is_reviewer(context.get("user")))


def reviews(context: Context) -> bool:
    """Whether the user sees all proposals: reviewers, and sysadmins."""
    return is_sysadmin(context) or is_reviewer(context.get("user"))


def _answer(allowed: bool) -> AuthResult:
    if allowed:
        return {"success": True}
    return _no(tk._("This proposal is not for you"))


def _no(message: str) -> AuthResult:
    return {"success": False, "msg": message}


def digifarm_review_counts(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers."""
    return _answer(is_reviewer(context.get("user")))


def digifarm_project_changes(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Reviewers."""
    return _answer(is_reviewer(context.get("user")))


def digifarm_project_seen(context: Context, data_dict: DataDict) -> AuthResult:
    """Reviewers."""
    return _answer(is_reviewer(context.get("user")))


def digifarm_project_hide(context: Context, data_dict: DataDict) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_project_hide", context, data_dict)


def digifarm_project_give_back(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """As the table of transitions says."""
    return WORKFLOW.authorize("digifarm_project_give_back", context, data_dict)


def digifarm_project_hidden(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may update the project."""
    return _answer(
        bool(context.get("user"))
        and allowed("package_update", context, data_dict["id"])
    )
