"""How a proposal begins and goes on, by the table of transitions."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ckan import model
from ckan.types import Context, DataDict

from .. import clock, jobs, pictures, search
from ..model import REFUSED_STATES, Event, Proposal, ProposalState, Subject
from ..tokens import Purpose
from . import ownership, proposal_notices, proposed, rows, transitions
from .context import user_id
from .errors import refuse
from .transitions import Transition


def begin(
    context: Context, transition: Transition, proposal: Proposal
) -> None:
    """Bring a proposal into being; commits nothing.

    :raises IntegrityError: where the same form was sent already
    """
    proposal.state = transition.target.value
    with model.Session.begin_nested():
        model.Session.add(proposal)
    if transition.target is ProposalState.PENDING:
        make_project(proposal)
    _record(context, transition, proposal, "")


def make_project(proposal: Proposal) -> None:
    """Make of a proposal what reviewers look at; commits nothing."""
    said = dict(proposal.payload["project"])
    if proposal.picture:
        said[pictures.UPLOAD_FIELD] = pictures.file(proposal.picture)
    proposal.project_id = proposed.create(
        said, proposal.payload["datasets"], proposal.user_id
    )
    # What the package holds now would be kept twice.
    proposal.payload, proposal.picture = {}, None


def locked(data_dict: DataDict, *purposes: Purpose) -> Proposal:
    """The proposal that an `id` or a `token` names; see `rows.locked`.

    :param purposes: what the token may be good for, besides the usual steps
    """
    return rows.locked(
        Proposal,
        data_dict,
        Purpose.PROPOSAL,
        *purposes,
        missing=tk._("Proposal not found"),
    )


def found(data_dict: DataDict, *purposes: Purpose) -> Proposal:
    """The same proposal for reading; see `rows.found`."""
    return rows.found(
        Proposal,
        data_dict,
        Purpose.PROPOSAL,
        *purposes,
        missing=tk._("Proposal not found"),
    )


def check(action: str, proposal: Proposal, field: str = "id") -> Transition:
    """The step that an action takes now.

    :param field: the parameter that names the proposal
    :raises ValidationError: where there is none from the proposal's state
    """
    state = ProposalState(proposal.state)
    transition = transitions.step(action, state)
    if transition is None:
        refuse(field, _not_possible(state))
    return transition


def project_of(proposal: Proposal) -> model.Package:
    """The project that a proposal became, locked.

    :raises ValidationError: where it is not there any more
    """
    project = model.Session.get(
        model.Package,
        proposal.project_id,
        with_for_update=True,
        populate_existing=True,
    )
    if project is None or project.state != model.State.ACTIVE:
        refuse("id", tk._("The project of this proposal has been deleted"))
    return project


def go_on(
    context: Context,
    transition: Transition,
    proposal: Proposal,
    reason: str = "",
) -> None:
    """Take a step; commits nothing.

    Links to follow the proposal stay good: what can be done by them depends
    on its state.

    :param reason: why, in the words of who takes it
    """
    proposal.state = transition.target.value
    proposal.modified = clock.now()
    values: dict[str, Any] = {}
    project = model.Package.get(proposal.project_id)
    if project and transition.target in REFUSED_STATES:
        project.state = model.State.DELETED
        # Until it is indexed, core would else show what the index says.
        project.metadata_modified = clock.now()
    if project and transition.target is ProposalState.APPROVED:
        email = proposal.proposer_email
        values["entry"] = ownership.give(project, proposal, email)
    model.Session.flush()
    _record(context, transition, proposal, reason, **values)


def _record(
    context: Context,
    transition: Transition,
    proposal: Proposal,
    reason: str,
    **values: Any,
) -> None:
    if proposal.project_id:
        jobs.later(search.reindex, proposal.project_id)
    user = user_id(context)
    Event.record(Subject.PROPOSAL, proposal.id, proposal.state, user, reason)
    proposal_notices.tell(transition, proposal, reason, **values)


def _not_possible(state: ProposalState) -> str:
    return {
        ProposalState.UNCONFIRMED: tk._("This proposal is not confirmed yet"),
        ProposalState.PENDING: tk._("This proposal waits for a decision"),
        ProposalState.CHANGES_REQUESTED: tk._(
            "This proposal waits for its proposer’s changes"
        ),
        ProposalState.APPROVED: tk._("This proposal is approved already"),
        ProposalState.DECLINED: tk._("This proposal is declined already"),
        ProposalState.WITHDRAWN: tk._("This proposal was withdrawn"),
    }[state]
