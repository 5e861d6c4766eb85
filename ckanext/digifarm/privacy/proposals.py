"""People who have proposed a project."""

from __future__ import annotations

from datetime import datetime

import ckantoolkit as tk
import sqlalchemy as sa

from ckan import model

from .. import activity, tokens
from ..logic.context import of_portal
from ..model import (
    OPEN_STATES,
    Event,
    Mail,
    Proposal,
    ProposalState,
    Subject,
)
from . import rows


def of(email: str) -> list[Proposal]:
    """What was proposed with an address, locked."""
    return rows.holding(email, Proposal.proposer_email)


def erase(email: str) -> int:
    """Forget whoever has an address; commits, proposal by proposal.

    What waits is withdrawn, without a mail, and what was not approved is
    purged with its project. An approved project stays.

    :returns: how many rows were changed or deleted
    """
    ids = [row.id for row in of(email)]
    model.Session.rollback()
    for id_ in ids:
        # Meanwhile a reviewer may have decided.
        for proposal in _locked(Proposal.id == id_):
            _erase(proposal)
            model.Session.commit()
    return len(ids)


def delete_unconfirmed(before: datetime) -> int:
    """Delete what nobody has confirmed in time; commits nothing."""
    return rows.delete(
        _locked(
            Proposal.state == ProposalState.UNCONFIRMED.value,
            Proposal.created < before,
        )
    )


def forget(before: datetime) -> int:
    """Forget who proposed what was taken over; commits nothing."""
    found = _decided(before, is_kept=True)
    for proposal in found:
        _forget(proposal)
    return len(found)


def purge(before: datetime) -> int:
    """Delete what nobody took over, with its project; commits.

    :returns: how many projects were deleted
    """
    ids = [proposal.id for proposal in _decided(before, is_kept=False)]
    model.Session.rollback()
    for id_ in ids:
        for proposal in _locked(Proposal.id == id_):
            _purge(proposal)
    model.Session.commit()
    return len(ids)


def _erase(proposal: Proposal) -> None:
    """Delete a proposal with its project, or only forget who proposed it."""
    if proposal.state == ProposalState.UNCONFIRMED.value:
        model.Session.delete(proposal)
    elif proposal.state in [state.value for state in OPEN_STATES]:
        Event.record(
            Subject.PROPOSAL, proposal.id, ProposalState.WITHDRAWN.value, None
        )
        _purge(proposal)
    elif _is_kept(proposal):
        proposal.user_id = None
        _forget(proposal)
    else:
        _purge(proposal)


def _purge(proposal: Proposal) -> None:
    """Delete a proposal with its project: it says what a person wrote.

    Core commits here, all of it or nothing.
    """
    _forget_words(proposal)
    project = {"id": proposal.project_id or ""}
    activity.forget(project["id"])
    # The proposal goes with the package.
    tk.get_action("dataset_purge")(of_portal(), project)


def _forget(proposal: Proposal) -> None:
    """Forget who proposed a project; the link to claim it is of no use then.

    Who owns it is a matter of accounts.
    """
    proposal.proposer_name = ""
    proposal.proposer_email = ""
    proposal.token_key = tokens.new_key()
    _forget_words(proposal)


def _forget_words(proposal: Proposal) -> None:
    """Forget reasons, and mails that wait: those to reviewers, too."""
    for event in Event.of(Subject.PROPOSAL, proposal.id):
        event.reason = ""
    model.Session.execute(
        sa.delete(Mail).where(Mail.subject_id == proposal.id)
    )


def _is_kept(proposal: Proposal) -> bool:
    """Whether somebody has taken over what was proposed: by a decision, or by
    restoring its project.
    """
    project = model.Package.get(proposal.project_id)
    return bool(
        proposal.state == ProposalState.APPROVED.value
        or (project and project.state == model.State.ACTIVE)
    )


def _decided(before: datetime, *, is_kept: bool) -> list[Proposal]:
    """Proposals on which nobody decides any more, and of which something is
    left to forget, locked.

    :param is_kept: those whose projects are there, or the others
    """
    found = _locked(
        Proposal.state.in_(
            [
                ProposalState.APPROVED.value,
                ProposalState.DECLINED.value,
                ProposalState.WITHDRAWN.value,
            ]
        ),
        Proposal.modified < before,
    )
    return [
        proposal
        for proposal in found
        if _is_kept(proposal) == is_kept
        and not (
            is_kept
            and not proposal.proposer_name
            and not proposal.proposer_email
        )
    ]


def _locked(*conditions: sa.ColumnElement[bool]) -> list[Proposal]:
    """Proposals, locked."""
    return list(
        model.Session.scalars(
            sa.select(Proposal)
            .where(*conditions)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
