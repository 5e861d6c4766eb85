from . import project as projects
from .claim import ClaimState, TaskClaim
from .event import CLAIMED, Event, Subject
from .link import Link, Relation, Side
from .mail import Mail, MailState
from .partner import Partner, PartnerState
from .proposal import OPEN_STATES, REFUSED_STATES, Proposal, ProposalState
from .support import PUBLIC_STATES, Support, SupportState
from .task import SHOWN_STATES, Task, TaskState

__all__ = [
    "CLAIMED",
    "OPEN_STATES",
    "PUBLIC_STATES",
    "REFUSED_STATES",
    "SHOWN_STATES",
    "ClaimState",
    "Event",
    "Link",
    "Mail",
    "MailState",
    "Partner",
    "PartnerState",
    "Proposal",
    "ProposalState",
    "Relation",
    "Side",
    "Subject",
    "Support",
    "SupportState",
    "Task",
    "TaskClaim",
    "TaskState",
    "projects",
]
