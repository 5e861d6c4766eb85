from .links import links
from .projects import projects

__all__ = ["links", "projects"]
