"""What the search index says of those who support a project."""

from __future__ import annotations

from ..lib import jobs
from ..lib.index import REINDEX, REINDEX_SUPPORTED
from .model import Support


@jobs.kind(REINDEX_SUPPORTED)
def reindex_supported(partner_id: str) -> None:
    """The job that notes one for each project that a partner supports."""
    jobs.later_each(REINDEX, Support.projects_of(partner_id))
