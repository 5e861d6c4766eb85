from __future__ import annotations

from ..config import PROJECT_TYPE
from ..lib.ckan import model
from .model import OPEN_STATES, Proposal


def goes_on(project: model.Package) -> bool:
    """Whether a package is a project: not deleted, and not only proposed."""
    return (
        project.type == PROJECT_TYPE
        and project.state == model.State.ACTIVE
        and not Proposal.of_project(project.id, OPEN_STATES)
    )
