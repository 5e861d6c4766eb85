from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib.ckan import Context, DataDict
from . import schema, search


@tk.side_effect_free
@tk.validate_action_data(schema.project_show)
def digifarm_project_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """A civic project with its datasets and what is known of its licence.

    :param id: id or name of the project
    :type id: string

    :returns: the package dictionary, and besides: `datasets`, as
        :py:func:`digifarm_dataset_list` gives them, `supporters`, as
        :py:func:`digifarm_support_list` does, `tasks`, as
        :py:func:`digifarm_task_list` does, `ending`, as
        :py:func:`digifarm_project_ending` does, and `license_status`: `open`,
        `announced`, `not_verified` or `not_open`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not read it
    """
    tk.check_access("digifarm_project_show", context, data_dict)
    project = tk.get_action("package_show")(
        tk.fresh_context(context), {"id": data_dict["id"]}
    )
    if project["type"] != PROJECT_TYPE:
        raise tk.ObjectNotFound(tk._("Civic project not found"))
    datasets = tk.get_action("digifarm_dataset_list")(
        tk.fresh_context(context), {"project": project["id"]}
    )
    supporters = tk.get_action("digifarm_support_list")(
        tk.fresh_context(context), {"project": project["id"]}
    )
    tasks = tk.get_action("digifarm_task_list")(
        tk.fresh_context(context), {"project": project["id"]}
    )
    ending = tk.get_action("digifarm_project_ending")(
        tk.fresh_context(context), {"id": project["id"]}
    )
    return {
        **project,
        "datasets": datasets["results"],
        "supporters": supporters,
        "tasks": tasks,
        "ending": ending,
        "license_status": search.license_status(project).value,
    }
