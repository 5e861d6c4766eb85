"""The mails about links that the data's publisher has removed."""

from __future__ import annotations

import ckantoolkit as tk

from .. import config
from ..lib import outbox, people
from ..lib.ckan import Context, model
from ..lib.language import speaking
from ..lib.permissions import may_read


def send_removed(
    project: model.Package,
    dataset: model.Package,
    reason: str,
    remover: str | None,
) -> None:
    """Tell a project's people of a link that is gone; commits nothing.

    :param project: whose link it was
    :param dataset: that it was linked with; who may not read it learns only
        that it is one
    :param reason: why, in the words of whoever removed it, or ""
    :param remover: id of their account: they need no mail
    """
    if project.state != model.State.ACTIVE:
        return
    for user in people.of_project(project):
        # Where nobody can be reached, the city's team need not know.
        if user.email and user.id != remover:
            _send(project, dataset, reason, user)


def _send(
    project: model.Package,
    dataset: model.Package,
    reason: str,
    user: model.User,
) -> None:
    as_user = Context(user=user.name, auth_user_obj=user)
    knows = may_read(as_user, dataset.id)
    [recipient] = people.recipients([user])
    with speaking(recipient.language):
        page = tk.h.url_for(
            "civic_project.read", id=project.name, qualified=True
        )
        data = tk.h.url_for("dataset.read", id=dataset.name, qualified=True)
    outbox.write(
        "links/emails/link_removed",
        recipient,
        subject_id=project.id,
        reply_to=config.contact_email() or "",
        project=project,
        dataset=dataset if knows else None,
        dataset_link=data if knows else "",
        reason=reason,
        link=page,
    )
