"""What is settled where somebody looks after a project from now on."""

from __future__ import annotations

import enum

from ..lib import lookups
from ..lib.ckan import Context, model
from . import publishing
from .finding import PROJECT
from .model import Confirmation
from .workflow import CARETAKER_FOUND, TAKEN_ON, WORKFLOW


class Left(str, enum.Enum):
    """What becomes of the help and the tasks that silence has closed."""

    NOTHING = ""  # nothing was closed
    OPEN = "open"  # they are open again
    CLICK = "click"  # somebody has to say first that the entry is right


def lock(project_id: str) -> None:
    """Lock what `taken_on` may change, before it is known who owns a project.

    Whether somebody is looked for comes before the project.
    """
    lookups.lock_of_project(Confirmation, project_id)
    lookups.lock_by_id(model.Package, project_id)


def taken_on(project_id: str, context: Context, *, by_team: bool) -> Left:
    """End the search for somebody, and the silence; commits nothing.

    Where nobody was searched, and nothing is silent, nothing changes.

    :param context: of whoever lets somebody look after it
    :param by_team: whether that is its team, which thereby confirms it. Else
        whoever looks after it from now on has to
    :returns: what is left to say of help and tasks
    """
    row = Confirmation.of(PROJECT, project_id)
    row = row and lookups.lock(row)
    if row is None or not (row.silent or publishing.is_sought(row)):
        return Left.NOTHING
    was_silent = row.silent is not None
    if by_team:
        WORKFLOW.go_on(TAKEN_ON, row, context)
    else:
        WORKFLOW.go_on(CARETAKER_FOUND, row, Context())
    if not was_silent:
        return Left.NOTHING
    return Left.OPEN if by_team else Left.CLICK
