"""What becomes of the project of a proposal, as its state changes."""

from __future__ import annotations

import logging

from sqlalchemy.exc import IntegrityError

from ..lib import clock
from ..lib.ckan import model
from . import proposed
from .model import Proposal, ProposalState

log = logging.getLogger(__name__)


def make(proposal: Proposal) -> None:
    """Make of a proposal what reviewers look at; commits nothing.

    Another one of the same title may come at the same moment and get the
    name; then this one gets the next.
    """
    try:
        proposal.project_id = _create(proposal)
    except IntegrityError as e:
        # Its words hold what is proposed.
        log.info("A project could not be made: %s", type(e).__name__)
        proposal.project_id = _create(proposal)
    # What the package holds now would be kept twice. The picture stays here:
    # everybody could see it in the storage.
    proposal.payload = {}


def _create(proposal: Proposal) -> str:
    with model.Session.begin_nested():
        project_id = proposed.create(
            proposal.payload["project"],
            proposal.payload["datasets"],
        )
        model.Session.flush()
    return project_id


def show(proposal: Proposal, project: model.Package) -> None:
    """Let everybody read a project, or its people and reviewers only.

    Commits nothing.

    :param proposal: what it was; its state says which
    """
    project.private = proposal.state == ProposalState.HIDDEN.value
    # Later means that somebody has edited it since.
    project.metadata_modified = proposal.modified


def refuse(proposal: Proposal) -> None:
    """Delete the project of a proposal that is refused; commits nothing."""
    proposal.picture = None
    project = model.Package.get(proposal.project_id)
    if project:
        project.state = model.State.DELETED
        # Until it is indexed, core would else show what the index says.
        project.metadata_modified = clock.now()
