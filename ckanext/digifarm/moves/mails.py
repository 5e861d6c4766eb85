"""The mails about projects that have got another organisation."""

from __future__ import annotations

from collections.abc import Iterable

import ckantoolkit as tk

from .. import config
from ..lib import outbox, people
from ..lib.ckan import model
from ..lib.language import speaking


def send(
    template: str,
    project: model.Package,
    organization: model.Group,
    users: Iterable[model.User],
) -> None:
    """Write a mail to people of an organisation; commits nothing.

    :param template: name of the mail's template
    :param project: that it has got
    :param users: who is told, as far as they have an address
    """
    # Where nobody is left, the city's team need not know.
    if not (told := [user for user in users if user.email]):
        return
    for recipient in people.recipients(told):
        with speaking(recipient.language):
            page, edit, team, support = (
                tk.h.url_for(route, id=project.name, qualified=True)
                for route in (
                    "civic_project.read",
                    "civic_project.edit",
                    "digifarm_team.index",
                    "digifarm_support.project",
                )
            )
        outbox.write(
            f"moves/emails/{template}",
            recipient,
            subject_id=project.id,
            reply_to=config.contact_email() or "",
            project=project,
            organization=organization,
            link=page,
            edit_link=edit,
            team_link=team,
            support_link=support,
        )
