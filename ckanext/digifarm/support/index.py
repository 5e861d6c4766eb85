"""What the search index says of those who support a project."""

from __future__ import annotations

from ..lib import jobs
from ..lib.index import REINDEX_SUPPORTED, reindex
from .model import Support


@jobs.kind(REINDEX_SUPPORTED)
def reindex_supported(partner_id: str) -> None:
    """The job that does so for all projects that a partner supports."""
    for project_id in Support.projects_of(partner_id):
        reindex(project_id)
