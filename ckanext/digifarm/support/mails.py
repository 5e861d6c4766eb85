"""The mails about supports."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import ckantoolkit as tk

from .. import config
from ..lib import addresses, outbox, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import model
from ..lib.events import Event, Subject
from ..lib.language import known, speaking
from ..lib.outbox import Recipient
from ..lib.tokens import Purpose
from ..owners import mails as owners_mails
from ..owners.membership import Gone
from ..partners.model import Partner
from ..projects import fields
from . import answering
from .model import Support, SupportState

#: These go to both sides: who is on both reads what the supporter does.
TO_BOTH = frozenset(
    {
        "support_accepted",
        "support_ended",
        "support_ran_out",
        "support_until",
    }
)

#: The template that asks reviewers what is up.
OVERDUE = "support_overdue"


def send(
    template: str,
    to: Actor,
    support: Support,
    *,
    actor: model.User | None = None,
    team: list[model.User] | None = None,
    gone: Gone | None = None,
    **values: Any,
) -> None:
    """Write a mail about a support to one side; commits nothing.

    :param template: name of the mail's template
    :param to: who gets it; `Actor.PARTNER` is one of the directory whose name
        somebody else has used
    :param actor: who took the step, if known
    :param team: who looked after the project until now, if it isn't who does
    :param gone: who owns the project no longer by it (optional)
    :param values: what the template says besides
    """
    project = model.Package.get(support.project_id)
    partner = model.Session.get(Partner, support.partner_id or "")
    if project is None:
        return
    team = people.of_project(project) if team is None else team
    other = supporter(support, partner)
    recipients = {
        Actor.PARTNER: lambda: _named(support, partner),
        Actor.PROJECT: lambda: people.recipients(team),
        Actor.REVIEWER: lambda: _reviewers(
            [] if template == OVERDUE else team
        ),
        Actor.SUPPORTER: lambda: [other] if other else [],
    }[to]()
    to_project = to in {Actor.PROJECT, Actor.REVIEWER}
    address = object_to(project) if to is Actor.PARTNER else ""
    # From then on, the two sides write to each other.
    if template == "support_accepted" and to_project:
        address = other.email if other else ""
    elif template == "support_accepted" and values.get("by_city"):
        address = config.contact_email() or project_address(project, None, [])
    elif template == "support_accepted":
        address = project_address(project, _asker(support) or actor, team)
    if to is Actor.PROJECT and template in TO_BOTH:
        recipients = [one for one in recipients if not _is_same(one, other)]
    is_both = any(_is_same(one, other) for one in people.recipients(team))
    if other and addresses.mailbox(address) == addresses.mailbox(other.email):
        # Nobody has to be told how to reach themselves.
        address = address if to_project else ""
    for recipient in recipients:
        with speaking(recipient.language):
            said = _values(support, project, partner)
            link = _link(to, support, project)
        outbox.write(
            f"support/emails/{template}",
            recipient,
            subject_id=support.id,
            reply_to=address,
            **said,
            **values,
            to_project=to_project,
            gone=gone,
            is_gone=gone and people.is_at(gone.user, recipient.email),
            is_both=is_both and not to_project,
            to_city=to is Actor.REVIEWER,
            address=address,
            link=link,
        )


def tell_gone(
    support: Support, gone: Gone, told: Collection[Actor], *, reason: str = ""
) -> None:
    """Write that somebody owns a project no longer, as their care has ended.

    To those who don't read it in another mail. Commits nothing.

    :param told: the sides that get one
    :param reason: why the support has ended
    """
    project = model.Package.get(support.project_id)
    if project is None:
        return
    partner = model.Session.get(Partner, support.partner_id or "")
    other = supporter(support, partner) if Actor.SUPPORTER in told else None
    is_told = other is not None and people.is_at(gone.user, other.email)
    owners_mails.tell_care_over(
        project,
        gone,
        with_team=Actor.PROJECT not in told,
        with_user=not is_told,
        reason=reason,
    )


def _is_same(one: Recipient, other: Recipient | None) -> bool:
    """Whether both are written to at the same mailbox."""
    return other is not None and (
        addresses.mailbox(one.email) == addresses.mailbox(other.email)
    )


def _reviewers(team: list[model.User]) -> list[Recipient]:
    """The city's reviewers but those who have got a mail with a team."""
    reviewers = people.reviewers()
    others = [user for user in reviewers if user not in team]
    # Where there are none at all, the city's team has an address.
    return [] if reviewers and not others else people.recipients(others)


def _named(support: Support, partner: Partner | None) -> list[Recipient]:
    """A partner's own contact, where an offer in its name gives another."""
    if partner is None or not partner.contact_email:
        return []
    mailboxes = {
        addresses.mailbox(email)
        for email in (partner.contact_email, support.contact_email)
    }
    if len(mailboxes) == 1:
        return []
    language = known(partner.language)
    return [
        outbox.outsider(partner.contact_email, partner.contact_name, language)
    ]


def supporter(support: Support, partner: Partner | None) -> Recipient | None:
    """How the supporting side is written to, if that is known."""
    language = known(support.language)
    if support.contact_email:
        # Until it is confirmed, anybody may have written anything there.
        is_known = support.state != SupportState.UNCONFIRMED.value
        name = support.contact_name if is_known else ""
        return outbox.outsider(support.contact_email, name, language)
    if partner and partner.contact_email:
        name = partner.contact_name
        return outbox.outsider(partner.contact_email, name, language)
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


def object_to(project: model.Package) -> str:
    """Whom a partner writes to that is named without its will, or ""."""
    public = project.extras.get("contact_email")
    return str(config.contact_email() or public or "")


def _asker(support: Support) -> model.User | None:
    """Who has asked a partner for support, of those who still may."""
    for event in Event.of(Subject.SUPPORT, support.id):
        if event.target == SupportState.REQUESTED.value:
            return model.User.get(event.created_by)
    return None


def _values(
    support: Support, project: model.Package, partner: Partner | None
) -> dict[str, Any]:
    """What the templates say of a support."""
    return {
        "support": support,
        "project": project,
        "partner": partner,
        "supporter": partner.title if partner else support.contact_name,
        "area": fields.choice_label("help_wanted", support.area),
        "is_for_city": answering.is_by_city(support),
        "days": config.token_days(),
    }


def _link(to: Actor, support: Support, project: model.Package) -> str:
    """Where a mail leads: nobody gets a key but their own."""
    if to is Actor.PARTNER:
        page, params = "named", {"token": named_token(support)}
    elif to is Actor.REVIEWER and answering.is_by_city(support):
        page, params = "read", {"id": support.id}
    elif to is not Actor.SUPPORTER:
        return tk.h.url_for(
            "digifarm_support.project", id=project.name, qualified=True
        )
    elif support.state == SupportState.UNCONFIRMED.value:
        page = "confirm"
        params = {"token": _token(Purpose.SUPPORT_CONFIRM, support)}
    else:
        page, params = "by_link", {"token": _token(Purpose.SUPPORT, support)}
    return tk.h.url_for(f"digifarm_offers.{page}", qualified=True, **params)


def named_token(support: Support) -> str:
    """The token by which a partner sees what is said in its name.

    It is good as long as the support names this partner: all that it shows is
    public.
    """
    return tokens.make(Purpose.SUPPORT_NAMED, support.id, named_key(support))


def named_key(support: Support) -> str:
    """What tells the partner of a support from another one."""
    return (support.partner_id or "").partition("-")[0]


def _token(purpose: Purpose, support: Support) -> str:
    return tokens.make(purpose, support.id, support.token_key)
