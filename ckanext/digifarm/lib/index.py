"""Brings the search index up to date after a commit."""

from __future__ import annotations

from . import jobs
from .ckan import model, search

#: Names of jobs.
REINDEX = "reindex"
REINDEX_SUPPORTED = "reindex-supported"


def reindex_later(project_id: str) -> None:
    """Bring a project's entry in the index up to date after the commit."""
    jobs.later(REINDEX, project_id)


def reindex_supported_later(partner_id: str) -> None:
    """The same for all projects that a partner supports."""
    jobs.later(REINDEX_SUPPORTED, partner_id)


@jobs.kind(REINDEX)
def reindex(project_id: str) -> None:
    """The job that brings a project's entry in the index up to date.

    :param project_id: of a project that may be gone by now
    """
    if model.Package.get(project_id):
        search.rebuild(project_id)
    else:
        search.clear(project_id)
