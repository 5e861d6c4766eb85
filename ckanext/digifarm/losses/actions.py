from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib.ckan import Context, DataDict
from ..links import schema as links_schema
from ..projects.lookups import open_project
from . import gaps, schema, stakes


@tk.side_effect_free
@tk.validate_action_data(schema.project)
def digifarm_link_gaps(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """The links of a project that its page can't show any more.

    With datasets that were deleted, are drafts again, or are private so that
    you may not read them. You must be allowed to update the project.

    :param project: id or name of the project
    :type project: string

    :returns: for each of the 100 oldest such links `dataset_id`; `title`, the
        last one that you or everybody could read, or None; `relation`; and
        `what`: `deleted`, `unpublished` or `private`; and `was_public`,
        whether everybody could read it once, as far as is known
    :rtype: list of dictionaries

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not
    """
    tk.check_access("digifarm_link_gaps", context, data_dict)
    return gaps.of(context, open_project(data_dict).id)


@tk.side_effect_free
@tk.validate_action_data(links_schema.link_counts)
def digifarm_link_projects(
    context: Context, data_dict: DataDict
) -> dict[str, list[dict[str, Any]]]:
    """Which projects some datasets are linked with.

    Both as far as you may read them.

    :param ids: ids of datasets, as many as a search finds at most
        (`ckan.search.rows_max`)
    :type ids: list of strings

    :returns: by the ids of the datasets `name`, `title` and `relation` of
        the projects that have one of the 100 oldest links of each; datasets
        without any are left out
    :rtype: dictionary
    """
    tk.check_access("digifarm_link_projects", context, data_dict)
    return stakes.of(context, data_dict["ids"])
