"""What a partner may know of an offer that somebody made in its name."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import schema as lib_schema
from ..lib import tokens
from ..lib.ckan import Context, DataDict, model
from ..lib.errors import refuse
from ..lib.tokens import Purpose
from .actions import dictize
from .mails import named_key, object_to
from .model import PUBLIC_STATES, Support, SupportState


@tk.side_effect_free
@tk.validate_action_data(lib_schema.token)
def digifarm_support_named_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """A support in the name of a partner, for the partner's contact.

    You must have the link that was sent to the contact, as somebody else has
    offered the support. It shows nothing private.

    :param token: what the link ends with
    :type token: string

    :returns: the support, as :py:func:`digifarm_support_list` gives it,
        `project`, a dictionary with `id`, `name` and `title`, and
        `object_to`: the address to write to if it is not right, or ""
    :rtype: dictionary

    :raises ObjectNotFound: where the project has been deleted
    :raises ValidationError: where the link is of no use (any more)
    """
    tk.check_access("digifarm_support_named_show", context, data_dict)
    support_id = _named(data_dict["token"])
    rows = Support.with_project(Support.id == support_id)
    if not rows:
        raise tk.ObjectNotFound(tk._("Support not found"))
    support, partner, project = rows[0]
    return {
        **dictize(support, partner),
        "project": {
            key: getattr(project, key) for key in ("id", "name", "title")
        },
        "object_to": object_to(project),
    }


def _named(token: str) -> str:
    """The id of the support that names whoever has a link.

    :raises ValidationError: where the link is of no use (any more)
    """
    try:
        id_, key = tokens.read(token, Purpose.SUPPORT_NAMED)
    except tk.Invalid as e:
        refuse("token", e.error, e)
    support = model.Session.get(Support, id_)
    if (
        support is None
        or support.partner_id is None
        or named_key(support) != key
        or SupportState(support.state) not in PUBLIC_STATES
    ):
        refuse("token", tk._("This link is of no use any more"))
    return support.id
