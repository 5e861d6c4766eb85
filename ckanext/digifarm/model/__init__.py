from .event import Event, Subject
from .link import Link, Relation, Side
from .mail import Mail, MailState
from .partner import Partner, PartnerState
from .support import PUBLIC_STATES, Support, SupportState

__all__ = [
    "PUBLIC_STATES",
    "Event",
    "Link",
    "Mail",
    "MailState",
    "Partner",
    "PartnerState",
    "Relation",
    "Side",
    "Subject",
    "Support",
    "SupportState",
]
