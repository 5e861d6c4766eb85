from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..confirmations.model import Confirmation
from ..lib import people
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, model
from ..lib.counting import number
from ..lib.events import Event, Subject
from ..owners import needs
from ..owners import queries as owner_queries
from ..partners.model import Partner
from ..projects import stages
from ..projects.lookups import package
from ..projects.schema import project_show
from ..upkeep import reading as upkeep
from . import seen
from .model import OPEN_STATES, Proposal, ProposalState
from .workflow import WORKFLOW


@tk.side_effect_free
def digifarm_review_counts(
    context: Context, data_dict: DataDict
) -> dict[str, int]:
    """How much there is in each part of the reviewers' queue.

    You must be a reviewer.

    :returns: `pending` and `changes`: proposals that wait for a decision, or
        for their proposers; `hidden`: projects that reviewers have hidden;
        `registrations`: partners that wait; `edited`:
        projects that were edited since a reviewer has seen them; `care`:
        projects that nobody looks after; `unconfirmed`: of which nobody says
        whether they are still as they say; `addresses`: addresses that
        somebody should look at. Of more than 500, 500 are counted
    :rtype: dictionary

    :raises NotAuthorized: where you are no reviewer
    """
    tk.check_access("digifarm_review_counts", context, data_dict)
    waiting = {
        state.value: number(
            sa.select(Proposal.id).where(
                Proposal.state == state.value,
                Proposal.project_id.is_not(None),
            )
        )
        for state in (*OPEN_STATES, ProposalState.HIDDEN)
    }
    package = model.package_table.c
    care = owner_queries.without_caretaker(
        PROJECT_TYPE,
        needs.CARE,
        stages.QUIET,
        with_owners=people.collaborate(),
    )
    return {
        "pending": waiting["pending"],
        "changes": waiting["changes_requested"],
        "hidden": waiting["hidden"],
        "registrations": Partner.num_proposed(),
        "edited": number(Proposal.edited_ids()),
        "care": number(sa.select(package.id).where(care)),
        "unconfirmed": number(Confirmation.undecided()),
        "addresses": upkeep.num_to_do(),
    }


@tk.side_effect_free
@tk.validate_action_data(lib_schema.step)
def digifarm_project_changes(
    context: Context, data_dict: DataDict
) -> dict[str, Any] | None:
    """What has changed of a project since a reviewer has seen it.

    You must be a reviewer.

    :param id: id of the proposal that it was
    :type id: string

    :returns: `since`, when that was, and `fields`, a list of dictionaries
        with `name` and `label` of each field, and its texts `before` and
        `now`; None where nobody knows what it said before
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such proposal, or no project
    :raises NotAuthorized: where you are no reviewer
    """
    proposal = WORKFLOW.get(data_dict.get("id", ""))
    tk.check_access("digifarm_project_changes", context, data_dict)
    if proposal.project_id is None:
        raise tk.ObjectNotFound(tk._("Civic project not found"))
    return seen.changes(proposal.project_id)


@tk.side_effect_free
@tk.validate_action_data(project_show)
def digifarm_project_hidden(
    context: Context, data_dict: DataDict
) -> dict[str, str]:
    """Why the city's team has hidden a project.

    You must be allowed to update it.

    :param id: id or name of the project
    :type id: string

    :returns: `since` and `reason`; nothing where it is not hidden
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not update it
    """
    project = package({"project": data_dict["id"]}, "project")
    tk.check_access("digifarm_project_hidden", context, {"id": project.id})
    proposal = Proposal.of_project(project.id, [ProposalState.HIDDEN])
    if proposal is None:
        return {}
    hidden = [
        event
        for event in Event.of(Subject.PROPOSAL, proposal.id)
        if event.action == "digifarm_project_hide"
    ]
    reason = hidden[-1].reason if hidden else ""
    return {"since": proposal.modified.isoformat(), "reason": reason}
