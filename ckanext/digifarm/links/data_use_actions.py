from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import people
from ..lib.ckan import Context, DataDict, model
from ..lib.permissions import edits_for
from ..projects.lookups import readable_ids
from . import data_use, schema
from .data_use import Asked, Found, Used
from .model import Side

#: With the projects that are named, no more than one search looks up.
MOST = 200


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
    :param named: how many projects of each dataset are named (optional,
        default: 3, most: 50)
    :type named: int
    :param limit: how many at most (optional, default: 20, most: 200)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count`, the number of datasets that match; `results`: of each
        its `id`, `name`, `title`, `private`, `num_projects`, `projects` (the
        newest: `id`, `name`, `title`), `since` and `newest` (when the
        first and the newest one was linked, UTC, or None); `totals`, whatever
        was searched for: `datasets`, `used` (of these), and `projects` that
        are linked with any of them; `newest`, the five newest links: `linked`
        (when), `dataset` and `project` (`id`, `name`, `title`)
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such organisation
    :raises NotAuthorized: where you may not read it
    :raises ValidationError: with the name of the parameter
    """
    organization = _organization(data_dict)
    context = tk.fresh_context(context, group=organization)
    tk.check_access("digifarm_data_use", context, data_dict)
    asked = Asked(
        organization.id,
        with_private=edits_for(context.get("user"), organization.id),
        words=data_dict["q"],
        used=data_dict.get("used"),
        named=min(data_dict["named"], data_use.MOST_NAMED),
    )
    found = data_use.find(
        asked,
        data_dict["sort"],
        min(data_dict["limit"], MOST),
        data_dict["offset"],
    )
    # What else a portal hides, its search knows.
    readable = readable_ids(context, _ids(found))
    return {
        "count": found.count,
        "results": [
            _used(row, readable) for row in found.page if row.id in readable
        ],
        "totals": {
            "datasets": found.datasets,
            "used": found.used,
            "projects": found.projects,
        },
        "newest": [
            link
            for link in found.newest
            if {link["dataset"]["id"], link["project"]["id"]} <= readable
        ],
    }


@tk.side_effect_free
@tk.validate_action_data(schema.data_use_count)
def digifarm_data_use_count(
    context: Context, data_dict: DataDict
) -> dict[str, int]:
    """How many of an organisation's datasets are linked with projects.

    Of what counts, see :py:func:`digifarm_data_use`.

    :param organization: id or name of the organisation
    :type organization: string

    :returns: `datasets`, and `used` (of these)
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such organisation
    :raises NotAuthorized: where you may not read it
    """
    organization = _organization(data_dict)
    context = tk.fresh_context(context, group=organization)
    tk.check_access("digifarm_data_use_count", context, data_dict)
    with_private = edits_for(context.get("user"), organization.id)
    datasets, used = data_use.count_used(Asked(organization.id, with_private))
    return {"datasets": datasets, "used": used}


def _organization(data_dict: DataDict) -> model.Group:
    found = people.organization(data_dict["organization"])
    if found is None:
        raise tk.ObjectNotFound(tk._("Organization not found"))
    return found


def _ids(found: Found) -> set[str]:
    """The ids of all packages that are named."""
    return {
        *(row.id for row in found.page),
        *(project["id"] for row in found.page for project in row.projects),
        *(link[side.value]["id"] for link in found.newest for side in Side),
    }


def _used(row: Used, readable: set[str]) -> dict[str, Any]:
    projects = [one for one in row.projects if one["id"] in readable]
    return {**row._asdict(), "projects": projects}
