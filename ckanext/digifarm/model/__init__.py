from .event import Event, Subject
from .link import Link, Relation, Side
from .partner import Partner, PartnerState
from .support import Support, SupportState

__all__ = [
    "Event",
    "Link",
    "Partner",
    "PartnerState",
    "Relation",
    "Side",
    "Subject",
    "Support",
    "SupportState",
]
