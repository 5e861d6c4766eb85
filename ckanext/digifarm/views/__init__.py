from .dashboard import dashboard
from .links import links
from .offers import offers
from .partners import partners
from .projects import projects
from .support import support

__all__ = [
    "dashboard",
    "links",
    "offers",
    "partners",
    "projects",
    "support",
]
