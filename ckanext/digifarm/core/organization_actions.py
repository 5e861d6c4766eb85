"""Core's actions for organisations."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import review_office
from ..lib.ckan import Action, Context, DataDict


@tk.chained_action
def organization_update(
    next_: Action, context: Context, data_dict: DataDict
) -> Any:
    """Update an organisation; who reviews goes on under its new name."""
    tk.check_access("organization_update", context, data_dict)
    review_office.remember()
    return next_(context, data_dict)


@tk.chained_action
def group_update(next_: Action, context: Context, data_dict: DataDict) -> Any:
    """Update a group, which may be an organisation as well."""
    tk.check_access("group_update", context, data_dict)
    review_office.remember()
    return next_(context, data_dict)
