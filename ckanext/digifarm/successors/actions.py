from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import clock, lookups
from ..lib.acting import Acting
from ..lib.actors import Actor
from ..lib.ckan import Context, DataDict, ErrorDict, model
from ..lib.context import commit, user_id
from ..lib.errors import refuse
from ..lib.permissions import may_update
from ..projects.lookups import package
from . import chains, guessing, history, schema, telling
from .model import Successor


@tk.validate_action_data(schema.successor_set)
def digifarm_successor_set(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Say that another dataset replaces one.

    You must be allowed to update the dataset and to read the other one. The
    people of linked projects are told by mail. The same dataset again
    updates what replaces it; links that were moved to another one before are
    moved back first.

    :param dataset: id or name of the dataset that is replaced
    :type dataset: string
    :param successor: id or name of the dataset that replaces it
    :type successor: string
    :param unchanged: whether nothing else has changed, so that the links of
        all projects are moved at once; where the other dataset is private,
        they stay (optional, default: false)
    :type unchanged: boolean

    :returns: as :py:func:`digifarm_successor_show`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such dataset
    :raises NotAuthorized: where you may not
    :raises ValidationError: with the name of the parameter; also where the
        other dataset is replaced by this one
    """
    tk.check_access("digifarm_successor_set", context, data_dict)
    dataset = package(data_dict, "dataset")
    successor = package({"dataset": data_dict["successor"]}, "dataset")
    # Two together might close a circle.
    lookups.take_turns("successors")
    _check(dataset, lookups.share(successor) or successor)
    _set(context, dataset, successor.id, unchanged=data_dict["unchanged"])
    commit(context)
    return _show(context, dataset)


@tk.validate_action_data(schema.dataset)
def digifarm_successor_remove(context: Context, data_dict: DataDict) -> None:
    """Say that no other dataset replaces one after all.

    You must be allowed to update the dataset. Links that the portal has moved
    are moved back, if nobody has moved them since; who was told that it was
    replaced is told so.

    :param dataset: id or name of the dataset that was replaced
    :type dataset: string

    :raises ObjectNotFound: where nothing replaces it
    :raises NotAuthorized: where you may not
    """
    tk.check_access("digifarm_successor_remove", context, data_dict)
    dataset = package(data_dict, "dataset")
    lookups.take_turns("successors")
    row = lookups.lock_by_id(Successor, dataset.id)
    if row is None:
        raise tk.ObjectNotFound(tk._("No dataset replaces this one"))
    by = Acting(Actor.DATASET, user_id(context))
    history.record(dataset, row.successor_id, None, by)
    model.Session.delete(row)
    telling.undo_later(dataset.id)
    commit(context)


@tk.side_effect_free
@tk.validate_action_data(schema.dataset)
def digifarm_successor_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """What replaces a dataset, and what it replaces, as far as you may read.

    :param dataset: id or name of the dataset
    :type dataset: string

    :returns: `successor`: `id`, `name`, `title` and `type` of the dataset
        that replaces it, or None; where that one is replaced, too, the last
        one that you may read; `predecessors`: a list of the same of those
        that it replaces, 20 at most. If you may edit the dataset, `named`
        besides: the dataset that it was said to be replaced by, with
        `unchanged`, `created` (when, UTC) and `created_by` (id of a user), or
        None
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such dataset
    :raises NotAuthorized: where you may not read it
    """
    tk.check_access("digifarm_successor_show", context, data_dict)
    return _show(context, package(data_dict, "dataset"))


@tk.side_effect_free
@tk.validate_action_data(schema.dataset)
def digifarm_successor_suggest(
    context: Context, data_dict: DataDict
) -> list[dict[str, str]]:
    """Which datasets may replace one, as they agree in what names them.

    Datasets of the same organisation with the same name, apart from a number
    at its end, the same identifier, the same source or the same resources.
    You must be allowed to update the dataset.

    :param dataset: id or name of the dataset
    :type dataset: string

    :returns: three at most of those that you may read, the likeliest first,
        as :py:func:`digifarm_successor_show` gives them
    :rtype: list of dictionaries

    :raises ObjectNotFound: where there is no such dataset
    :raises NotAuthorized: where you may not
    """
    tk.check_access("digifarm_successor_suggest", context, data_dict)
    dataset = package(data_dict, "dataset")
    found = guessing.offered(context, guessing.facts_of([dataset.id]))
    return [chains.dictize(one) for one in found.get(dataset.id, [])]


def _check(dataset: model.Package, successor: model.Package) -> None:
    errors: ErrorDict = {}
    is_not = [tk._("Must be a dataset, not a civic project")]
    if dataset.type == PROJECT_TYPE:
        errors["dataset"] = is_not
    if successor.type == PROJECT_TYPE:
        errors["successor"] = is_not
    elif successor.id == dataset.id:
        errors["successor"] = [tk._("A dataset can’t replace itself")]
    elif successor.state == model.State.DELETED:
        errors["successor"] = [tk._("Has been deleted")]
    elif successor.state != model.State.ACTIVE:
        errors["successor"] = [tk._("Is not published yet")]
    if errors:
        raise tk.ValidationError(errors)
    if Successor.leads_to(successor.id, dataset.id):
        refuse(
            "successor",
            tk._("This one is replaced by the dataset that it would replace"),
        )


def _set(
    context: Context,
    dataset: model.Package,
    successor: str,
    *,
    unchanged: bool,
) -> None:
    """Write down what replaces a dataset, if that is new; commits nothing."""
    row = lookups.lock_by_id(Successor, dataset.id)
    before = (row.successor_id, row.unchanged) if row else (None, False)
    if before == (successor, unchanged):
        return
    by = Acting(Actor.DATASET, user_id(context))
    is_known = history.has_said(dataset.id, successor)
    if row is None:
        row = Successor(dataset_id=dataset.id)
        model.Session.add(row)
    row.successor_id, row.unchanged = successor, unchanged
    row.created, row.created_by = clock.now(), by.user_id
    history.record(dataset, before[0], successor, by, unchanged=unchanged)
    if before[1]:
        telling.undo_later(dataset.id)
    # Who changes their mind twice tells nobody twice.
    if unchanged or not is_known:
        telling.later(dataset.id)


def _show(context: Context, dataset: model.Package) -> dict[str, Any]:
    found = chains.of([dataset.id], both_ways=True)
    shown = chains.around(context, found, dataset.id)
    if not may_update(context, dataset.id):
        return shown
    row = model.Session.get(Successor, dataset.id)
    named = found.named(context, dataset.id) if row else None
    if row is None or named is None:
        return {**shown, "named": None}
    return {
        **shown,
        "named": {
            **chains.dictize(named),
            "unchanged": row.unchanged,
            "created": row.created.isoformat(),
            "created_by": row.created_by,
        },
    }
