from .dashboard import dashboard
from .help import help_
from .limits import limits
from .links import links
from .mails import mails
from .offers import offers
from .owners import owners
from .partners import partners
from .projects import projects
from .proposals import proposals
from .registrations import registrations
from .reviews import reviews
from .support import support
from .tasks import tasks

__all__ = [
    "dashboard",
    "help_",
    "limits",
    "links",
    "mails",
    "offers",
    "owners",
    "partners",
    "projects",
    "proposals",
    "registrations",
    "reviews",
    "support",
    "tasks",
]
