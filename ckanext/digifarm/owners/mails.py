"""The mails about who looks after a project."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from .. import config
from ..lib import outbox, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import mailer, model
from ..lib.language import known, speaking
from ..lib.tokens import Purpose
from . import membership
from .membership import Gone
from .model import Invitation


def send(
    template: str, to: Actor, invitation: Invitation, **values: Any
) -> None:
    """Write a mail about an invitation to one side; commits nothing.

    :param template: name of the mail's template
    :param to: who gets it
    :param values: `account`: one that waits for its password, for who is
        invited and can't register
    """
    project = model.Package.get(invitation.project_id)
    if project is None:
        return
    if to is Actor.INVITED:
        _invite(template, project, invitation, values.get("account"))
        return
    joined = model.User.get(invitation.user_id)
    before = model.User.get(invitation.created_by)
    is_handed_over = invitation.hands_over and before is not None
    told = {user.id: user for user in people.of_project(project)}
    if before and before.is_active:
        told[before.id] = before
    told.pop(invitation.user_id or "", None)
    if is_handed_over and before:
        told.pop(before.id, None)
        if before.is_active and before.email:
            _tell("owner_handed_over", project, [before], user=joined)
    if told:
        _tell(
            template,
            project,
            list(told.values()),
            user=joined,
            before=before if is_handed_over else None,
        )


def tell_left(
    project: model.Package, user: model.User, *, by_self: bool, reason: str
) -> None:
    """Tell those who look after a project that somebody does no longer.

    Who was taken out by others hears of it, too. Commits nothing.

    :param project: of which they are no owner any more
    :param reason: why, in words
    """
    is_last = not membership.owners(project.id)
    said: dict[str, Any] = {"user": user, "reason": reason, "is_last": is_last}
    team = [one for one in people.of_project(project) if one.id != user.id]
    _tell("owner_left", project, team, by_self=by_self, **said)
    if not by_self and user.is_active and user.email:
        address = config.contact_email()
        _tell("owner_removed", project, [user], address=address, **said)


def tell_care_over(
    project: model.Package,
    gone: Gone,
    *,
    with_team: bool,
    with_user: bool,
    reason: str = "",
) -> None:
    """The same of who owned it as long as they took care of it.

    Of a deleted project, nobody need know. Commits nothing.

    :param with_team: whether those who look after it from now on are told
    :param with_user: whether that person is, if they lose anything
    :param reason: why their care has ended
    """
    if project.state != model.State.ACTIVE:
        return
    said: dict[str, Any] = {"reason": reason, "care_over": True}
    if with_team:
        team = [o for o in people.of_project(project) if o.id != gone.user.id]
        # Nobody is named: it may have ended as they are forgotten.
        _tell("owner_left", project, team, is_last=gone.is_last, **said)
    if with_user and not gone.may_edit and gone.user.email:
        address = project.extras.get("contact_email")
        said["address"] = address or config.contact_email()
        _tell("owner_removed", project, [gone.user], **said)


def _invite(
    template: str,
    project: model.Package,
    invitation: Invitation,
    account: model.User | None,
) -> None:
    recipient = outbox.outsider(
        invitation.email, "", known(invitation.language)
    )
    token = tokens.make(Purpose.CLAIM, invitation.id, invitation.token_key)
    by = model.User.get(invitation.created_by)
    with speaking(recipient.language):
        link = tk.h.url_for(
            "digifarm_owners.claim", token=token, qualified=True
        )
        password = mailer.get_reset_link(account) if account else ""
    outbox.write(
        f"owners/emails/{template}",
        recipient,
        subject_id=invitation.id,
        project=project,
        by=by.display_name if by else "",
        hands_over=invitation.hands_over,
        link=link,
        password_link=password,
        days=config.token_days(),
        address=config.contact_email(),
    )


def _tell(
    template: str,
    project: model.Package,
    users: list[model.User],
    **values: Any,
) -> None:
    for recipient in people.recipients(users):
        with speaking(recipient.language):
            link, page = (
                tk.h.url_for(route, id=project.name, qualified=True)
                for route in ("digifarm_team.index", "civic_project.read")
            )
        outbox.write(
            f"owners/emails/{template}",
            recipient,
            subject_id=project.id,
            project=project,
            link=link,
            page=page,
            **values,
        )
