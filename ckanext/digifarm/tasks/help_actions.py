from __future__ import annotations

import json
from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib.ckan import Context, DataDict
from ..projects import fields
from . import queries, schema

#: Solr takes no more names in one query.
MAX_PROJECTS = 1000

#: So many tasks of a project are listed; its page has all of them.
MAX_TASKS = 20

#: The skills that so many tasks ask for can be chosen.
MAX_ASKED = 1000


@tk.side_effect_free
@tk.validate_action_data(schema.help_list)
def digifarm_help_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Where help is wanted: the open help and tasks of all public projects.

    Each filter leaves out what it doesn't fit: a task has no area, and help
    that a project looks for has neither skills nor an effort.

    :param area: one of the choices of `help_wanted` (optional)
    :type area: string
    :param skill: what one can do (optional)
    :type skill: string
    :param effort: one of the `task_efforts` of the schema file (optional)
    :type effort: string
    :param action_field: one of the choices of `action_fields` (optional)
    :type action_field: string
    :param limit: how many projects at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count`, the number of projects; `results`: the projects, the
        last changed first, package dictionaries with `help`, a list of areas,
        `tasks`, the first 20 as :py:func:`digifarm_task_list` gives them, and
        `more_tasks`, whether there are others; `skills`: all that the
        1 000 newest open tasks ask for
    :rtype: dictionary

    :raises ValidationError: with the names of the parameters
    """
    tk.check_access("digifarm_help_list", context, data_dict)
    areas = _areas(data_dict)
    wanted, ids = (), []
    # A task has no area.
    if not data_dict.get("area"):
        wanted = queries.is_open(
            data_dict["skill"], data_dict.get("effort", "")
        )
        # Who looks for help in an area is found by that.
        ids = queries.projects(
            wanted, MAX_PROJECTS, with_help_wanted=not areas
        )
    projects = _projects(context, data_dict, areas, ids)
    shown = [project["id"] for project in projects["results"]]
    tasks = (
        queries.first_of_each(shown, wanted, MAX_TASKS + 1)
        if wanted and shown
        else []
    )
    for project in projects["results"]:
        sought = project.get("help_wanted") or []
        project["help"] = [area for area in areas if area in sought]
        found = [task for task in tasks if task.project_id == project["id"]]
        project["tasks"] = [task.dictize() for task in found[:MAX_TASKS]]
        project["more_tasks"] = len(found) > MAX_TASKS
    return {
        "count": projects["count"],
        "results": projects["results"],
        "skills": queries.skills(PROJECT_TYPE, MAX_ASKED),
    }


def _areas(asked: DataDict) -> list[str]:
    """The areas that pass the filters."""
    if asked["skill"] or asked.get("effort"):
        return []
    areas = [choice["value"] for choice in fields.choices("help_wanted")]
    return [area for area in areas if asked.get("area", area) == area]


def _projects(
    context: Context, asked: DataDict, areas: list[str], ids: list[str]
) -> dict[str, Any]:
    """One search for the projects that the reader may read.

    :param areas: those that look for help there
    :param ids: and those that have a task
    """
    sought = {
        "vocab_help_wanted": areas,
        "id": list(dict.fromkeys(ids))[:MAX_PROJECTS],
    }
    clauses = [
        f"{field}:({' OR '.join(map(json.dumps, values))})"
        for field, values in sought.items()
        if values
    ]
    if not clauses:
        return {"count": 0, "results": []}
    filters = [f"+dataset_type:{PROJECT_TYPE}", f"({' OR '.join(clauses)})"]
    if field := asked.get("action_field"):
        filters.append(f"vocab_action_fields:{json.dumps(field)}")
    return tk.get_action("package_search")(
        tk.fresh_context(context),
        {
            "fq_list": filters,
            "rows": asked["limit"],
            "start": asked["offset"],
            "sort": "metadata_modified desc",
            "facet": "false",
        },
    )
