from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, model
from . import achievements


@tk.side_effect_free
@tk.validate_action_data(lib_schema.page_of_year)
def digifarm_achievement_list(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """What projects have achieved in a year, in their people's words.

    Everybody may read it, for it stands in the report of the year; it is
    told of public projects alone.

    :param year: the year, such as 2026
    :type year: int
    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: what was told last first: `name` and `title` of the project, and
        `text`
    :rtype: list of dictionaries

    :raises ValidationError: with the names of parameters
    """
    tk.check_access("digifarm_achievement_list", context, data_dict)
    query = achievements.of_year(data_dict["year"])
    part = query.limit(data_dict["limit"]).offset(data_dict["offset"])
    return [
        {"name": name, "title": title or name, "text": text}
        for name, title, text in model.Session.execute(part)
    ]
