from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib.ckan import Context, DataDict, model
from ..partners.model import Partner
from . import schema
from .actions import dictize
from .workflow import WORKFLOW


@tk.validate_action_data(schema.support_update)
def digifarm_support_update(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Say until when a support goes on.

    You must be on one of its sides: allowed to update the project or the
    partner, or have offered it. Both sides get a mail, and are asked before
    that day whether it goes on.

    :param id: id of the support
    :type id: string
    :param token: instead of `id`: of a link to it that was sent by mail
    :type token: string
    :param until: until when, such as `2027` or `2027-03`; "" where nobody
        knows (optional, default: "")
    :type until: string

    :returns: the support
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such support
    :raises NotAuthorized: where you may not
    :raises ValidationError: where it doesn't run (any more), or that day has
        passed
    """
    with WORKFLOW.step("digifarm_support_update", context, data_dict) as step:
        support, until = step.row, data_dict["until"]
        step.is_idle = support.until == until and not support.ends
        support.until, support.ends = until, False
    partner = model.Session.get(Partner, support.partner_id or "")
    return dictize(support, partner)
