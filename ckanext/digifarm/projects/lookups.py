"""Finds packages for actions."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib import lookups, once
from ..lib.ckan import Context, DataDict, model
from ..lib.errors import refuse
from ..lib.text import UNSTORABLE
from . import stages

#: Solr takes no more ids in one query.
MOST = 1000


def open_project(data_dict: DataDict) -> model.Package:
    """The project that something new is about: a support, a task …

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


def asking_project(
    data_dict: DataDict, field: str = "project", area: str = ""
) -> model.Package:
    """A project that somebody would help: `open_project`, if it asks for that.

    It goes on asking until the commit: whoever ends it waits, and what was
    agreed on meanwhile ends with it.

    :param data_dict: `project`: its id or name
    :param field: the parameter that named it
    :param area: in which area they would help, if in one
    :raises ObjectNotFound: where there is no such project
    :raises ValidationError: where it has been deleted, pauses or is over, or
        nobody has confirmed it for long
    """
    project = lookups.share(open_project(data_dict))
    if project is None:
        raise tk.ObjectNotFound(tk._("Civic project not found"))
    if project.state == model.State.DELETED:
        refuse(field, tk._("Has been deleted"))
    _check_asking(project, field, area)
    return project


def check_public_asking(project_id: str, area: str = "") -> None:
    """Refuse a link about a project that nobody else could help now.

    :param area: in which area they would help, if in one
    :raises ObjectNotFound: where there is no such project
    :raises ValidationError: where it has been deleted, is not public any
        more, pauses or is over, or nobody has confirmed it for long
    """
    project = open_project({"project": project_id})
    if project.private:
        refuse("token", tk._("This project is not public any more"))
    _check_asking(project, "token", area)


def _check_asking(project: model.Package, field: str, area: str) -> None:
    if not stages.takes(project.extras, area):
        refuse(field, stages.why_not(project.extras))


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


def packages(references: Collection[str]) -> list[model.Package]:
    """The packages with these ids or names; one SQL statement.

    :returns: those that there are, by id, each once
    """
    if not references:
        return []
    package = model.Package
    query = sa.select(package).where(
        sa.or_(package.id.in_(references), package.name.in_(references))
    )
    return list(model.Session.scalars(query.order_by(package.id)))


def readable(context: Context, ids: list[str]) -> list[dict[str, Any]]:
    """The packages that the user may read, of any type; one search.

    :param ids: their ids, no more than `MOST`
    :returns: package dictionaries in the order of the ids
    """
    return readable_part(context, ids, len(ids), 0)["results"]


def readable_ids(context: Context, ids: Collection[str]) -> set[str]:
    """Which packages, of any type, the user may read.

    They are not loaded. One search, or one for each part that the portal
    lets a search find at most (`ckan.search.rows_max`).

    :param ids: their ids, no more than `MOST`
    """
    every, most = [*ids], tk.config["ckan.search.rows_max"]
    parts = (every[i : i + most] for i in range(0, len(every), most))
    return {id_ for part in parts for id_ in _readable_part(context, part)}


def _readable_part(context: Context, ids: list[str]) -> set[str]:
    literals = " OR ".join(json.dumps(id_) for id_ in ids)
    found = tk.get_action("package_search")(
        tk.fresh_context(context),
        {
            "q": f"id:({literals})",
            "fq_list": [f"dataset_type:({PROJECT_TYPE} OR *)"],
            "fl": ["id"],
            "rows": len(ids),
            "include_private": True,
            "include_drafts": True,
            "facet": "false",
        },
    )
    return {package["id"] for package in found["results"]}


def readable_part(
    context: Context, ids: list[str], limit: int, offset: int
) -> dict[str, Any]:
    """A part of the packages that the user may read; one search.

    No more are loaded than are wanted: Solr sorts them by what each id counts
    for.

    :param ids: ids of packages of any type in order; those beyond `MOST`
        are left out
    :param limit: how many at most
    :param offset: how many to leave out first
    :returns: `count`, how many the user may read, and `results`, package
        dictionaries in the order of the ids
    """
    ids = ids[:MOST]
    if not ids:
        return {"count": 0, "results": []}
    found = tk.get_action("package_search")(
        tk.fresh_context(context),
        {
            "q": " OR ".join(
                f"id:{json.dumps(id_)}^={place}"
                for place, id_ in zip(range(len(ids), 0, -1), ids, strict=True)
            ),
            # Without its name, projects would be hidden.
            "fq_list": [f"dataset_type:({PROJECT_TYPE} OR *)"],
            "rows": limit,
            "start": offset,
            "sort": "score desc",
            "include_private": True,
            "include_drafts": True,
            "facet": "false",
        },
    )
    return {"count": found["count"], "results": found["results"]}


def titles_of_groups(names: Collection[str]) -> dict[str, str]:
    """The titles of organisations and groups; of unknown ones, their names.

    A page asks for them several times, the database once.
    """
    known = _titles_of_groups()
    if new := {*names} - known.keys():
        group = model.Group
        # The database refuses to be asked for what it can't hold.
        possible = [name for name in new if not UNSTORABLE.search(name)]
        found = model.Session.execute(
            sa.select(group.name, group.title).where(
                group.name.in_(possible), group.state == model.State.ACTIVE
            )
        )
        titles = {name: title for name, title in found if title}
        known |= {name: titles.get(name, name) for name in new}
    return {name: known[name] for name in names}


def keep_titles(items: Iterable[dict[str, Any]]) -> None:
    """Keep the titles of organisations or groups that a search has found.

    :param items: of a facet, as `package_search` gives them
    """
    known = _titles_of_groups()
    for item in items:
        known.setdefault(item["name"], item["display_name"])


def _titles_of_groups() -> dict[str, str]:
    """Those that are known by now, by name."""
    return once.in_request("titles_of_groups", dict)
