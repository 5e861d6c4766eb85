"""What reviewers do with projects that came through them."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import index
from ..lib.ckan import Context, DataDict
from ..lib.context import commit
from ..lib.errors import refuse
from . import packages, schema, seen
from .workflow import WORKFLOW, check_version, project_of


@tk.validate_action_data(schema.project_seen)
def digifarm_project_seen(context: Context, data_dict: DataDict) -> None:
    """Note that you have seen what has changed of a project.

    It leaves the list of edited ones until somebody edits it once more. You
    must be a reviewer.

    :param id: id of the proposal that it was
    :type id: string
    :param version: what you have read, as `digifarm_proposal_show` names it;
        where it has changed since, nothing is noted (optional)
    :type version: string

    :raises ObjectNotFound: where there is no such proposal
    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: where it is no project, or has changed since you
        have read it
    """
    proposal = WORKFLOW.get(data_dict["id"])
    tk.check_access("digifarm_project_seen", context, data_dict)
    if not proposal.is_kept:
        refuse("id", tk._("This proposal is no project"))
    # Nobody edits it meanwhile.
    project_of(proposal)
    check_version(proposal, data_dict.get("version"))
    seen.mark(proposal.project_id or "")
    commit(context)


@tk.validate_action_data(schema.project_hide)
def digifarm_project_hide(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Hide a project that came through review, until you give it back.

    Its owners are told why, and can still edit it; only reviewers can publish
    it again. You must be a reviewer, and not have proposed it, unless you are
    a sysadmin.

    :param id: id of the proposal that it was
    :type id: string
    :param reason: why, and what to change; its owners read it
    :type reason: string

    :returns: `id` and `state` of the proposal
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such proposal
    :raises NotAuthorized: where you are no reviewer, or it is your own
    :raises ValidationError: where it is no project, or hidden already
    """
    return _take("digifarm_project_hide", context, data_dict)


@tk.validate_action_data(schema.project_give_back)
def digifarm_project_give_back(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Publish a project again that reviewers have hidden.

    Its owners are told. You must be a reviewer, and not have proposed it,
    unless you are a sysadmin.

    :param id: id of the proposal that it was
    :type id: string
    :param reason: a word to its owners (optional)
    :type reason: string

    :returns: `id` and `state` of the proposal
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such proposal
    :raises NotAuthorized: where you are no reviewer, or it is your own
    :raises ValidationError: where it is not hidden
    """
    return _take("digifarm_project_give_back", context, data_dict)


def _take(
    action: str, context: Context, data_dict: DataDict
) -> dict[str, Any]:
    with WORKFLOW.step(action, context, data_dict) as step:
        project = project_of(step.row)
        check_version(step.row, data_dict.get("version"))
        if action == "digifarm_project_hide" and project.private:
            refuse("id", tk._("This project is not public"))
        step.write()
        packages.show(step.row, project)
        # Else it could be found until a worker comes to it.
        index.reindex(project.id)
    return {"id": step.row.id, "state": step.row.state}
