from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import ckantoolkit as tk

from ..lib import activity, people, rate_limits, resending, tokens
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, model
from ..lib.context import of_portal, user_id
from ..lib.errors import checked, refuse
from ..lib.tokens import Purpose
from ..projects import pictures, reasons
from . import licence, proposed, schema
from .actions import answer, picture_of, token_of
from .model import Proposal, ProposalState
from .workflow import WORKFLOW, check_version, project_of


@tk.validate_action_data(schema.proposal_refusal)
def digifarm_proposal_request_changes(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Ask the proposer to change a proposal.

    You must be a reviewer, and not have proposed it, unless you are a
    sysadmin.

    :param id: id of the proposal
    :type id: string
    :param reason: what to change and why; the proposer reads it
    :type reason: string
    :param reason_code: why in short, a choice of the schema file: one of
        `reasons`, `declining` (optional)
    :type reason_code: string
    :param version: what you have read, as `digifarm_proposal_show` names it;
        where it has changed since, nothing is decided (optional)
    :type version: string

    :returns: `id` and `state`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such proposal
    :raises NotAuthorized: where you are no reviewer, or it is your own
    :raises ValidationError: where it doesn't wait for a decision (any more),
        or has changed since you have read it
    """
    return _decide("digifarm_proposal_request_changes", context, data_dict)


@tk.validate_action_data(schema.proposal_refusal)
def digifarm_proposal_decline(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Decline a proposal; its project is deleted. It can be proposed again.

    You must be a reviewer, and not have proposed it, unless you are a
    sysadmin.

    :param id: id of the proposal
    :type id: string
    :param reason: why; the proposer reads it
    :type reason: string
    :param reason_code: why in short, a choice of the schema file: one of
        `reasons`, `declining` (optional)
    :type reason_code: string
    :param version: what you have read, as `digifarm_proposal_show` names it;
        where it has changed since, nothing is decided (optional)
    :type version: string

    :returns: `id` and `state`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such proposal
    :raises NotAuthorized: where you are no reviewer, or it is your own
    :raises ValidationError: where it doesn't wait for a decision (any more),
        or has changed since you have read it
    """
    return _decide("digifarm_proposal_decline", context, data_dict)


@tk.validate_action_data(schema.proposal_approve)
def digifarm_proposal_approve(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Approve a proposal: its project is public, and its proposer owns it.

    You must be a reviewer, and not have proposed it, unless you are a
    sysadmin. All of it is one commit. The index follows, so that nothing can
    be found too early.

    :param id: id of the proposal
    :type id: string
    :param organization: id or name of the organisation that vouches for the
        project from now on
    :type organization: string
    :param reason: a word to the proposer (optional)
    :type reason: string
    :param version: what you have read, as `digifarm_proposal_show` names it;
        where it has changed since, nothing is decided (optional)
    :type version: string

    :returns: `id` and `state`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such proposal
    :raises NotAuthorized: where you are no reviewer, or it is your own
    :raises ValidationError: where it doesn't wait for a decision (any more),
        or has changed since you have read it,
        its licence is not open, or there is no such organisation
    """
    with (
        ExitStack() as stack,
        WORKFLOW.step("digifarm_proposal_approve", context, data_dict) as step,
    ):
        proposal, project = step.row, project_of(step.row)
        check_version(proposal, data_dict.get("version"))
        organization = people.organization(data_dict["organization"])
        if organization is None:
            refuse("organization", tk._("There is no such organisation"))
        if complaint := licence.complaint(project.extras):
            refuse("source_license", complaint)
        # First: what is not decided can't change hands.
        step.write()
        project.private = False
        # Later means that somebody has edited it since.
        project.metadata_modified = proposal.modified
        stack.enter_context(_picture_public(proposal, project))
        portal = of_portal()
        tk.get_action("package_owner_org_update")(
            portal, {"id": project.id, "organization_id": organization.id}
        )
        activity.record_approval(portal, project)
    return {"id": proposal.id, "state": proposal.state}


@contextmanager
def _picture_public(
    proposal: Proposal, project: model.Package
) -> Iterator[None]:
    """Let a project have its proposal's picture; the block commits.

    A picture that a reviewer has given it meanwhile stays.
    """
    content, proposal.picture = proposal.picture, None
    if not content or project.extras.get(pictures.URL_FIELD):
        yield
        return
    with pictures.kept(content) as name:
        project.extras = {**project.extras, pictures.URL_FIELD: name}
        yield


def _decide(
    action: str, context: Context, data_dict: DataDict
) -> dict[str, Any]:
    with WORKFLOW.step(action, context, data_dict) as step:
        check_version(step.row, data_dict.get("version"))
    return {"id": step.row.id, "state": step.row.state}


@tk.validate_action_data(lib_schema.token)
def digifarm_proposal_confirm(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Confirm a proposal by the link that was sent to the address.

    You must have that link.

    It becomes a private project of the reviewers' organisation.

    :param token: what the link ends with
    :type token: string

    :returns: `id` and `state` of the proposal, and `token` to follow it
    :rtype: dictionary

    :raises NotAuthorized: where the portal takes no proposals any more
    :raises ValidationError: where the link is of no use (any more), or the
        project would be refused by now
    """
    with WORKFLOW.step(
        "digifarm_proposal_confirm",
        context,
        data_dict,
        purpose=Purpose.PROPOSAL_CONFIRM,
    ) as step:
        proposal = step.row
    return {**answer(proposal), "token": token_of(proposal)}


@tk.validate_action_data(lib_schema.resend)
def digifarm_proposal_resend(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Write the mail once more that asks to confirm a proposal.

    You must have sent it, without an account that has an e-mail address,
    not more than a day ago; it must not be confirmed yet. The answer is the
    same whether mails went to the address before or not.

    :param token: as :py:func:`digifarm_proposal_submit` gives it
    :type token: string
    :param email: another address, where the first one was wrong: the link of
        the mail that went there is of no use any more (optional)
    :type email: string

    :returns: `id` and `state`, and `token` to do so again
    :rtype: dictionary

    :raises NotAuthorized: where you ask too often
    :raises ValidationError: where it is confirmed already, the token is of no
        use, or the address is none
    """
    proposal = resending.resend(
        WORKFLOW,
        "digifarm_proposal_resend",
        context,
        data_dict,
        column="proposer_email",
    )
    return {**answer(proposal), **resending.offered(proposal, data_dict)}


def digifarm_proposal_update(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Change a proposal as long as nobody has decided on it.

    Before it is confirmed, whoever has that link may. While it waits for a
    decision, its reviewers see what it says now; where they have asked for
    changes, it is submitted again. You must be its proposer, by account or
    link.

    :param id: id of the proposal
    :type id: string
    :param token: instead of `id`: of a link to it that was sent by mail
    :type token: string
    :param project: the fields of the project, as in
        :py:func:`digifarm_proposal_submit`; those that aren't given stay
    :type project: dictionary
    :param datasets: ids or names of the public datasets that it uses
        (optional; else they stay)
    :type datasets: list of strings
    :param image_upload: a new picture, an uploaded file (optional)
    :param clear_upload: whether to take the picture away (optional)
    :type clear_upload: bool
    :param reason: a word to the reviewers (optional)
    :type reason: string

    :returns: `id` and `state` of the proposal, and `token` to follow it, or
        to confirm it for who came by the link that does so
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such proposal
    :raises NotAuthorized: where it is not yours, or you change it too often
    :raises ValidationError: with the names of the parameters, and of the
        project's fields; also where it is decided already
    """
    action, purpose = "digifarm_proposal_update", None
    data_dict, complaints = checked(
        context, data_dict, schema.proposal_update(), ("id", "token")
    )
    token = data_dict.get("token", "")
    if token and tokens.is_for(token, Purpose.PROPOSAL_CONFIRM):
        purpose = Purpose.PROPOSAL_CONFIRM
    row = WORKFLOW.authorized(action, context, data_dict, purpose)
    WORKFLOW.check(action, row)
    rate_limits.check(user_id(context))
    # What takes time comes before anything is locked.
    datasets, picture = None, None
    if "datasets" in data_dict and "datasets" not in complaints:
        with complaints.gather():
            found = proposed.datasets(data_dict["datasets"])
            datasets = [dataset.id for dataset in found]
    if "image_upload" not in complaints:
        with complaints.gather():
            picture = picture_of(data_dict)
    with WORKFLOW.step(action, context, data_dict, purpose=purpose) as step:
        proposal = step.row
        package = project_of(proposal) if proposal.project_id else None
        stored = (
            proposed.fields_of(proposed.show(package.id))
            if package
            else proposal.payload["project"]
        )
        project = {}
        if "project" not in complaints:
            with complaints.gather():
                said = {**stored, **data_dict["project"]}
                project = proposed.check(said)
        complaints.refuse()
        is_replaced = bool(picture or data_dict[pictures.CLEAR_FIELD])
        if is_replaced or project.get(pictures.URL_FIELD):
            proposal.picture = picture
        if package is None:
            _change_payload(proposal, project, datasets)
        else:
            is_changed = _change_project(
                package, stored, project, datasets, is_replaced=is_replaced
            )
            step.is_idle = not (is_changed or step.reason)
    return {**answer(proposal), **_going_on(proposal, purpose)}


def _change_project(
    package: model.Package,
    stored: dict[str, Any],
    project: dict[str, Any],
    datasets: list[str] | None,
    *,
    is_replaced: bool,
) -> bool:
    """Let what reviewers look at say something else.

    :param stored: what it says
    :param datasets: ids of those that it is to have, or None
    :param is_replaced: whether its picture goes
    :returns: whether it does: else what they have read is what there is
    """
    is_linked = datasets is not None and (
        proposed.linked_datasets(package.id).keys() != set(datasets)
    )
    is_said = is_replaced or not proposed.is_same(stored, project)
    if datasets is not None and is_linked:
        proposed.link(package.id, datasets)
    if is_said or is_linked:
        proposed.change(package, project, is_replaced=is_replaced)
    return is_said or is_linked


def _change_payload(
    proposal: Proposal, project: dict[str, Any], datasets: list[str] | None
) -> None:
    """Let a proposal that is not confirmed yet say something else."""
    if proposal.picture:
        project.pop(pictures.URL_FIELD, None)
    said = {name: value for name, value in project.items() if value}
    if datasets is None:
        datasets = proposal.payload["datasets"]
    proposal.payload = {"project": said, "datasets": datasets}


def _going_on(proposal: Proposal, held: Purpose | None) -> dict[str, str]:
    """The token by which a proposal goes on, for who has changed it.

    An account is no proof of the address: only who came by the link of its
    mail gets what confirms it.

    :param held: what the link was good for by which they came, if any
    """
    if proposal.state != ProposalState.UNCONFIRMED.value:
        return {"token": token_of(proposal)}
    if held is not Purpose.PROPOSAL_CONFIRM:
        return {}
    return {"token": tokens.make(held, proposal.id, proposal.token_key)}


@tk.validate_action_data(reasons.ending)
def digifarm_proposal_withdraw(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Take back a proposal before it is decided on.

    You must be its proposer, by account or link.

    :param id: id of the proposal
    :type id: string
    :param token: instead of `id`: of a link to it that was sent by mail
    :type token: string
    :param reason: why; reviewers read it (optional)
    :type reason: string
    :param reason_code: why in short, a choice of the schema file: one of
        `reasons`, `ending` (optional)
    :type reason_code: string

    :returns: `id` and `state`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such proposal
    :raises NotAuthorized: where it is not yours
    :raises ValidationError: where it is decided already
    """
    return answer(
        WORKFLOW.take("digifarm_proposal_withdraw", context, data_dict)
    )
