"""What the search index says of those who support a project."""

from __future__ import annotations

from typing import Any

from ..config import PROJECT_TYPE
from ..lib import jobs
from ..lib.index import REINDEX, REINDEX_SUPPORTED
from ..projects.search import PARTNER
from .model import Support


def name_partners(pkg_dict: dict[str, Any]) -> dict[str, Any]:
    """Name in a project's entry of the index who supports it.

    :param pkg_dict: what core is about to send to Solr
    """
    if pkg_dict.get("type") == PROJECT_TYPE:
        pkg_dict[f"vocab_{PARTNER}"] = Support.titles(pkg_dict["id"])
    return pkg_dict


@jobs.kind(REINDEX_SUPPORTED)
def reindex_supported(partner_id: str) -> None:
    """The job that notes one for each project that a partner supports."""
    jobs.later_each(REINDEX, Support.projects_of(partner_id))
