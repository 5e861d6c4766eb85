from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ckan import model
from ckan.types import Context, DataDict

from ... import activity, duplicates, pictures, search
from ...lib.context import of_portal, user_id
from ...lib.errors import refuse
from ...model import OPEN_STATES, Link, Proposal
from ...proposals.workflow import WORKFLOW, check_version, project_of
from .. import owners, proposed, schema
from .proposals import known_organizations, summary


@tk.side_effect_free
@tk.validate_action_data(schema.proposal_list)
def digifarm_proposal_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Proposals that are confirmed.

    You must be a reviewer; for your own ones, logged in.

    :param state: states that are wanted (optional, default: all)
    :type state: list of strings
    :param mine: only your own ones (optional, default: no)
    :type mine: bool
    :param edited: only approved ones whose project was edited after the
        approval, the last edit first (optional, default: no)
    :type edited: bool
    :param limit: how many at most (optional, default: 20)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`: first those that wait, the longest
        first, then those that are settled, the last first. Each with `id`,
        `state`, `created`, `modified`, `project` (`title`, `private`,
        `metadata_modified` and, once it is public, `id` and `name`),
        `edited` (whether the project was edited after the approval),
        `license_status` and `num_links`; for reviewers also
        `proposer_name`, `proposer_email`, `user_id` and, while it waits,
        `num_duplicates`
    :rtype: dictionary

    :raises NotAuthorized: where you ask for those of others and are no
        reviewer
    """
    tk.check_access("digifarm_proposal_list", context, data_dict)
    conditions: list[sa.ColumnElement[bool]] = [
        Proposal.project_id.is_not(None)
    ]
    if data_dict["mine"]:
        conditions.append(Proposal.user_id == (user_id(context) or ""))
    if data_dict["state"]:
        conditions.append(Proposal.state.in_(data_dict["state"]))
    if data_dict["edited"]:
        conditions.append(Proposal.is_edited())
    rows = Proposal.with_project(
        *conditions,
        last_edit_first=data_dict["edited"],
        limit=min(data_dict["limit"], tk.config["ckan.search.rows_max"]),
        offset=data_dict["offset"],
    )
    return {
        "count": Proposal.count(*conditions),
        "results": _listed(context, rows, is_mine=data_dict["mine"]),
    }


@tk.validate_action_data(schema.proposal_decision)
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


@tk.validate_action_data(schema.proposal_decision)
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
        organization = owners.organization(data_dict["organization"])
        if organization is None:
            refuse("organization", tk._("There is no such organisation"))
        if complaint := proposed.license_complaint(project.extras):
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


def _listed(
    context: Context,
    rows: list[tuple[Proposal, model.Package]],
    *,
    is_mine: bool,
) -> list[dict[str, Any]]:
    links = Link.counts([project.id for _, project in rows])
    likely = {} if is_mine else _num_duplicates(context, rows)
    return [
        {
            **summary(proposal),
            "project": _project(project, with_name=not is_mine),
            "edited": proposal.was_edited(project),
            "license_status": search.license_status(project.extras).value,
            "num_links": links.get(project.id, 0),
            **({} if is_mine else _for_reviewers(proposal)),
            **likely.get(proposal.id, {}),
        }
        for proposal, project in rows
    ]


def _project(project: model.Package, *, with_name: bool) -> dict[str, Any]:
    """What a list says of a project.

    :param with_name: even while it isn't public: to others its name may tell
        of another one that has the same title
    """
    name = with_name or not project.private
    return {
        "title": project.title or project.name,
        "private": project.private,
        "metadata_modified": project.metadata_modified.isoformat(),
        **({"id": project.id, "name": project.name} if name else {}),
    }


def _for_reviewers(proposal: Proposal) -> dict[str, Any]:
    return {
        "proposer_name": proposal.proposer_name,
        "proposer_email": proposal.proposer_email,
        "user_id": proposal.user_id,
    }


def _num_duplicates(
    context: Context, rows: list[tuple[Proposal, model.Package]]
) -> dict[str, dict[str, int]]:
    """How many are likely the same as each that nobody has decided on."""
    waiting = [
        (proposal, project)
        for proposal, project in rows
        if proposal.state in [state.value for state in OPEN_STATES]
    ]
    likely = duplicates.likely_of_each(
        [
            duplicates.Asked(
                project.title or "",
                project.extras.get("source_url", ""),
                project.id,
            )
            for _, project in waiting
        ],
        private_of=known_organizations(context),
    )
    return {
        proposal.id: {"num_duplicates": len(found)}
        for (proposal, _), found in zip(waiting, likely, strict=True)
    }
