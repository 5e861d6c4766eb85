from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import resending
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict
from ..projects.lookups import check_public_asking
from .model import Support
from .workflow import WORKFLOW


@tk.validate_action_data(lib_schema.resend)
def digifarm_support_resend(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Write the mail once more that asks to confirm an offer.

    You must have sent it, without an account that has an e-mail address,
    not more than a day ago; it must not be confirmed yet. The answer is the
    same whether mails went to the address before or not.

    :param token: as :py:func:`digifarm_support_offer` gives it
    :type token: string
    :param email: another address, where the first one was wrong: the link of
        the mail that went there is of no use any more (optional)
    :type email: string

    :returns: `id` and `state`, and `token` to do so again
    :rtype: dictionary

    :raises NotAuthorized: where you ask too often
    :raises ValidationError: where it is confirmed already, the token is of no
        use, or the address is none
    """
    support = resending.resend(
        WORKFLOW,
        "digifarm_support_resend",
        context,
        data_dict,
        column="contact_email",
        check=lambda row: check_public_asking(row.project_id, row.area),
    )
    return offered(support, data_dict)


def offered(support: Support, data_dict: DataDict) -> dict[str, Any]:
    """What whoever offers support learns of it."""
    return {
        "id": support.id,
        "state": support.state,
        **resending.offered(support, data_dict),
    }
