from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib.ckan import Context, DataDict, model
from ..lib.context import commit
from ..lib.errors import refuse
from ..lib.permissions import may_update, readable_of, updatable_of
from ..projects import lookups
from ..projects.lookups import package
from . import schema, writing
from .actions import wrong
from .model import Side
from .writing import Pair

#: Nobody chooses more in one go.
MOST = 50


@tk.validate_action_data(schema.links_create)
def digifarm_links_create(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Link a project with several datasets, or a dataset with projects.

    All or none. You must be allowed to update one of each pair and to read
    both. A pair that is linked already gets relation and note.

    :param project: id or name of the project; either this or `dataset`
    :type project: string
    :param dataset: id or name of the dataset
    :type dataset: string
    :param linked: ids or names of those that it is linked with, 50 at most;
        what is named twice counts once
    :type linked: list of strings
    :param relation: `uses` or `provides`: what the project does with the
        data (optional, default: `uses`)
    :type relation: string
    :param note: how the data is used, in a line of 500 characters at most
        (optional)
    :type note: string
    :param linked_from: `project` or `dataset`: the side on which the links
        are made (optional, default: the project's, if you may update it)
    :type linked_from: string

    :returns: the links, in the order of `linked`
    :rtype: list of dictionaries

    :raises ObjectNotFound: where there is no such project or dataset
    :raises NotAuthorized: where you may link none of them
    :raises ValidationError: with the name of the parameter; `linked` names
        what can't be linked
    """
    side = _side_of(data_dict)
    references = _references(data_dict["linked"])
    this = package(data_dict, side.value)
    data_dict = {**data_dict, "linked": references}
    tk.check_access("digifarm_links_create", context, data_dict)
    if message := _wrong_with(this, side):
        refuse(side.value, message)
    others = _others(context, references, side)
    pairs = _pairs(context, data_dict, this, side, others)
    links = writing.write(context, pairs, data_dict)
    commit(context)
    return [link.dictize(with_creator=True) for link in links]


def _side_of(data_dict: DataDict) -> Side:
    """Which side the one package is that is linked with the others."""
    given = [side for side in Side if data_dict.get(side.value)]
    if len(given) != 1:
        refuse("project", tk._("Please name either a project or a dataset"))
    return given[0]


def _references(linked: list[str]) -> list[str]:
    """What was named, each once."""
    references = [*dict.fromkeys(filter(None, map(str.strip, linked)))]
    if not references:
        refuse("linked", tk._("Please choose at least one"))
    if len(references) > MOST:
        refuse(
            "linked", tk._("At most {limit} are possible").format(limit=MOST)
        )
    return references


def _wrong_with(package_: model.Package, side: Side) -> str:
    """What is wrong with a package on its side, or ""."""
    pair = {side: package_, side.other: package_}
    errors: Any = wrong(pair[Side.PROJECT], pair[Side.DATASET])
    return " ".join(errors.get(side.value, []))


def _others(
    context: Context, references: list[str], side: Side
) -> list[model.Package]:
    """What the package is linked with, in the order in which it was named.

    :raises ValidationError: where something can't be linked, with all that
    """
    found = lookups.packages(references)
    readable = readable_of(context, found)
    by_reference = {
        reference: one
        for one in found
        if one.id in readable
        for reference in (one.name, one.id)
    }
    # An id counts before a name, as everywhere.
    by_reference |= {one.id: one for one in found if one.id in readable}
    messages = []
    for reference in references:
        one = by_reference.get(reference)
        if one is None:
            messages.append(_cannot(reference))
        elif why := _wrong_with(one, side.other):
            messages.append(f"{one.title or one.name}: {why}")
    if messages:
        raise tk.ValidationError({"linked": messages})
    return [*dict.fromkeys(by_reference[one] for one in references)]


def _cannot(reference: str) -> str:
    """The same for what isn't there and for what nobody may know of."""
    return tk._(
        "“{name}” can’t be linked. Please choose something else."
    ).format(name=reference)


def _pairs(
    context: Context,
    data_dict: DataDict,
    this: model.Package,
    side: Side,
    others: list[model.Package],
) -> list[Pair]:
    """The pairs, and which side of each acts: as the user says, if they do.

    :raises ValidationError: where the user may edit neither, or not that side
    """
    updates_this = may_update(context, this.id)
    # Who acts for one side need not be asked about the other.
    wanted = data_dict.get("linked_from")
    is_said = updates_this and wanted == side.value
    asks_others = not updates_this or (side is Side.DATASET and not is_said)
    updatable = updatable_of(context, others) if asks_others else set()
    pairs, messages = [], []
    for other in others:
        updates = {side: updates_this, side.other: other.id in updatable}
        if wanted and not updates[Side(wanted)]:
            refuse("linked_from", tk._("You may not edit that side"))
        if not any(updates.values()):
            messages.append(_cannot(other.title or other.name))
        acts = Side.PROJECT if updates[Side.PROJECT] else Side.DATASET
        both = {side: this, side.other: other}
        pairs.append(
            Pair(
                both[Side.PROJECT],
                both[Side.DATASET],
                Side(wanted) if wanted else acts,
            )
        )
    if messages:
        raise tk.ValidationError({"linked": messages})
    return pairs
