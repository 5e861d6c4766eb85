"""The mails about partners."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from .. import config
from ..lib import outbox, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import is_id
from ..lib.language import known, speaking
from ..lib.outbox import Recipient
from ..lib.tokens import Purpose
from .model import Partner, PartnerState


def send(template: str, to: Actor, partner: Partner, **values: Any) -> None:
    """Write a mail about a partner to one side; commits nothing.

    :param template: name of the mail's template
    :param to: who gets it
    :param values: what the template says besides
    """
    for recipient in _recipients(to, partner):
        with speaking(recipient.language):
            link = _link(partner) if to is Actor.CONTACT else ""
        outbox.write(
            f"partners/emails/{template}",
            recipient,
            subject_id=partner.id,
            partner=partner,
            link=link,
            is_new=is_id(partner.name),
            days=config.token_days(),
            keep_days=config.retention_days(),
            address=config.contact_email(),
            **values,
        )


def _recipients(to: Actor, partner: Partner) -> list[Recipient]:
    if to is Actor.REVIEWER:
        return people.recipients(people.reviewers())
    if not partner.contact_email:
        return []
    # Until it is confirmed, anybody may have written anything there.
    is_known = partner.state != PartnerState.UNCONFIRMED.value
    name = partner.contact_name if is_known else ""
    language = known(partner.language)
    return [outbox.outsider(partner.contact_email, name, language)]


def edit_link(partner: Partner) -> str:
    """Where the contact of a partner of the directory changes its entry."""
    token = tokens.make(Purpose.PARTNER, partner.id, partner.token_key)
    return tk.h.url_for(
        "digifarm_contacts.edit_by_link", token=token, qualified=True
    )


def _link(partner: Partner) -> str:
    """Where its contact confirms or follows a partner; "" where it ended."""
    if partner.state == PartnerState.DELETED.value:
        return ""
    page, purpose = "digifarm_contacts.by_link", Purpose.PARTNER
    if partner.state == PartnerState.UNCONFIRMED.value:
        page = "digifarm_registrations.confirm"
        purpose = Purpose.PARTNER_CONFIRM
    token = tokens.make(purpose, partner.id, partner.token_key)
    return tk.h.url_for(page, token=token, qualified=True)
