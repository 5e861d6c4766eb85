"""The mails that the steps in the life of a support send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckantoolkit as tk

from ckan import model

from .. import clock, config, fields, mail, tokens
from ..language import known, speaking
from ..mail import Recipient
from ..model import Event, Partner, Subject, Support, SupportState
from ..tokens import Purpose
from . import owners
from .ownership import Entry
from .transitions import Actor, Transition


def tell(
    transition: Transition,
    support: Support,
    *,
    reason: str = "",
    actor: model.User | None = None,
    team: list[model.User] | None = None,
    entry: Entry | None = None,
) -> None:
    """Write the mails of a step; commits nothing.

    :param transition: the step
    :param support: the support after it
    :param reason: why, in the words of who took it
    :param actor: who took it, if known
    :param team: who looked after the project until now, if it isn't who does
    :param entry: how the supporter comes to own the project, if they do
    """
    for side, template in transition.mails.items():
        send(
            template,
            side,
            support,
            reason=reason,
            actor=actor,
            team=team,
            entry=entry,
        )
    if support.contact_email and transition.target is SupportState.ACCEPTED:
        _tell_partner(support)


def send(
    template: str,
    side: Actor,
    support: Support,
    *,
    reason: str = "",
    actor: model.User | None = None,
    team: list[model.User] | None = None,
    entry: Entry | None = None,
) -> None:
    """Write a mail about a support to one side; commits nothing.

    :param template: name of the mail's template
    :param side: who gets it
    :param reason: why, in the words of who took the step
    :param actor: who took it, if known
    :param team: who looked after the project until now, if it isn't who does
    :param entry: how the supporter comes to own the project, if they do
    """
    project = model.Package.get(support.project_id)
    partner = model.Session.get(Partner, support.partner_id or "")
    if project is None:
        return
    other = supporter(support, partner)
    to_project = side is Actor.PROJECT
    team = owners.of_project(project) if team is None else team
    if to_project:
        people = owners.recipients(team)
        address = other.email if other else ""
    else:
        people = [other] if other else []
        address = project_address(project, _asker(support) or actor, team)
    # The sides get each other's address when they have agreed, not before.
    address = address if template == "support_accepted" else ""
    for to in people:
        with speaking(to.language):
            values = _values(support, project, partner, to_project=to_project)
        values.update(address=address, reason=reason, entry=entry)
        mail.write(
            template, to, subject_id=support.id, reply_to=address, **values
        )


def _tell_partner(support: Support) -> None:
    """Tell a partner of the directory whose name somebody else has used."""
    project = model.Package.get(support.project_id)
    partner = model.Session.get(Partner, support.partner_id or "")
    if project is None or partner is None or not partner.contact_email:
        return
    if partner.contact_email.lower() == support.contact_email.lower():
        return
    language = known(partner.language)
    to = Recipient(partner.contact_email, partner.contact_name, language)
    with speaking(language):
        values = _values(support, project, partner, to_project=False)
    mail.write("support_recorded", to, subject_id=support.id, **values)


def remind(
    template: str,
    support: Support,
    people: Callable[[model.Package], list[model.User]],
) -> None:
    """Write that an offer waits for an answer; commits nothing.

    :param template: name of the mail's template
    :param people: who is to be told, given the project
    """
    project = model.Package.get(support.project_id)
    partner = model.Session.get(Partner, support.partner_id or "")
    if project is None or project.state != model.State.ACTIVE:
        return
    waiting = (clock.now() - support.modified).days
    for to in owners.recipients(people(project)):
        with speaking(to.language):
            values = _values(support, project, partner, to_project=True)
        values.update(waiting=waiting, subject_id=support.id)
        mail.write(template, to, **values)


def supporter(support: Support, partner: Partner | None) -> Recipient | None:
    """How the supporting side is written to, if that is known."""
    language = known(support.language)
    if support.contact_email:
        # Until it is confirmed, anybody may have written anything there.
        is_known = support.state != SupportState.UNCONFIRMED.value
        name = support.contact_name if is_known else ""
        return Recipient(support.contact_email, name, language)
    if partner and partner.contact_email:
        name = partner.contact_name
        return Recipient(partner.contact_email, name, language)
    return None


def project_address(
    project: model.Package,
    actor: model.User | None,
    team: list[model.User],
) -> str:
    """The address that a project gives to those who support it.

    :param actor: who has decided for the project, if that side did
    :param team: who looks after it
    """
    public = project.extras.get("contact_email")
    deciding = actor.email if actor and actor in team else None
    return str(public or deciding or config.contact_email() or "")


def _asker(support: Support) -> model.User | None:
    """Who has asked a partner for support, of those who still may."""
    for event in Event.of(Subject.SUPPORT, support.id):
        if event.state == SupportState.REQUESTED.value:
            return model.User.get(event.created_by)
    return None


def _values(
    support: Support,
    project: model.Package,
    partner: Partner | None,
    *,
    to_project: bool,
) -> dict[str, Any]:
    """What the templates say of a support."""
    if to_project:
        route, params = "digifarm_support.project", {"id": project.name}
    elif support.state == SupportState.UNCONFIRMED.value:
        route, params = (
            "digifarm_offers.confirm",
            {"token": _token(Purpose.SUPPORT_CONFIRM, support)},
        )
    else:
        route, params = (
            "digifarm_offers.by_link",
            {"token": _token(Purpose.SUPPORT, support)},
        )
    return {
        "support": support,
        "project": project,
        "partner": partner,
        "to_project": to_project,
        "supporter": partner.title if partner else support.contact_name,
        "area": fields.choice_label("help_wanted", support.area),
        "link": tk.h.url_for(route, qualified=True, **params),
        "days": config.token_days(),
    }


def _token(purpose: Purpose, support: Support) -> str:
    return tokens.make(purpose, support.id, support.token_key)
