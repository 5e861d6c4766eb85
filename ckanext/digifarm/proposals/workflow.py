"""The life of a proposal. docs/proposals.md has the same table in words."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from typing_extensions import override

from ..lib import index, lookups, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import Context, DataDict, model
from ..lib.context import user_id
from ..lib.errors import UsedLink, refuse
from ..lib.events import Change, Event, Subject
from ..lib.permissions import is_reviewer, is_sysadmin
from ..lib.step import Step
from ..lib.tokens import Purpose
from ..lib.transitions import Transition
from ..lib.workflow import Workflow
from ..owners import ownership
from . import mails, packages, seen
from .model import (
    REFUSED_STATES,
    Proposal,
    ProposalState,
)

#: Reviewers have read what leads there.
SEEN_STATES = frozenset(
    {
        ProposalState.CHANGES_REQUESTED,
        ProposalState.APPROVED,
        ProposalState.HIDDEN,
    }
)

_S = ProposalState
_A = Actor

#: Shows a project again that was hidden.
GIVE_BACK = "digifarm_project_give_back"

TRANSITIONS = (
    Transition(
        "digifarm_proposal_submit",
        None,
        _S.UNCONFIRMED,
        (_A.ANYBODY,),
        {_A.PROPOSER: "proposal_confirm"},
    ),
    Transition(
        "digifarm_proposal_submit",
        None,
        _S.PENDING,
        (_A.USER,),
        {_A.PROPOSER: "proposal_received", _A.REVIEWER: "proposal_pending"},
    ),
    Transition(
        "digifarm_proposal_confirm",
        _S.UNCONFIRMED,
        _S.PENDING,
        (_A.PROPOSER,),
        {_A.PROPOSER: "proposal_received", _A.REVIEWER: "proposal_pending"},
    ),
    # No mail has arrived, or the address was wrong.
    Transition(
        "digifarm_proposal_resend",
        _S.UNCONFIRMED,
        _S.UNCONFIRMED,
        (_A.ANYBODY,),
        {_A.PROPOSER: "proposal_confirm"},
    ),
    # Before it is confirmed, nobody has read it.
    Transition(
        "digifarm_proposal_update",
        _S.UNCONFIRMED,
        _S.UNCONFIRMED,
        (_A.PROPOSER,),
    ),
    # Reviewers see it where they decide; its place in their queue stays.
    Transition(
        "digifarm_proposal_update",
        _S.PENDING,
        _S.PENDING,
        (_A.PROPOSER,),
        is_noted=True,
    ),
    Transition(
        "digifarm_proposal_request_changes",
        _S.PENDING,
        _S.CHANGES_REQUESTED,
        (_A.REVIEWER,),
        {_A.PROPOSER: "proposal_changes"},
    ),
    Transition(
        "digifarm_proposal_update",
        _S.CHANGES_REQUESTED,
        _S.PENDING,
        (_A.PROPOSER,),
        {_A.PROPOSER: "proposal_received", _A.REVIEWER: "proposal_pending"},
    ),
    *(
        Transition(action, source, target, (actor,), {told: mail})
        for source in (_S.PENDING, _S.CHANGES_REQUESTED)
        for action, target, actor, told, mail in (
            (
                "digifarm_proposal_approve",
                _S.APPROVED,
                _A.REVIEWER,
                _A.PROPOSER,
                "proposal_approved",
            ),
            (
                "digifarm_proposal_decline",
                _S.DECLINED,
                _A.REVIEWER,
                _A.PROPOSER,
                "proposal_declined",
            ),
            (
                "digifarm_proposal_withdraw",
                _S.WITHDRAWN,
                _A.PROPOSER,
                _A.REVIEWER,
                "proposal_withdrawn",
            ),
        )
    ),
    # What came through review can be hidden, and comes back by review alone.
    Transition(
        "digifarm_project_hide",
        _S.APPROVED,
        _S.HIDDEN,
        (_A.REVIEWER,),
        {_A.PROJECT: "project_hidden"},
    ),
    Transition(
        GIVE_BACK,
        _S.HIDDEN,
        _S.APPROVED,
        (_A.REVIEWER,),
        {_A.PROJECT: "project_given_back"},
    ),
    # Whoever put it forward is forgotten, or doesn't answer.
    Transition("forget", _S.PENDING, _S.WITHDRAWN, (_A.PORTAL,)),
    Transition("forget", _S.CHANGES_REQUESTED, _S.WITHDRAWN, (_A.PORTAL,)),
)


class ProposalWorkflow(Workflow[Proposal]):
    """How a proposal begins and goes on.

    Links to follow it stay good: what can be done by them depends on its
    state.
    """

    subject = Subject.PROPOSAL
    model = Proposal
    states = ProposalState
    transitions = TRANSITIONS
    purpose = Purpose.PROPOSAL
    waits = {
        _S.PENDING: _A.REVIEWER,
        _S.CHANGES_REQUESTED: _A.PROPOSER,
        _S.HIDDEN: _A.PROJECT,
    }

    @override
    def missing(self) -> str:
        return tk._("Proposal not found")

    @override
    def not_possible(self, state: ProposalState) -> str:
        return {
            _S.UNCONFIRMED: tk._("This proposal is not confirmed yet"),
            _S.PENDING: tk._("This proposal waits for a decision"),
            _S.CHANGES_REQUESTED: tk._(
                "This proposal waits for its proposer’s changes"
            ),
            _S.APPROVED: tk._("This proposal is approved already"),
            _S.DECLINED: tk._("This proposal is declined already"),
            _S.WITHDRAWN: tk._("This proposal was withdrawn"),
            _S.HIDDEN: tk._("This project is hidden already"),
        }[state]

    @override
    def refused(self, context: Context, actors: Collection[Actor]) -> str:
        if Actor.REVIEWER in actors and is_reviewer(context.get("user")):
            return tk._("You can’t decide on your own proposal")
        return tk._("This proposal is not for you")

    @override
    def by_token(self, token: str, *purposes: Purpose) -> Proposal:
        """The proposal that a link is about; it is confirmed once."""
        row = super().by_token(token, *purposes)
        is_confirmed = row.state != _S.UNCONFIRMED.value
        if is_confirmed and tokens.is_for(token, Purpose.PROPOSAL_CONFIRM):
            raise UsedLink(row, self.now(row))
        return row

    @override
    def now(self, row: Proposal) -> str:
        return {
            _S.UNCONFIRMED: "",
            _S.PENDING: tk._(
                "Your proposal is confirmed, and the city’s team reads it."
            ),
            _S.CHANGES_REQUESTED: tk._(
                "The city’s team has asked for changes to your proposal."
            ),
            _S.APPROVED: tk._("Your proposal has been approved."),
            _S.DECLINED: tk._("Your proposal has been declined."),
            _S.WITHDRAWN: tk._("Your proposal was withdrawn."),
            _S.HIDDEN: tk._("The city’s team has hidden the project."),
        }[ProposalState(row.state)]

    @override
    def is_actor(
        self,
        actor: Actor,
        context: Context,
        row: Proposal,
        data_dict: DataDict,
    ) -> bool:
        if actor is Actor.REVIEWER:
            return is_decider(context, row)
        if actor is Actor.PROPOSER:
            return is_proposer(context, row, data_dict)
        return False

    @override
    def users(self, actor: Actor, row: Proposal) -> list[model.User]:
        if actor is Actor.REVIEWER:
            # Nobody decides on their own one.
            found = people.reviewers()
            return [user for user in found if not _is_own(user, row)]
        if actor is Actor.PROJECT:
            project = model.Package.get(row.project_id)
            if project and project.state == model.State.ACTIVE:
                return people.of_project(project)
            return []
        proposer = model.User.get(row.user_id)
        return [proposer] if proposer and proposer.is_active else []

    @override
    def send(
        self, template: str, to: Actor, row: Proposal, **values: Any
    ) -> None:
        mails.send(template, to, row, **values)

    @override
    def follow(self, step: Step[Proposal]) -> None:
        """Let the project that a proposal became be what the state says."""
        proposal, target = step.row, step.transition.target
        if target is _S.PENDING and proposal.project_id is None:
            packages.make(proposal)
            seen.mark(proposal.project_id or "")
        if target in REFUSED_STATES:
            packages.refuse(proposal)
        project = model.Package.get(proposal.project_id)
        if project and target in SEEN_STATES and step.is_change:
            # What they have decided on is what they have seen.
            seen.mark(project.id)
        is_approval = step.transition.action == "digifarm_proposal_approve"
        if is_approval and project:
            Event.record(
                Subject.PROJECT,
                project.id,
                Change.APPROVED,
                None,
                target.value,
                project=project,
            )
            email = proposal.proposer_email
            step.values["entry"] = ownership.give(project, proposal, email)
        if proposal.project_id:
            index.reindex_later(proposal.project_id)


WORKFLOW = ProposalWorkflow()


def is_decider(context: Context, proposal: Proposal) -> bool:
    """Whether the user may decide on a proposal.

    Nobody decides on what they have proposed themselves, with the account or
    with its address, but a sysadmin may.
    """
    if is_sysadmin(context):
        return True
    user = model.User.get(context.get("user"))
    return bool(
        user and is_reviewer(user.name) and not _is_own(user, proposal)
    )


def is_proposer(
    context: Context, proposal: Proposal, data_dict: DataDict
) -> bool:
    """Whether somebody has put a proposal forward.

    :param data_dict: `id` of the proposal, and perhaps a `token`: until it is
        confirmed, also that of the link that does so
    """
    user = user_id(context)
    purposes = [Purpose.PROPOSAL]
    if proposal.state == _S.UNCONFIRMED.value:
        purposes.append(Purpose.PROPOSAL_CONFIRM)
    return lookups.holds(Proposal, data_dict, *purposes) or (
        user is not None and proposal.user_id == user
    )


def project_of(proposal: Proposal) -> model.Package:
    """The project that a proposal became, locked.

    :raises ValidationError: where it is not there any more
    """
    project = lookups.lock_by_id(model.Package, proposal.project_id)
    if project is None or project.state != model.State.ACTIVE:
        refuse("id", tk._("The project of this proposal has been deleted"))
    return project


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


def _is_own(user: model.User, proposal: Proposal) -> bool:
    email = (user.email or "").casefold()
    return user.id == proposal.user_id or (
        bool(email) and email == proposal.proposer_email.casefold()
    )
