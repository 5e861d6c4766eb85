from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import paging
from ..lib.ckan import SearchError


def digifarm_linked(package: dict[str, Any]) -> dict[str, Any]:
    """The packages linked with this one that the reader may see.

    :param package: a project or a dataset, also an old version of it
    :returns: `count`, `results`, those of the page that the address asks
        for, and `pager`; see :py:func:`digifarm_dataset_list`. Of a dataset,
        `successor` and `predecessors` besides
    """
    if package["type"] == PROJECT_TYPE:
        action, this = "digifarm_dataset_list", {"project": package["id"]}
    else:
        action, this = "digifarm_project_list", {"dataset": package["id"]}
    try:
        found, pager = paging.page(action, this, name="links")
    # Core's forms show it, too: they work where the search doesn't answer.
    except (tk.ObjectNotFound, tk.NotAuthorized, SearchError):
        return {"count": 0, "results": [], "pager": None}
    return {**found, "pager": pager}


def digifarm_data_use(organization_id: str) -> dict[str, int] | None:
    """How many of an organisation's datasets are used, for its page.

    :returns: see :py:func:`digifarm_data_use_count`, or None where it has no
        datasets
    """
    try:
        found = tk.get_action("digifarm_data_use_count")(
            {}, {"organization": organization_id}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    return found if found["datasets"] else None


def digifarm_count_links(packages: list[dict[str, Any]]) -> None:
    """Note on listed packages how many public ones they are linked with.

    :param packages: package dicts; each gets its `num_links`
    """
    counts = tk.get_action("digifarm_link_counts")(
        {}, {"ids": [package.get("id", "") for package in packages]}
    )
    for package in packages:
        package["num_links"] = counts.get(package.get("id", ""), 0)
