from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import dates
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, model
from ..partners.model import Partner
from ..projects.public import is_public
from .model import Support, SupportState


@tk.side_effect_free
@tk.validate_action_data(lib_schema.page_of_year)
def digifarm_support_helped_list(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Which supports ended in a year, and whether they have helped.

    You must be a reviewer. Supports of public projects are told.

    :param year: the year, such as 2026, by the clock of the portal
    :type year: int
    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: what ended last first: `id`, `area`, `ended` (a day), `project`
        and `partner` (dictionaries with `name` and `title`; the latter is
        None for a private person), `person`, who agreed to be named, or "",
        and `helped` (`yes`, `partly` or `no`, or "" where nobody says so)
    :rtype: list of dictionaries

    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: with the names of parameters
    """
    tk.check_access("digifarm_support_helped_list", context, data_dict)
    year = data_dict["year"]
    found = Support.with_project(
        Support.state == SupportState.ENDED.value,
        Support.modified >= dates.year_begins(year),
        Support.modified < dates.year_begins(year + 1),
        is_public(model.Package),
        limit=data_dict["limit"],
        offset=data_dict["offset"],
    )
    return [_dictize(*row) for row in found]


def _dictize(
    support: Support, partner: Partner | None, project: model.Package
) -> dict[str, Any]:
    return {
        "id": support.id,
        "area": support.area,
        "ended": dates.local_day(support.modified).isoformat(),
        "project": _named(project),
        "partner": partner and _named(partner),
        "person": support.person,
        "helped": support.helped,
    }


def _named(row: Any) -> dict[str, str]:
    return {"name": row.name, "title": row.title or row.name}
