from .dashboard import dashboard
from .help import help_
from .limits import limits
from .links import links
from .mails import mails
from .offers import offers
from .partners import partners
from .projects import projects
from .registrations import registrations
from .support import support
from .tasks import tasks

__all__ = [
    "dashboard",
    "help_",
    "limits",
    "links",
    "mails",
    "offers",
    "partners",
    "projects",
    "registrations",
    "support",
    "tasks",
]
