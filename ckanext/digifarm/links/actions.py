from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib.ckan import Context, DataDict, ErrorDict, model
from ..lib.context import commit
from ..lib.errors import refuse
from ..lib.permissions import may_update, updatable
from ..projects.lookups import MOST, package, readable_part
from ..successors import chains
from . import activity, schema, writing
from .model import Link, Side
from .writing import Pair


@tk.validate_action_data(schema.link_create)
def digifarm_link_create(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Link a project with a dataset.

    You must be allowed to update one of the two and to read both. The same
    pair again updates relation and note.

    :param project: id or name of the project
    :type project: string
    :param dataset: id or name of the dataset
    :type dataset: string
    :param relation: `uses` or `provides`: what the project does with the
        data (optional, default: `uses`)
    :type relation: string
    :param note: how the data is used, in a line of 500 characters at most
        (optional)
    :type note: string
    :param linked_from: `project` or `dataset`: the side on which the link is
        made (optional, default: the project's, if you may update it)
    :type linked_from: string

    :returns: the link
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project or dataset
    :raises NotAuthorized: where you may not link the two
    :raises ValidationError: with the name of the parameter
    """
    tk.check_access("digifarm_link_create", context, data_dict)
    project, dataset = packages(data_dict)
    if errors := wrong(project, dataset):
        raise tk.ValidationError(errors)
    side = _side(context, data_dict, "linked_from", project, dataset)
    [link] = writing.write(context, [Pair(project, dataset, side)], data_dict)
    commit(context)
    return link.dictize(with_creator=True)


@tk.validate_action_data(schema.link_delete)
def digifarm_link_delete(context: Context, data_dict: DataDict) -> None:
    """Remove the link between a project and a dataset.

    You must be allowed to update one of the two and to read both. Where the
    dataset's side removes it, those who look after the project get a mail.

    :param project: id or name of the project
    :type project: string
    :param dataset: id or name of the dataset
    :type dataset: string
    :param reason: why, in your words, 1 000 characters at most (optional);
        the project's people read it
    :type reason: string
    :param removed_from: `project` or `dataset`: the side on which the link is
        removed (optional, default: the project's, if you may update it)
    :type removed_from: string

    :raises ObjectNotFound: where there is no such link
    :raises NotAuthorized: where you may not
    :raises ValidationError: with the name of the parameter
    """
    tk.check_access("digifarm_link_delete", context, data_dict)
    project, dataset = packages(data_dict)
    side = _side(context, data_dict, "removed_from", project, dataset)
    # Somebody else may remove it at this moment.
    link = Link.get(project.id, dataset.id, locked=True)
    if link is None:
        raise tk.ObjectNotFound(
            tk._("The project and the dataset are not linked")
        )
    activity.record(activity.UNLINKED, context, link)
    writing.remove(context, link, Pair(project, dataset, side), data_dict)
    commit(context)


@tk.side_effect_free
@tk.validate_action_data(schema.dataset_list)
def digifarm_dataset_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """The datasets that a project uses or provides, those you may read.

    :param project: id or name of the project
    :type project: string
    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count`, the number of all that you may read among the
        1 000 oldest links, and `results`, the oldest link
        first: package dictionaries with `relation`, `note`,
        `linked` (when, UTC), `linked_from` (`project` or `dataset`), if you
        may edit either side, `created_by` (id of a user), and `successor`:
        what replaces the dataset, as :py:func:`digifarm_successor_show` says
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not read it
    """
    project = package(data_dict, "project")
    context = tk.fresh_context(context, package=project)
    tk.check_access("digifarm_dataset_list", context, data_dict)
    return _linked(context, data_dict, Side.PROJECT, project)


@tk.side_effect_free
@tk.validate_action_data(schema.project_list)
def digifarm_project_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """The projects that use or provide a dataset, those you may read.

    :param dataset: id or name of the dataset
    :type dataset: string
    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`, as :py:func:`digifarm_dataset_list`
        without their `successor`; `successor` and `predecessors` of the
        dataset, as :py:func:`digifarm_successor_show`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such dataset
    :raises NotAuthorized: where you may not read it
    """
    dataset = package(data_dict, "dataset")
    context = tk.fresh_context(context, package=dataset)
    tk.check_access("digifarm_project_list", context, data_dict)
    return _linked(context, data_dict, Side.DATASET, dataset)


@tk.side_effect_free
@tk.validate_action_data(schema.link_counts)
def digifarm_link_counts(
    context: Context, data_dict: DataDict
) -> dict[str, int]:
    """How many public, active packages each such package is linked with.

    :param ids: ids of projects, datasets or both, as many as a search finds
        at most (`ckan.search.rows_max`)
    :type ids: list of strings

    :returns: numbers by id; ids without links are left out, and so are
        private and deleted packages
    :rtype: dictionary
    """
    tk.check_access("digifarm_link_counts", context, data_dict)
    return Link.public_counts(data_dict["ids"])


def packages(data_dict: DataDict) -> tuple[model.Package, model.Package]:
    """The project and the dataset that are named in the parameters.

    :raises ObjectNotFound: where one of them doesn't exist
    """
    return package(data_dict, "project"), package(data_dict, "dataset")


def wrong(project: model.Package, dataset: model.Package) -> ErrorDict:
    """What is wrong with two packages that are to be linked, by side."""
    errors: ErrorDict = {}
    if project.type != PROJECT_TYPE:
        errors["project"] = [tk._("Must be a civic project")]
    if dataset.type == PROJECT_TYPE:
        errors["dataset"] = [tk._("Must be a dataset, not a civic project")]
    for side, found in (("project", project), ("dataset", dataset)):
        if found.state == model.State.DELETED:
            errors[side] = [tk._("Has been deleted")]
    return errors


def _side(
    context: Context,
    data_dict: DataDict,
    parameter: str,
    project: model.Package,
    dataset: model.Package,
) -> Side:
    """The side that acts: as the user says, who must be able to update it."""
    if not data_dict.get(parameter):
        updates_project = may_update(context, project.id)
        return Side.PROJECT if updates_project else Side.DATASET
    side = Side(data_dict[parameter])
    this = project if side is Side.PROJECT else dataset
    if not may_update(context, this.id):
        refuse(parameter, tk._("You may not edit that side"))
    return side


def _linked(
    context: Context, data_dict: DataDict, side: Side, this: model.Package
) -> dict[str, Any]:
    stored, found_chains = chains.with_links(side, this.id, MOST)
    links = {link.package_id(side.other): link for link in stored}
    found = readable_part(
        context, list(links), data_dict["limit"], data_dict["offset"]
    )
    page = found["results"]
    if page and may_update(context, this.id):
        edits = {other["id"] for other in page}
    else:
        edits = updatable(context, page)
    results = [
        {
            **other,
            **links[other["id"]].dictize(with_creator=other["id"] in edits),
        }
        for other in page
    ]
    if side is Side.DATASET:
        around = chains.around(context, found_chains, this.id)
        return {"count": found["count"], "results": results, **around}
    ends = found_chains.ends(context, [other["id"] for other in page])
    for other in results:
        end = ends.get(other["id"])
        other["successor"] = chains.dictize(end) if end else None
    return {"count": found["count"], "results": results}
