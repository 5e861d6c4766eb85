"""Contacts of partners."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ..lib import personal
from ..lib.ckan import model
from ..lib.events import Event, Subject
from ..support.model import Support
from .model import Partner, PartnerState


def of(email: str, *, locked: bool = False) -> list[Partner]:
    """The partners that have an address as their contact."""
    return personal.holding(email, Partner.contact_email, locked=locked)


def erase(email: str) -> int:
    """Forget whoever has an address; commits nothing.

    :returns: how many rows were changed or deleted
    """
    found = of(email, locked=True)
    for partner in found:
        if partner.state == PartnerState.UNCONFIRMED.value and not (
            _is_supporting(partner)
        ):
            model.Session.delete(partner)
            continue
        _forget(partner)
    return len(found)


def delete_unconfirmed(before: datetime) -> int:
    """Delete what nobody has confirmed in time; commits nothing."""
    return personal.delete(_unconfirmed(before))


def forget(before: datetime) -> int:
    """Forget the contacts of those that are gone; commits nothing."""
    found = _gone(before)
    for partner in found:
        _forget(partner)
    return len(found)


def _unconfirmed(before: datetime) -> list[Partner]:
    supported = sa.select(Support.id).where(Support.partner_id == Partner.id)
    return list(
        model.Session.scalars(
            sa.select(Partner)
            .where(
                Partner.state == PartnerState.UNCONFIRMED.value,
                Partner.created < before,
                ~supported.exists(),
            )
            .order_by(Partner.id)
            .with_for_update()
        )
    )


def _gone(before: datetime) -> list[Partner]:
    """Partners that left the directory, or never came in, with contacts."""
    return list(
        model.Session.scalars(
            sa.select(Partner)
            .where(
                Partner.state == PartnerState.DELETED.value,
                Partner.modified < before,
                (Partner.contact_email != "") | (Partner.contact_name != ""),
            )
            .order_by(Partner.id)
            .with_for_update()
        )
    )


def _is_supporting(partner: Partner) -> bool:
    query = sa.select(Support.id).where(Support.partner_id == partner.id)
    return model.Session.scalar(query.limit(1)) is not None


def _forget(partner: Partner) -> None:
    partner.contact_name = ""
    partner.contact_email = ""
    Event.forget_of(Subject.PARTNER, partner.id)
