"""The mails about proposals."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from .. import config
from ..lib import outbox, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import model
from ..lib.language import known, speaking
from ..lib.outbox import Recipient
from ..lib.tokens import Purpose
from .model import Proposal, ProposalState


def send(template: str, to: Actor, proposal: Proposal, **values: Any) -> None:
    """Write a mail about a proposal to one side; commits nothing.

    :param template: name of the mail's template
    :param to: who gets it
    :param values: what the template says besides
    """
    recipients, address = {
        Actor.PROPOSER: (proposer, link_for_proposer),
        Actor.PROJECT: (_team, _project),
        Actor.REVIEWER: (_reviewers, _review),
    }[to]
    for recipient in recipients(proposal):
        with speaking(recipient.language):
            link = address(proposal)
        outbox.write(
            f"proposals/emails/{template}",
            recipient,
            subject_id=proposal.id,
            link=link,
            **{**_values(proposal), **values},
        )


def _reviewers(_: Proposal) -> list[Recipient]:
    return people.recipients(people.reviewers())


def _team(proposal: Proposal) -> list[Recipient]:
    """Who looks after the project that a proposal became."""
    project = model.Package.get(proposal.project_id)
    return people.recipients(people.of_project(project)) if project else []


def _project(proposal: Proposal) -> str:
    return tk.h.url_for(
        "civic_project.read", id=proposal.project_id, qualified=True
    )


def proposer(proposal: Proposal) -> list[Recipient]:
    """How the proposer is written to, if that is known."""
    if not proposal.proposer_email:
        return []
    # Until it is confirmed, anybody may have written anything there.
    is_known = proposal.state != ProposalState.UNCONFIRMED.value
    name = proposal.proposer_name if is_known else ""
    language = known(proposal.language)
    return [outbox.outsider(proposal.proposer_email, name, language)]


def link_for_proposer(proposal: Proposal) -> str:
    """The address by which a proposal is followed, or confirmed."""
    if proposal.state == ProposalState.UNCONFIRMED.value:
        page, purpose = "confirm", Purpose.PROPOSAL_CONFIRM
    else:
        page, purpose = "by_link", Purpose.PROPOSAL
    token = tokens.make(purpose, proposal.id, proposal.token_key)
    return tk.h.url_for(
        f"digifarm_proposals.{page}", token=token, qualified=True
    )


def _review(proposal: Proposal) -> str:
    return tk.h.url_for(
        "digifarm_reviews.read", id=proposal.id, qualified=True
    )


def _values(proposal: Proposal) -> dict[str, Any]:
    """What the templates say of a proposal."""
    project = model.Package.get(proposal.project_id)
    # Until it is confirmed, anybody may have written anything there.
    return {
        "proposal": proposal,
        "project": project,
        "title": project.title if project else "",
        "days": config.token_days(),
    }
