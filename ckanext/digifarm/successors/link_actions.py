from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import lookups
from ..lib.acting import Acting
from ..lib.actors import Actor
from ..lib.ckan import Context, DataDict, model
from ..lib.context import commit, user_id
from ..lib.errors import refuse
from ..links.model import Link
from ..projects.lookups import open_project, package
from . import chains, guessing, schema
from .moving import move


@tk.validate_action_data(schema.link_move)
def digifarm_link_move(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Move the link of a project to the dataset that replaces the linked one.

    It keeps its relation and its note. Where the project is linked with the
    newer dataset already, that link stays, and the old one goes. You must be
    allowed to update the project.

    :param project: id or name of the project
    :type project: string
    :param dataset: id or name of the dataset that is linked; it may be
        deleted
    :type dataset: string
    :param successor: id or name of another dataset that you may read
        (optional, default: the last one that replaces it)
    :type successor: string

    :returns: the link with the newer dataset
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such link
    :raises NotAuthorized: where you may not
    :raises ValidationError: with the name of the parameter; also where no
        dataset is known that replaces it
    """
    tk.check_access("digifarm_link_move", context, data_dict)
    project = open_project(data_dict)
    dataset = package(data_dict, "dataset")
    # Packages before links, as who purges one does.
    lookups.share(project)
    # Somebody else may move or remove it at this moment.
    link = Link.get(project.id, dataset.id, locked=True)
    if link is None:
        raise tk.ObjectNotFound(
            tk._("The project and the dataset are not linked")
        )
    target = _target(context, data_dict, dataset)
    by = Acting(Actor.PROJECT, user_id(context))
    moved = move(context, link, project, target, by)
    commit(context)
    return moved.dictize(with_creator=True)


@tk.side_effect_free
@tk.validate_action_data(schema.project)
def digifarm_link_suggest(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Which datasets may take the place of those that a project has lost.

    For links of the project with datasets that were deleted, and so are
    shown nowhere. You must be allowed to update the project.

    :param project: id or name of the project
    :type project: string

    :returns: for each of the 20 oldest such links of which something is
        known: `dataset_id` and `successors`, datasets that you may read, as
        :py:func:`digifarm_successor_show` gives them; `is_named`: whether
        its publisher has named it, else it is only likely
    :rtype: list of dictionaries

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not
    """
    tk.check_access("digifarm_link_suggest", context, data_dict)
    lost = guessing.lost(open_project(data_dict).id)
    named = chains.ends(context, [facts.id for facts in lost])
    likely = guessing.offered(context, [f for f in lost if f.id not in named])
    return [
        {
            "dataset_id": facts.id,
            "is_named": facts.id in named,
            "successors": [chains.dictize(one) for one in found],
        }
        for facts in lost
        if (
            found := [named[facts.id]]
            if facts.id in named
            else likely.get(facts.id, [])
        )
    ]


def _target(
    context: Context, data_dict: DataDict, dataset: model.Package
) -> str:
    """Id of the dataset where a link goes."""
    field = "dataset"
    if data_dict.get("successor"):
        field = "successor"
        found = package({"dataset": data_dict["successor"]}, "dataset")
    else:
        ends = chains.ends(context, [dataset.id])
        end = ends.get(dataset.id)
        if end is None:
            refuse(field, tk._("No newer dataset is known"))
        found = package({"dataset": end.id}, "dataset")
    # It stays what it is until the commit.
    found = lookups.share(found)
    if found is None or found.id == dataset.id or not chains.is_dataset(found):
        refuse(field, tk._("This can’t be linked"))
    return found.id
