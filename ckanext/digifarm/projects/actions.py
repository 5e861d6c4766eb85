from __future__ import annotations

import json
from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import index, lookups
from ..lib.ckan import Context, DataDict, model
from ..lib.context import commit
from ..lib.errors import refuse
from . import fields, schema, search
from .lookups import open_project


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


@tk.validate_action_data(schema.project_accompany)
def digifarm_project_accompany(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Say whether the city accompanies a project, or take that back.

    You must be a reviewer; you need not be allowed to update the project.

    :param id: id or name of the project
    :type id: string
    :param accompanied: whether the city does
    :type accompanied: bool

    :returns: `id`, `name` and `accompanied`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you are no reviewer, or may not read it
    :raises ValidationError: where the project is deleted, or the schema file
        has no field `accompanied`
    """
    project = open_project({"project": data_dict["id"]})
    tk.check_access("digifarm_project_accompany", context, {"id": project.id})
    tk.check_access("digifarm_project_show", context, {"id": project.id})
    if fields.field("accompanied") is None:
        refuse("accompanied", tk._("This portal doesn’t say so of projects"))
    locked = lookups.lock(project)
    if locked is None:
        raise tk.ObjectNotFound(tk._("Civic project not found"))
    is_so = data_dict["accompanied"]
    # No edit of what its people say: it doesn't count as changed by them.
    locked.extras = {**locked.extras, "accompanied": json.dumps(is_so)}
    model.Session.flush()
    # Before the commit, as core does: whoever says it reads the page next.
    index.reindex(locked.id)
    commit(context)
    return {"id": locked.id, "name": locked.name, "accompanied": is_so}
