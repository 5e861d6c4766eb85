from .links import links
from .partners import partners
from .projects import projects
from .support import support

__all__ = ["links", "partners", "projects", "support"]
