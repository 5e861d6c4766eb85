from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from .. import config
from ..lib.actors import Actor
from ..lib.events import CLAIMED
from ..projects.helpers import digifarm_picture
from .model import OPEN_STATES, REFUSED_STATES, Proposal, ProposalState
from .workflow import WORKFLOW as PROPOSALS


def digifarm_proposal_picture(
    proposal: dict[str, Any], token: str = ""
) -> str:
    """The address of a proposal's picture, or "".

    :param proposal: as :py:func:`digifarm_proposal_show` gives it
    :param token: of the link that the reader has followed, if any
    """
    if address := digifarm_picture(proposal["project"]):
        return address
    if not proposal["has_picture"]:
        return ""
    if token:
        return tk.url_for("digifarm_proposals.picture_by_link", token=token)
    return tk.url_for("digifarm_proposals.picture", id=proposal["id"])


def digifarm_proposal_state(state: str) -> str:
    """What the state of a proposal means to its proposer."""
    words = {
        ProposalState.UNCONFIRMED: tk._("Please confirm your proposal first."),
        ProposalState.PENDING: tk._(
            "The city’s team looks at it. You get a mail when they have"
            " decided."
        ),
        ProposalState.CHANGES_REQUESTED: tk._(
            "Before the city’s team can decide, something should change."
            " Their words are below."
        ),
        ProposalState.APPROVED: tk._("Your project is public. Thank you!"),
        ProposalState.DECLINED: tk._(
            "The city’s team has declined the proposal. Their words are below."
        ),
        ProposalState.WITHDRAWN: tk._("The proposal was withdrawn."),
        ProposalState.HIDDEN: tk._(
            "The city’s team has hidden the project for now. Their words are"
            " below."
        ),
    }
    return words[ProposalState(state)]


def digifarm_is_proposal(project: dict[str, Any]) -> bool:
    """Whether a project is a proposal on which nobody has decided yet."""
    return bool(Proposal.of_project(project["id"], OPEN_STATES))


def digifarm_is_refused(project: dict[str, Any]) -> bool:
    """Whether a project is a proposal that was declined or withdrawn."""
    return bool(Proposal.of_project(project["id"], REFUSED_STATES))


def digifarm_proposal_step(state: str) -> str:
    """The word for a state of a proposal, or for the step that led there.

    :param state: of a proposal, or of an event
    """
    if state == CLAIMED:
        return tk._("Taken on")
    words = {
        ProposalState.UNCONFIRMED: tk._("Sent, not confirmed yet"),
        ProposalState.PENDING: tk._("Submitted"),
        ProposalState.CHANGES_REQUESTED: tk._("Changes requested"),
        ProposalState.APPROVED: tk._("Approved"),
        ProposalState.DECLINED: tk._("Declined"),
        ProposalState.WITHDRAWN: tk._("Withdrawn"),
        ProposalState.HIDDEN: tk._("Hidden"),
    }
    return words[ProposalState(state)]


def digifarm_proposal_steps(state: str) -> list[str]:
    """What reviewers can do with a proposal now, in order.

    :returns: ends of names of actions: `approve`, `request_changes`, `decline`
    """
    found = {
        action.removeprefix("digifarm_proposal_")
        for action in PROPOSALS.steps(ProposalState(state), Actor.REVIEWER)
    }
    return [s for s in ("approve", "request_changes", "decline") if s in found]


def digifarm_hidden(project: dict[str, Any]) -> dict[str, str]:
    """Why the city's team has hidden a project, for those who edit it.

    :returns: `since` and `reason`; nothing where it is not hidden
    """
    if not project.get("private"):
        return {}
    found = tk.get_action("digifarm_project_hidden")
    return found({}, {"id": project["id"]})


def digifarm_project_changes(proposal: dict[str, Any]) -> dict[str, Any]:
    """What is different since a reviewer has seen a project.

    :param proposal: as :py:func:`digifarm_proposal_show` gives it
    :returns: as :py:func:`digifarm_project_changes` gives it, or nothing
    """
    found = tk.get_action("digifarm_project_changes")
    return found({}, {"id": proposal["id"]}) or {}


def digifarm_takes_proposals() -> bool:
    """Whether the portal has somebody who reviews proposals."""
    return bool(config.review_organization())


def digifarm_show_propose_in_navigation() -> bool:
    """Whether the main navigation leads to the form for proposals."""
    return digifarm_takes_proposals() and config.show_propose_in_navigation()
