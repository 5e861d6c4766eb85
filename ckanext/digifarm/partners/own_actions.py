"""What the contact of a partner sees of it."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict
from ..lib.context import user_id
from .model import Partner
from .workflow import WORKFLOW


@tk.side_effect_free
@tk.validate_action_data(lib_schema.step)
def digifarm_partner_own_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """A partner, for its contact.

    You must be its contact: have the link that was sent, or have registered
    it with your account.

    :param id: id of the partner
    :type id: string
    :param token: instead of `id`: of the link that was sent
    :type token: string

    :returns: the partner, with `contact_name` and `contact_email`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you are not its contact
    :raises ValidationError: where the token is of no use (any more)
    """
    action = "digifarm_partner_own_show"
    partner = WORKFLOW.authorized(action, context, data_dict)
    return partner.dictize(with_contact=True)


@tk.side_effect_free
@tk.validate_action_data(lib_schema.page)
def digifarm_partner_own_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """The partners that you have registered with your account.

    You must be logged in.

    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`: partners with their contacts, the last
        registered first
    :rtype: dictionary

    :raises NotAuthorized: where you are not logged in
    """
    tk.check_access("digifarm_partner_own_list", context, data_dict)
    count, found = Partner.registered_by(
        user_id(context) or "", data_dict["limit"], data_dict["offset"]
    )
    return {
        "count": count,
        "results": [partner.dictize(with_contact=True) for partner in found],
    }
