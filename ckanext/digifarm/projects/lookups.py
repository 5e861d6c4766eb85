"""Finds packages for actions."""

from __future__ import annotations

import json
from typing import Any

import ckantoolkit as tk

from ckan import model
from ckan.types import Context, DataDict

from ..config import PROJECT_TYPE
from ..lib.errors import refuse


def open_project(data_dict: DataDict) -> model.Package:
    """The project that takes part in a new support.

    :param data_dict: `project`: its id or name
    :raises ObjectNotFound: where there is no such project
    :raises ValidationError: where it has been deleted
    """
    project = package(data_dict, "project")
    if project.type != PROJECT_TYPE:
        raise tk.ObjectNotFound(tk._("Civic project not found"))
    if project.state == model.State.DELETED:
        refuse("project", tk._("Has been deleted"))
    return project


def package(data_dict: DataDict, key: str) -> model.Package:
    """The package that is named in the parameters.

    :param key: `project` or `dataset`
    :raises ObjectNotFound: where it doesn't exist
    """
    reference = data_dict[key]
    # By key first: a page has loaded its package already.
    found = model.Session.get(
        model.Package, reference
    ) or model.Package.by_name(reference)
    if found is None:
        message = {
            "project": tk._("Civic project not found"),
            "dataset": tk._("Dataset not found"),
        }
        raise tk.ObjectNotFound(message[key])
    return found


def readable(context: Context, ids: list[str]) -> list[dict[str, Any]]:
    """The packages that the user may read, of any type.

    One search, or a few where there are very many.

    :param ids: their ids
    :returns: package dictionaries in the order of the ids
    """
    size = tk.config["ckan.search.rows_max"]
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), size):
        chunk = ids[start : start + size]
        result = tk.get_action("package_search")(
            tk.fresh_context(context),
            {
                # Without its name, projects would be hidden.
                "fq_list": [
                    f"dataset_type:({PROJECT_TYPE} OR *)",
                    "id:({})".format(" OR ".join(map(json.dumps, chunk))),
                ],
                "rows": len(chunk),
                "include_private": True,
                "include_drafts": True,
                "facet": "false",
            },
        )
        found.update((package["id"], package) for package in result["results"])
    return [found[id_] for id_ in ids if id_ in found]
