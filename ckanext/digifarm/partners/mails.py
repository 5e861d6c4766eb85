"""The mails about partners."""

from __future__ import annotations

from typing import Any

from .. import config
from ..lib import outbox, people, tokens
from ..lib.actors import Actor
from ..lib.language import known
from ..lib.outbox import Recipient
from .model import Partner, PartnerState


def send(template: str, to: Actor, partner: Partner, **values: Any) -> None:
    """Write a mail about a partner to one side; commits nothing.

    :param template: name of the mail's template
    :param to: who gets it
    :param values: what the template says besides
    """
    token = _token(partner) if to is Actor.CONTACT else ""
    for recipient in _recipients(to, partner):
        outbox.write(
            f"partners/emails/{template}",
            recipient,
            subject_id=partner.id,
            partner=partner,
            token=token,
            days=config.token_days(),
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


def _token(partner: Partner) -> str:
    """The token that confirms a registration, while it isn’t, or ""."""
    if partner.state != PartnerState.UNCONFIRMED.value:
        return ""
    purpose = tokens.Purpose.PARTNER_CONFIRM
    return tokens.make(purpose, partner.id, partner.token_key)
