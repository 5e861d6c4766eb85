"""How a proposal begins and goes on, by the table of transitions."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ckan import model
from ckan.types import Context, DataDict

from .. import clock, jobs, pictures, search
from ..model import REFUSED_STATES, Event, Proposal, ProposalState, Subject
from ..tokens import Purpose
from . import ownership, proposal_notices, proposed, rows, transitions
from .context import user_id
from .errors import refuse
from .transitions import Transition

log = logging.getLogger(__name__)


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
    proposal.project_id = _created(proposal)
    # What the package holds now would be kept twice. The picture stays here:
    # everybody could see it in the storage.
    proposal.payload = {}


def _created(proposal: Proposal) -> str:
    """The id of a new project.

    Another one of the same title may come at the same moment and get the
    name; then this one gets the next.
    """
    try:
        return _create(proposal)
    except IntegrityError as e:
        log.info("The name of a project was taken just now: %s", e)
        return _create(proposal)


def _create(proposal: Proposal) -> str:
    with model.Session.begin_nested():
        project_id = proposed.create(
            proposal.payload["project"],
            proposal.payload["datasets"],
        )
        model.Session.flush()
    return project_id


@contextmanager
def picture_public(
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


def check(action: str, proposal: Proposal) -> Transition:
    """The step that an action takes now.

    :raises ValidationError: where there is none from the proposal's state
    """
    state = ProposalState(proposal.state)
    transition = transitions.step(action, state)
    if transition is None:
        refuse("id", _not_possible(state))
    return transition


def version(proposal: Proposal) -> str:
    """What stands for all that a proposal says now: when it last changed."""
    project = model.Package
    edited = model.Session.scalar(
        sa.select(project.metadata_modified).where(
            project.id == proposal.project_id
        )
    )
    return max(filter(None, (proposal.modified, edited))).isoformat()


def check_version(proposal: Proposal, read: str | None) -> None:
    """Let nobody decide on what they haven't read.

    :param read: the version that they have read, or None where they don't say
    :raises ValidationError: where it has changed since
    """
    if read is not None and read != version(proposal):
        refuse(
            "version",
            tk._(
                "The proposal has changed since you have opened this page."
                " Please read it once more."
            ),
        )


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
    if transition.target in REFUSED_STATES:
        proposal.picture = None
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
