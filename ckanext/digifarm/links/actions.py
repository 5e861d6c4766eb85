from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ..config import PROJECT_TYPE
from ..lib.acting import Acting, acting
from ..lib.actors import Actor
from ..lib.ckan import Context, DataDict, ErrorDict, model
from ..lib.context import commit, user_id
from ..lib.errors import refuse
from ..lib.events import Change
from ..lib.permissions import may_update, updatable
from ..losses import looking
from ..projects.lookups import MOST, package, readable_part
from . import activity, history, schema
from .model import Link, Side


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
    _check_types(project, dataset)
    side = _linked_from(context, data_dict, project, dataset)
    values = {key: data_dict[key] for key in ("relation", "note")}
    before = Link.get(project.id, dataset.id)
    relation = before.relation if before else None
    # Two people may link the same pair at the same moment.
    written = model.Session.execute(
        insert(Link)
        .values(
            project_id=project.id,
            dataset_id=dataset.id,
            linked_from=side.value,
            created_by=user_id(context),
            **values,
        )
        .on_conflict_do_update(
            index_elements=[Link.project_id, Link.dataset_id],
            set_=values,
            where=sa.or_(
                *(getattr(Link, key) != values[key] for key in values)
            ),
        )
        # A row that was there before has been updated by somebody.
        .returning(sa.literal_column("xmax = 0"))
    ).scalar()
    link = model.Session.get(
        Link, (project.id, dataset.id), populate_existing=True
    )
    assert link  # noqa: S101 – it was written above
    if written is not None:
        change = Change.CREATED if written else Change.CHANGED
        by = Acting(_actor(side), user_id(context))
        history.record(change, link, project, relation, by)
    if written:
        activity.record(activity.LINKED, context, link)
        looking.look_at(dataset.id)
    commit(context)
    return link.dictize(with_creator=True)


@tk.validate_action_data(schema.link_pair)
def digifarm_link_delete(context: Context, data_dict: DataDict) -> None:
    """Remove the link between a project and a dataset.

    You must be allowed to update one of the two and to read both.

    :param project: id or name of the project
    :type project: string
    :param dataset: id or name of the dataset
    :type dataset: string

    :raises ObjectNotFound: where there is no such link
    :raises NotAuthorized: where you may not
    """
    tk.check_access("digifarm_link_delete", context, data_dict)
    project, dataset = packages(data_dict)
    # Somebody else may remove it at this moment.
    link = Link.get(project.id, dataset.id, locked=True)
    if link is None:
        raise tk.ObjectNotFound(
            tk._("The project and the dataset are not linked")
        )
    activity.record(activity.UNLINKED, context, link)
    updates_project = may_update(context, project.id)
    side = Side.PROJECT if updates_project else Side.DATASET
    with acting(_actor(side), user_id(context)):
        model.Session.delete(link)
        model.Session.flush()
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
        `linked` (when, UTC), `linked_from` (`project` or `dataset`) and, if
        you may edit either side, `created_by` (id of a user)
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


def _actor(side: Side) -> Actor:
    return Actor.PROJECT if side is Side.PROJECT else Actor.DATASET


def _check_types(project: model.Package, dataset: model.Package) -> None:
    errors: ErrorDict = {}
    if project.type != PROJECT_TYPE:
        errors["project"] = [tk._("Must be a civic project")]
    if dataset.type == PROJECT_TYPE:
        errors["dataset"] = [tk._("Must be a dataset, not a civic project")]
    for side, found in (("project", project), ("dataset", dataset)):
        if found.state == model.State.DELETED:
            errors[side] = [tk._("Has been deleted")]
    if errors:
        raise tk.ValidationError(errors)


def _linked_from(
    context: Context,
    data_dict: DataDict,
    project: model.Package,
    dataset: model.Package,
) -> Side:
    """The side that links: as the user says, who must be able to update it."""
    if not data_dict.get("linked_from"):
        updates_project = may_update(context, project.id)
        return Side.PROJECT if updates_project else Side.DATASET
    side = Side(data_dict["linked_from"])
    this = project if side is Side.PROJECT else dataset
    if not may_update(context, this.id):
        refuse("linked_from", tk._("You may not edit that side"))
    return side


def _linked(
    context: Context, data_dict: DataDict, side: Side, this: model.Package
) -> dict[str, Any]:
    links = {
        link.package_id(side.other): link
        for link in Link.of(side, this.id, MOST)
    }
    found = readable_part(
        context, list(links), data_dict["limit"], data_dict["offset"]
    )
    page = found["results"]
    if page and may_update(context, this.id):
        edits = {other["id"] for other in page}
    else:
        edits = updatable(context, page)
    return {
        "count": found["count"],
        "results": [
            {
                **other,
                **links[other["id"]].dictize(
                    with_creator=other["id"] in edits
                ),
            }
            for other in page
        ],
    }
