from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ckan import model
from ckan.types import Context, DataDict

from ... import tokens
from ...model import Proposal, Support
from ...tokens import Purpose
from .. import owners, ownership, rows, schema
from ..context import commit, user_id
from ..errors import refuse


@tk.validate_action_data(schema.token)
def digifarm_project_claim(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Become an owner of a project by the link that was sent to the address.

    :param token: what the link ends with
    :type token: string

    :returns: `id` and `name` of the project
    :rtype: dictionary

    :raises NotAuthorized: where you are not logged in
    :raises ValidationError: where the link is of no use (any more)
    """
    tk.check_access("digifarm_project_claim", context, data_dict)
    row = _claimed(data_dict["token"])
    user = model.User.get(user_id(context))
    project = model.Package.get(row.project_id)
    if (
        user is None
        or project is None
        or project.state != model.State.ACTIVE
        or not owners.collaborate()
    ):
        refuse("token", tk._("This project can’t be claimed"))
    if row.user_id not in {None, user.id}:
        refuse("token", tokens.used())
    ownership.add(project.id, user)
    row.user_id = user.id
    commit(context)
    return {"id": project.id, "name": project.name}


def _claimed(token: str) -> Proposal | Support:
    """What a link to claim a project is about, locked.

    :raises ValidationError: where the link is of no use (any more)
    """
    try:
        id_, _ = tokens.read(token, Purpose.CLAIM)
    except tk.Invalid as e:
        refuse("token", e.error, e)
    if model.Session.get(Proposal, id_):
        return rows.by_token(Proposal, token, Purpose.CLAIM)
    return rows.by_token(Support, token, Purpose.CLAIM)
