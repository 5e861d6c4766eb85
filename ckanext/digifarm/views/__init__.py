from .links import links
from .partners import partners
from .projects import projects

__all__ = ["links", "partners", "projects"]
