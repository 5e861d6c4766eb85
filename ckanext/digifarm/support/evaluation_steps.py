from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib.ckan import Context, DataDict
from . import schema
from .workflow import EVALUATE, WORKFLOW


@tk.validate_action_data(schema.support_evaluate)
def digifarm_support_evaluate(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Say whether a support that has ended has helped.

    You must be allowed to update the project, and not have given it: nobody
    judges their own help. It is counted, and seen by
    nobody but the people of the project and the reviewers. Who changes their
    mind says it once more.

    :param id: id of the support
    :type id: string
    :param helped: `yes`, `partly` or `no`
    :type helped: string

    :returns: `id` and `helped`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such support
    :raises NotAuthorized: where you may not
    :raises ValidationError: where it has not ended, or with the names of the
        parameters
    """
    with WORKFLOW.step(EVALUATE, context, data_dict) as step:
        step.is_idle = step.row.helped == data_dict["helped"]
        step.row.helped = data_dict["helped"]
    return {"id": step.row.id, "helped": step.row.helped}
