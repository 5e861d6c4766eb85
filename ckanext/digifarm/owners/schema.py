from __future__ import annotations

from ..lib.ckan import Schema
from ..projects.schema import project_show


def project_owned() -> Schema:
    """A project, by id or name."""
    return project_show()
