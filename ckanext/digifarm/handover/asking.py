"""Whether a project could change hands, for those who are asked about it."""

from __future__ import annotations

import ckantoolkit as tk

from ..confirmations import known
from ..confirmations.project_answers import is_wanted_here
from ..lib.ckan import model
from . import queries


@known.register
def of_project(project: model.Package) -> list[str]:
    """Whether the folder for handing over is complete.

    What runs elsewhere is in others' hands.
    """
    if is_wanted_here(project):
        return []
    if queries.is_prepared(project.id):
        return [tk._("Its handover folder is complete.")]
    return [tk._("Its handover folder is not complete yet.")]
