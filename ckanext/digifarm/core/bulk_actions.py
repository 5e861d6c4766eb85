"""Core's actions for many packages of an organisation at once."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib.ckan import Action, Context, DataDict, model
from ..proposals import proposed


@tk.chained_action
def bulk_update_private(
    next_: Action, context: Context, data_dict: DataDict
) -> None:
    """Make packages private, all or none.

    :raises NotAuthorized: where one is a proposal that waits for a decision
    """
    tk.check_access("bulk_update_private", context, data_dict)
    _check(data_dict, {"private": True})
    next_(context, data_dict)


@tk.chained_action
def bulk_update_public(
    next_: Action, context: Context, data_dict: DataDict
) -> None:
    """Make packages public, all or none.

    :raises NotAuthorized: where one is a proposal that waits for a decision
    """
    tk.check_access("bulk_update_public", context, data_dict)
    _check(data_dict, {"private": False})
    next_(context, data_dict)


@tk.chained_action
def bulk_update_delete(
    next_: Action, context: Context, data_dict: DataDict
) -> None:
    """Delete packages, all or none.

    :raises NotAuthorized: where one is a proposal that waits for a decision
    """
    tk.check_access("bulk_update_delete", context, data_dict)
    _check(data_dict, {"state": model.State.DELETED})
    next_(context, data_dict)


def _check(data_dict: DataDict, changes: dict[str, Any]) -> None:
    """Look at all packages before core changes the first one.

    :raises NotAuthorized: the only refusal that core's page can show
    """
    ids = data_dict.get("datasets")
    if not isinstance(ids, list):
        return
    query = sa.select(model.Package).where(
        model.Package.id.in_([id_ for id_ in ids if isinstance(id_, str)]),
        model.Package.owner_org == str(data_dict.get("org_id")),
        model.Package.type == PROJECT_TYPE,
    )
    try:
        for project in model.Session.scalars(query):
            proposed.check_approved(project, changes)
    except tk.ValidationError as e:
        said = " ".join(e.error_summary.values())
        raise tk.NotAuthorized(said) from e
