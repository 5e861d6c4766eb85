from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import clock, outbox
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, model
from ..lib.context import commit
from ..lib.mail import Mail, MailState
from . import schema


@tk.side_effect_free
@tk.validate_action_data(lib_schema.page)
def digifarm_mail_list(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """The mails that are not tried any more, the newest first.

    You must be a sysadmin.

    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `id`, `recipient_email`, `subject`, `created`, `attempts` and
        `error`, what the last attempt failed with
    :rtype: list of dictionaries

    :raises NotAuthorized: where you are no sysadmin
    """
    tk.check_access("digifarm_mail_list", context, data_dict)
    return [
        {
            "id": mail.id,
            "recipient_email": mail.recipient_email,
            "subject": mail.subject,
            "created": mail.created.isoformat(),
            "attempts": mail.attempts,
            "error": mail.error,
        }
        for mail in Mail.given_up(data_dict["limit"], data_dict["offset"])
    ]


@tk.validate_action_data(schema.mail_id)
def digifarm_mail_retry(context: Context, data_dict: DataDict) -> None:
    """Try to send a mail again that was given up.

    You must be a sysadmin.

    :param id: id of the mail
    :type id: string

    :raises ObjectNotFound: where there is no such mail (any more)
    :raises NotAuthorized: where you are no sysadmin
    """
    tk.check_access("digifarm_mail_retry", context, data_dict)
    mail = _given_up(data_dict)
    mail.state = MailState.WAITING.value
    mail.attempts = 0
    mail.due = clock.now()
    outbox.wake()
    commit(context)


@tk.validate_action_data(schema.mail_id)
def digifarm_mail_delete(context: Context, data_dict: DataDict) -> None:
    """Delete a mail that was given up.

    You must be a sysadmin.

    :param id: id of the mail
    :type id: string

    :raises ObjectNotFound: where there is no such mail (any more)
    :raises NotAuthorized: where you are no sysadmin
    """
    tk.check_access("digifarm_mail_delete", context, data_dict)
    model.Session.delete(_given_up(data_dict))
    commit(context)


def _given_up(data_dict: DataDict) -> Mail:
    mail = model.Session.get(Mail, data_dict["id"], with_for_update=True)
    if mail is None or mail.state != MailState.GIVEN_UP.value:
        raise tk.ObjectNotFound(tk._("Mail not found"))
    return mail
