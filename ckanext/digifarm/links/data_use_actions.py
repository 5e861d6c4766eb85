from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import people
from ..lib.ckan import Context, DataDict
from ..lib.permissions import edits_for
from ..projects.lookups import readable_ids
from . import data_use, schema
from .data_use import Asked, Totals, Used
from .model import Side

#: With the projects that are named, no more than one search looks up.
MOST = 200

SIDES = tuple(side.value for side in Side)


@tk.side_effect_free
@tk.validate_action_data(schema.data_use)
def digifarm_data_use(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What becomes of an organisation's datasets: which projects use them.

    Of projects, only public ones are counted and named, whoever asks. Private
    datasets are there for those who edit for the organisation, and for nobody
    else.

    :param organization: id or name of the organisation
    :type organization: string
    :param q: words, all of which stand in a dataset's title or name
        (optional)
    :type q: string
    :param used: `true` for datasets that projects are linked with, `false`
        for the others (optional, default: both)
    :type used: boolean
    :param sort: `projects` (most projects first), `title`, or `newest`
        (newest link first) (optional, default: `projects`)
    :type sort: string
    :param limit: how many at most (optional, default: 20, most: 200)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count`, the number of datasets that match; `results`: of each
        its `id`, `name`, `title`, `private`, `num_projects`, `projects` (the
        newest three: `id`, `name`, `title`), `since` and `newest` (when the
        first and the newest one was linked, UTC, or None); `totals`, whatever
        was searched for: `datasets`, `used` (of these), and `projects` that
        are linked with any of them; `newest`, the five newest links: `linked`
        (when), `dataset` and `project` (`id`, `name`, `title`)
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such organisation
    :raises NotAuthorized: where you may not read it
    :raises ValidationError: with the name of the parameter
    """
    organization = people.organization(data_dict["organization"])
    if organization is None:
        raise tk.ObjectNotFound(tk._("Organization not found"))
    context = tk.fresh_context(context, group=organization)
    tk.check_access("digifarm_data_use", context, data_dict)
    asked = Asked(
        organization.id,
        with_private=edits_for(context.get("user"), organization.id),
        words=data_dict["q"],
        used=data_dict.get("used"),
    )
    totals = data_use.totals(asked)
    rows = data_use.page(
        asked,
        data_dict["sort"],
        min(data_dict["limit"], MOST),
        data_dict["offset"],
    )
    # What else a portal hides, its search knows.
    readable = readable_ids(context, _ids(rows, totals))
    return {
        "count": totals.count,
        "results": [
            _used(row, readable) for row in rows if row.id in readable
        ],
        "totals": {
            "datasets": totals.datasets,
            "used": totals.used,
            "projects": totals.projects,
        },
        "newest": [
            link
            for link in totals.newest
            if {link["dataset"]["id"], link["project"]["id"]} <= readable
        ],
    }


def _ids(rows: list[Used], totals: Totals) -> set[str]:
    """The ids of all packages that are named."""
    return {
        *(row.id for row in rows),
        *(project["id"] for row in rows for project in row.projects),
        *(link[side]["id"] for link in totals.newest for side in SIDES),
    }


def _used(row: Used, readable: set[str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "title": row.title,
        "private": row.private,
        "num_projects": row.num_projects,
        "projects": [one for one in row.projects if one["id"] in readable],
        "since": row.since.isoformat() if row.since else None,
        "newest": row.newest.isoformat() if row.newest else None,
    }
