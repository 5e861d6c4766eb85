"""In which order projects stand where nobody asks for another one."""

from __future__ import annotations

from typing import Any

from ..config import PROJECT_TYPE
from . import fields, stages

#: Our field in Solr, a string: the higher, the further up.
FIELD = "digifarm_order"

SORT = f"{FIELD} desc, metadata_modified desc"

#: Stages at which a project can be used, or somebody works on it.
ALIVE = frozenset({"in_progress", "live", "testing"})


def index_order(pkg_dict: dict[str, Any]) -> dict[str, Any]:
    """Say where a project stands in the list.

    First what looks for help or is alive, then what is neither, then what
    pauses or nobody confirms, then what is over; within each, entries with a
    summary and a text come first.

    :param pkg_dict: what core is about to send to Solr
    """
    if pkg_dict.get("type") == PROJECT_TYPE:
        pkg_dict[FIELD] = f"{_life(pkg_dict)}{_completeness(pkg_dict)}"
    return pkg_dict


def _life(pkg_dict: dict[str, Any]) -> int:
    stage = pkg_dict.get("extras_stage")
    project = {
        name: pkg_dict.get(f"extras_{name}")
        for name in ("stage", stages.SILENT)
    }
    wanted = pkg_dict.get("extras_help_wanted")
    seeks = bool(wanted and fields.values("help_wanted", wanted))
    is_first = stages.asks_now(project) and (seeks or stage in ALIVE)
    return 2 - stages.place(project) + is_first


def _completeness(pkg_dict: dict[str, Any]) -> int:
    about = pkg_dict.get("notes") or pkg_dict.get("extras_public_value")
    return int(bool(pkg_dict.get("extras_summary") and about))
