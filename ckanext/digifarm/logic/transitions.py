"""The lives of supports, partners, tasks and proposals: what becomes of them.

Actions, auth functions, mails, tests, docs/support.md, docs/tasks.md and
docs/proposals.md share the tables.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ..model import PartnerState, ProposalState, SupportState, TaskState

State = SupportState | PartnerState | TaskState | ProposalState


class Actor(str, enum.Enum):
    """Who may bring about a transition, or hears of it."""

    ANYBODY = "anybody"
    USER = "user"  # who is logged in
    PROJECT = "project"  # who may update the project
    #: Who offered it, by link or account; who may update the partner; for a
    #: request, whoever has the link that was sent to the partner.
    SUPPORTER = "supporter"
    PARTNER = "partner"  # who may update the partner
    CONTACT = "contact"  # who has the link that was sent to its address
    REVIEWER = "reviewer"
    #: Who has taken a task, or wants to: by link or account.
    TAKER = "taker"
    #: Who has put a project forward: by link or account.
    PROPOSER = "proposer"


@dataclass(frozen=True)
class Transition:
    """A step in the life of a support, a partner, a task or a proposal.

    :param action: the action that brings it about
    :param source: the state that it starts from; None where it comes into
        being
    :param target: the state that it leads to
    :param actors: who may
    :param mails: who is told, with the name of the mail's template
    """

    action: str
    source: State | None
    target: State
    actors: Collection[Actor]
    mails: Mapping[Actor, str] = field(default_factory=dict)


_S = SupportState
_A = Actor

SUPPORT = (
    Transition(
        "digifarm_support_create",
        None,
        _S.ACCEPTED,
        (_A.PROJECT,),
        {_A.SUPPORTER: "support_recorded"},
    ),
    Transition(
        "digifarm_support_offer",
        None,
        _S.UNCONFIRMED,
        (_A.ANYBODY,),
        {_A.SUPPORTER: "support_confirm"},
    ),
    Transition(
        "digifarm_support_offer",
        None,
        _S.OFFERED,
        (_A.USER,),
        {_A.SUPPORTER: "support_received", _A.PROJECT: "support_offered"},
    ),
    Transition(
        "digifarm_support_confirm",
        _S.UNCONFIRMED,
        _S.OFFERED,
        (_A.SUPPORTER,),
        {_A.SUPPORTER: "support_received", _A.PROJECT: "support_offered"},
    ),
    Transition(
        "digifarm_support_request",
        None,
        _S.REQUESTED,
        (_A.PROJECT,),
        {_A.SUPPORTER: "support_requested"},
    ),
    Transition(
        "digifarm_support_accept",
        _S.OFFERED,
        _S.ACCEPTED,
        (_A.PROJECT,),
        {_A.SUPPORTER: "support_accepted", _A.PROJECT: "support_accepted"},
    ),
    Transition(
        "digifarm_support_accept",
        _S.REQUESTED,
        _S.ACCEPTED,
        (_A.SUPPORTER,),
        {_A.SUPPORTER: "support_accepted", _A.PROJECT: "support_accepted"},
    ),
    Transition(
        "digifarm_support_decline",
        _S.OFFERED,
        _S.DECLINED,
        (_A.PROJECT,),
        {_A.SUPPORTER: "support_declined"},
    ),
    Transition(
        "digifarm_support_decline",
        _S.REQUESTED,
        _S.DECLINED,
        (_A.SUPPORTER,),
        {_A.PROJECT: "support_declined"},
    ),
    Transition(
        "digifarm_support_withdraw",
        _S.OFFERED,
        _S.WITHDRAWN,
        (_A.SUPPORTER,),
        {_A.PROJECT: "support_withdrawn"},
    ),
    Transition(
        "digifarm_support_withdraw",
        _S.REQUESTED,
        _S.WITHDRAWN,
        (_A.PROJECT,),
        {_A.SUPPORTER: "support_withdrawn"},
    ),
    Transition(
        "digifarm_support_end",
        _S.ACCEPTED,
        _S.ENDED,
        (_A.PROJECT, _A.SUPPORTER),
        {_A.SUPPORTER: "support_ended", _A.PROJECT: "support_ended"},
    ),
)


PARTNER = (
    Transition(
        "digifarm_partner_create",
        None,
        PartnerState.ACTIVE,
        (_A.PARTNER, _A.REVIEWER),
    ),
    Transition(
        "digifarm_partner_register",
        None,
        PartnerState.UNCONFIRMED,
        (_A.ANYBODY,),
        {_A.CONTACT: "partner_confirm"},
    ),
    Transition(
        "digifarm_partner_register",
        None,
        PartnerState.PROPOSED,
        (_A.USER,),
        {_A.REVIEWER: "partner_proposed"},
    ),
    Transition(
        "digifarm_partner_confirm",
        PartnerState.UNCONFIRMED,
        PartnerState.PROPOSED,
        (_A.CONTACT,),
        {_A.REVIEWER: "partner_proposed"},
    ),
    Transition(
        "digifarm_partner_accept",
        PartnerState.PROPOSED,
        PartnerState.ACTIVE,
        (_A.REVIEWER,),
        {_A.CONTACT: "partner_accepted"},
    ),
    Transition(
        "digifarm_partner_decline",
        PartnerState.PROPOSED,
        PartnerState.DELETED,
        (_A.REVIEWER,),
        {_A.CONTACT: "partner_declined"},
    ),
    Transition(
        "digifarm_partner_delete",
        PartnerState.ACTIVE,
        PartnerState.DELETED,
        (_A.PARTNER, _A.REVIEWER),
    ),
    Transition(
        "digifarm_partner_restore",
        PartnerState.DELETED,
        PartnerState.ACTIVE,
        (_A.PARTNER, _A.REVIEWER),
    ),
    Transition(
        "digifarm_partner_merge",
        PartnerState.ACTIVE,
        PartnerState.DELETED,
        (_A.REVIEWER,),
    ),
)

TASK = (
    Transition("digifarm_task_create", None, TaskState.OPEN, (_A.PROJECT,)),
    Transition(
        "digifarm_task_take",
        TaskState.OPEN,
        TaskState.OPEN,
        (_A.ANYBODY,),
        {_A.TAKER: "task_confirm"},
    ),
    Transition(
        "digifarm_task_take",
        TaskState.OPEN,
        TaskState.TAKEN,
        (_A.USER,),
        {_A.TAKER: "task_taken", _A.PROJECT: "task_taken"},
    ),
    Transition(
        "digifarm_task_confirm",
        TaskState.OPEN,
        TaskState.TAKEN,
        (_A.TAKER,),
        {_A.TAKER: "task_taken", _A.PROJECT: "task_taken"},
    ),
    Transition(
        "digifarm_task_return",
        TaskState.TAKEN,
        TaskState.OPEN,
        (_A.PROJECT, _A.TAKER),
        {_A.TAKER: "task_returned", _A.PROJECT: "task_returned"},
    ),
    Transition(
        "digifarm_task_return",
        TaskState.DONE,
        TaskState.OPEN,
        (_A.PROJECT,),
    ),
    Transition(
        "digifarm_task_done",
        TaskState.OPEN,
        TaskState.DONE,
        (_A.PROJECT,),
    ),
    Transition(
        "digifarm_task_done",
        TaskState.TAKEN,
        TaskState.DONE,
        (_A.PROJECT,),
        {_A.TAKER: "task_done"},
    ),
    Transition(
        "digifarm_task_delete",
        TaskState.OPEN,
        TaskState.DELETED,
        (_A.PROJECT,),
    ),
    Transition(
        "digifarm_task_delete",
        TaskState.TAKEN,
        TaskState.DELETED,
        (_A.PROJECT,),
        {_A.TAKER: "task_deleted"},
    ),
    Transition(
        "digifarm_task_delete",
        TaskState.DONE,
        TaskState.DELETED,
        (_A.PROJECT,),
    ),
)

_P = ProposalState

PROPOSAL = (
    Transition(
        "digifarm_proposal_submit",
        None,
        _P.UNCONFIRMED,
        (_A.ANYBODY,),
        {_A.PROPOSER: "proposal_confirm"},
    ),
    Transition(
        "digifarm_proposal_submit",
        None,
        _P.PENDING,
        (_A.USER,),
        {_A.PROPOSER: "proposal_received", _A.REVIEWER: "proposal_pending"},
    ),
    Transition(
        "digifarm_proposal_confirm",
        _P.UNCONFIRMED,
        _P.PENDING,
        (_A.PROPOSER,),
        {_A.PROPOSER: "proposal_received", _A.REVIEWER: "proposal_pending"},
    ),
    Transition(
        "digifarm_proposal_request_changes",
        _P.PENDING,
        _P.CHANGES_REQUESTED,
        (_A.REVIEWER,),
        {_A.PROPOSER: "proposal_changes"},
    ),
    Transition(
        "digifarm_proposal_update",
        _P.CHANGES_REQUESTED,
        _P.PENDING,
        (_A.PROPOSER,),
        {_A.PROPOSER: "proposal_received", _A.REVIEWER: "proposal_pending"},
    ),
    *(
        Transition(action, source, target, (actor,), {told: mail})
        for source in (_P.PENDING, _P.CHANGES_REQUESTED)
        for action, target, actor, told, mail in (
            (
                "digifarm_proposal_approve",
                _P.APPROVED,
                _A.REVIEWER,
                _A.PROPOSER,
                "proposal_approved",
            ),
            (
                "digifarm_proposal_decline",
                _P.DECLINED,
                _A.REVIEWER,
                _A.PROPOSER,
                "proposal_declined",
            ),
            (
                "digifarm_proposal_withdraw",
                _P.WITHDRAWN,
                _A.PROPOSER,
                _A.REVIEWER,
                "proposal_withdrawn",
            ),
        )
    ),
)

TRANSITIONS = (*SUPPORT, *PARTNER, *TASK, *PROPOSAL)


def begin(action: str, target: State) -> Transition:
    """The step that brings something into being.

    :raises LookupError: where the table has none
    """
    for transition in TRANSITIONS:
        key = (transition.action, transition.source, transition.target)
        if key == (action, None, target):
            return transition
    raise LookupError(f"{action} brings nothing that is {target}")


def step(
    action: str, source: State, target: State | None = None
) -> Transition | None:
    """The step that an action takes from a state, if the table has one.

    :param target: the state that it leads to, where the action has a choice
    """
    for transition in TRANSITIONS:
        if (transition.action, transition.source) == (action, source) and (
            target in {None, transition.target}
        ):
            return transition
    return None


def targets(action: str) -> set[State]:
    """The states that an action leads to."""
    return {step.target for step in TRANSITIONS if step.action == action}


def actors(action: str, source: State) -> set[Actor]:
    """Who may take an action's step from a state.

    Where there is no such step: who may from any, so that they are told what
    is wrong, and others nothing.
    """
    if found := step(action, source):
        return set(found.actors)
    return {
        actor
        for transition in TRANSITIONS
        if transition.action == action
        for actor in transition.actors
    }
