"""Finds what somebody is asked about, or may answer unasked."""

from __future__ import annotations

from ..lib.ckan import DataDict
from ..lib.errors import refuse
from ..projects.lookups import open_project
from . import kinds
from .model import Confirmation
from .workflow import WORKFLOW

#: What most are asked about.
PROJECT = "project"


def find(data_dict: DataDict) -> Confirmation:
    """The question that parameters name.

    Where nobody was asked about a project yet, it is a new one that isn't
    stored.

    :param data_dict: `token`, `id`, or `project`: its id or name
    :raises ObjectNotFound: where there is no such question, or no project
    :raises ValidationError: where the link is of no use (any more), or the
        project is deleted
    """
    if data_dict.get("token") or data_dict.get("id"):
        row = WORKFLOW.find(data_dict)
        if row.subject not in kinds.KINDS:
            refuse("id", WORKFLOW.missing())
        return row
    project = open_project({"project": data_dict.get("project", "")})
    return Confirmation.of(PROJECT, project.id) or Confirmation(
        subject=PROJECT, subject_id=project.id, project_id=project.id
    )


def named(row: Confirmation, data_dict: DataDict) -> DataDict:
    """What an auth function is asked with."""
    if row.id is None:
        return {"project": row.subject_id}
    return {"id": row.id, "token": data_dict.get("token")}
