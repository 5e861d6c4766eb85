"""All workflows that there are."""

from __future__ import annotations

from ckanext.digifarm import subjects
from ckanext.digifarm.lib.workflow import Workflow


def all_workflows() -> list[type[Workflow]]:
    """The workflows of all subjects, also where nothing has asked for them."""
    # Their modules are imported when actions are collected.
    subjects.actions()
    return Workflow.__subclasses__()
