from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib.ckan import Context, DataDict
from . import queries, schema

#: So many tasks of a project are listed; its page has all of them.
MAX_TASKS = 20

#: The filters that are facets of the index.
SOLR_FIELDS = {
    name: f"vocab_{field}" for name, field in queries.PROJECT_FIELDS.items()
}

Counts = dict[str, dict[str, int]]


@tk.side_effect_free
@tk.validate_action_data(schema.help_list)
def digifarm_help_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Where help is wanted: in all public projects, or with all open tasks.

    What is found passes all filters: a project that looks for help in an
    area, and has a task for a weekend; a task for a weekend, of a project
    that looks for help in that area. Projects that pause or are over ask for
    nothing.

    :param view: `help`: projects that look for help in some area, or
        `tasks` (optional, default: `help`)
    :type view: string
    :param area: one of the choices of `help_wanted` (optional)
    :type area: string
    :param skill: what one can do (optional)
    :type skill: string
    :param effort: one of the `task_efforts` of the schema file (optional)
    :type effort: string
    :param action_field: one of the choices of `action_fields` (optional)
    :type action_field: string
    :param counted: whether `count`, `counts` and `facets` are wanted; without
        them, it is faster (optional, default: true)
    :type counted: boolean
    :param dated: whether it is said since when projects look for help
        (optional, default: false)
    :type dated: boolean
    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count`, the number of projects, or of tasks; `counts`: both,
        as `help` and `tasks`; `facets`: for each filter, how many its
        choices would find beside the other filters; they are left out
        where they aren't wanted; `results`: the projects,
        the last changed first, package dictionaries with `help`, a list of
        areas, and, where `skill` or `effort` is given, `tasks`, the first 20
        that pass, as :py:func:`digifarm_task_list` gives them, and
        `more_tasks`, whether there are others; with `dated`, also `since`,
        when a project has begun last to look for help in one of its areas,
        where that is known; or the tasks, the newest first, with `project`, a
        dictionary with `id`, `name`, `title`, `language` and `listed`. No more
        than the newest 500 tasks are found, and counted
    :rtype: dictionary

    :raises ValidationError: with the names of the parameters
    """
    tk.check_access("digifarm_help_list", context, data_dict)
    asked = {name: data_dict.get(name, "") for name in schema.FILTERS}
    part = {key: data_dict[key] for key in ("limit", "offset", "counted")}
    if data_dict["view"] == "tasks":
        return _tasks(context, asked, **part)
    found = _projects(context, asked, **part)
    if data_dict["dated"]:
        _add_since(found["results"])
    return found


def _tasks(
    context: Context,
    asked: Mapping[str, str],
    limit: int,
    offset: int,
    *,
    counted: bool,
) -> dict[str, Any]:
    """The tasks that pass the filters."""
    beside = {}
    if counted:
        count, rows = queries.part(asked, limit, offset)
        projects = _search(context, _filters(asked), rows=0)["count"]
        beside = {
            "count": count,
            "counts": {"help": projects, "tasks": count},
            "facets": queries.facets(asked, of_projects=False),
        }
    else:
        rows = queries.uncounted_part(asked, limit, offset)
    return {
        **beside,
        "results": [
            {
                **task.dictize(),
                "project": {
                    **{
                        key: getattr(project, key)
                        for key in ("id", "name", "title")
                    },
                    **{
                        key: project.extras.get(key, "")
                        for key in ("language", "listed")
                    },
                },
            }
            for task, project in rows
        ],
    }


def _projects(
    context: Context,
    asked: Mapping[str, str],
    limit: int,
    offset: int,
    *,
    counted: bool,
) -> dict[str, Any]:
    """The projects that look for help, and pass the filters."""
    found = _search(context, _filters(asked), rows=limit, start=offset)
    beside = {}
    if counted:
        counts = {"help": found["count"], "tasks": queries.count(asked)}
        facets = _facets(context, asked, found)
        beside = {
            "count": found["count"],
            "counts": counts,
            "facets": facets,
        }
    areas = [asked["area"]] if asked["area"] else None
    for project in found["results"]:
        project["help"] = [
            area
            for area in project.get("help_wanted") or []
            if areas is None or area in areas
        ]
    _add_tasks(found["results"], asked)
    return {**beside, "results": found["results"]}


def _facets(
    context: Context, asked: Mapping[str, str], found: dict[str, Any]
) -> Counts:
    """How many projects each choice of a filter would find.

    :param found: with all filters
    """
    facets = queries.facets(asked, of_projects=True)
    for name, field in SOLR_FIELDS.items():
        counted = found
        if asked[name]:
            others = _filters({**asked, name: ""})
            counted = _search(context, others, rows=0)
        items = counted["search_facets"].get(field, {}).get("items", [])
        facets[name] = {item["name"]: item["count"] for item in items}
    return facets


def _add_tasks(
    projects: list[dict[str, Any]], asked: Mapping[str, str]
) -> None:
    """Say by which of their tasks projects are found."""
    tasks = []
    own = _of_tasks(asked)
    if projects and any(own.values()):
        ids = [project["id"] for project in projects]
        tasks = queries.first_of_each(ids, own, MAX_TASKS + 1)
    for project in projects:
        found = [task for task in tasks if task.project_id == project["id"]]
        project["tasks"] = [task.dictize() for task in found[:MAX_TASKS]]
        project["more_tasks"] = len(found) > MAX_TASKS


def _add_since(projects: list[dict[str, Any]]) -> None:
    """Say when projects began to look for what they look for, the last."""
    began = queries.help_began([project["id"] for project in projects])
    for project in projects:
        known = (began.get((project["id"], one)) for one in project["help"])
        moments = [moment for moment in known if moment]
        project["since"] = max(moments).isoformat() if moments else None


def _of_tasks(asked: Mapping[str, str]) -> dict[str, str]:
    """The filters that ask for what a task needs."""
    return {name: asked[name] for name in queries.TASK_FIELDS}


def _filters(asked: Mapping[str, str]) -> dict[str, str]:
    """The filters in Solr's syntax, by their names.

    The index has no help of projects that ask for nothing.
    """
    filters = {"area": "vocab_help_wanted:*"}
    for name, field in SOLR_FIELDS.items():
        if value := asked.get(name):
            filters[name] = f"{field}:{json.dumps(value)}"
    if any(_of_tasks(asked).values()):
        ids = queries.projects(_of_tasks(asked))
        filters["id"] = f"id:({' OR '.join(map(json.dumps, ids or ['-']))})"
    return filters


def _search(
    context: Context, filters: Mapping[str, str], **part: int
) -> dict[str, Any]:
    """One search for the projects that the reader may read."""
    return tk.get_action("package_search")(
        tk.fresh_context(context),
        {
            "fq_list": [f"+dataset_type:{PROJECT_TYPE}", *filters.values()],
            "sort": "metadata_modified desc",
            "facet.field": [*SOLR_FIELDS.values()],
            "facet.limit": -1,
            **part,
        },
    )
