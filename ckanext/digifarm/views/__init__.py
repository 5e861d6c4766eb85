from .dashboard import dashboard
from .limits import limits
from .links import links
from .mails import mails
from .offers import offers
from .partners import partners
from .projects import projects
from .registrations import registrations
from .support import support

__all__ = [
    "dashboard",
    "limits",
    "links",
    "mails",
    "offers",
    "partners",
    "projects",
    "registrations",
    "support",
]
