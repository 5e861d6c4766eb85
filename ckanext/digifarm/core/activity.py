"""The lists of the activity plugin, with the packages that links name."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ckan.plugins import plugin_loaded

from ..lib.ckan import Action, Context, DataDict
from ..links.activity import TYPES
from ..projects.lookups import readable

LISTS = (
    "dashboard_activity_list",
    "group_activity_list",
    "organization_activity_list",
    "package_activity_list",
    "recently_changed_packages_activity_list",
    "user_activity_list",
)


def actions() -> dict[str, Any]:
    """Chained actions for the lists, where that plugin is on."""
    lists = LISTS if plugin_loaded("activity") else ()
    return dict.fromkeys(lists, _activity_list)


@tk.chained_action
@tk.side_effect_free
def _activity_list(
    next_: Action, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Name the other package of each link, if the user may read it now.

    :returns: activities; those of links have `linked` in their `data`: a
        dictionary with `id`, `name`, `title` and `type`, or None
    """
    activities = next_(context, data_dict)
    of_links = [a for a in activities if a["activity_type"] in TYPES]
    ids = {a["data"]["linked_id"] for a in of_links}
    # Also where core lists activities for the portal itself.
    reader = tk.fresh_context(context, ignore_auth=False)
    found = {
        package["id"]: {
            key: package[key] for key in ("id", "name", "title", "type")
        }
        for package in readable(reader, sorted(ids))
    }
    for activity in of_links:
        data = activity["data"]
        activity["data"] = {**data, "linked": found.get(data["linked_id"])}
    return activities
