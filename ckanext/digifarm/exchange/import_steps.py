from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib.ckan import Context, DataDict
from ..lib.context import commit, deferred
from . import schema, working
from .import_workflow import WORKFLOW
from .model import Import


@tk.validate_action_data(schema.import_show)
def digifarm_import_confirm(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Say yes to what would become of the rows of a table.

    A worker writes those that would be created or updated, one by one, as if
    you did so by hand. A row with mistakes is left out, and stops no other.
    Once more changes nothing. You must have uploaded it.

    :param id: id of the upload
    :type id: string

    :returns: `id` and `state`
    :rtype: dictionary

    :raises ObjectNotFound: where there is none (any more)
    :raises NotAuthorized: where you are no reviewer, or it is not yours
    :raises ValidationError: where it is still looked at, or was cancelled
    """
    row = WORKFLOW.take(
        "digifarm_import_confirm", deferred(context), data_dict
    )
    working.wake()
    commit(context)
    return _dictize(row)


@tk.validate_action_data(schema.import_show)
def digifarm_import_cancel(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Cancel the import of a table; its file is forgotten.

    Rows that were written already stay written. Once more changes nothing.
    You must have uploaded it.

    :param id: id of the upload
    :type id: string

    :returns: `id` and `state`
    :rtype: dictionary

    :raises ObjectNotFound: where there is none (any more)
    :raises NotAuthorized: where you are no reviewer, or it is not yours
    :raises ValidationError: where it is done
    """
    return _dictize(
        WORKFLOW.take("digifarm_import_cancel", context, data_dict)
    )


def _dictize(row: Import) -> dict[str, Any]:
    return {"id": row.id, "state": row.state}
