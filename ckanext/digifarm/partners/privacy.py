"""Contacts of partners."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from ..lib import consent, personal, tokens
from ..lib.ckan import is_id, model
from ..lib.events import Event, Subject
from ..lib.personal import Person
from ..lib.traces import Trace
from ..support.model import Support, SupportState
from .model import Partner, PartnerState

#: Offers in the name of a partner by which it may still come in.
OPEN = (SupportState.UNCONFIRMED.value, SupportState.OFFERED.value)


def of(person: Person, *, locked: bool = False) -> list[Partner]:
    """The partners that have somebody as their contact."""
    return personal.rows(Partner, _is_of(person), locked=locked)


def is_new(id_: str | None) -> bool:
    """Whether a partner has never been in the directory."""
    partner = model.Session.get(Partner, id_ or "")
    return partner is not None and is_id(partner.name)


def erase(person: Person, offers: Collection[str]) -> int:
    """Forget somebody; commits nothing.

    What never was in the directory is deleted, also where it still waits, or
    was only named in an offer. What is there, or was, stays without a contact.

    :param offers: ids of the supports that they have offered
    :returns: how many rows were changed or deleted
    """
    ids = sa.select(Support.partner_id).where(Support.id.in_(offers))
    named = (Partner.state == PartnerState.UNCONFIRMED.value) & Partner.id.in_(
        ids
    )
    condition = _is_of(person) | named
    found = personal.rows(Partner, condition, locked=True)
    _lock_supports(
        found,
        Support.id.in_(offers),
        Support.owner_id.in_(person.accounts),
        Support.user_id.in_(person.accounts),
    )
    return _forget_all(found, offers)


def ids_of(trace: Trace) -> set[str]:
    """The partner that a row is of, if it is one of theirs."""
    is_partner = trace.table.name == Partner.__tablename__
    return {trace.row["id"]} if is_partner else set()


def index_words(ids: Collection[str]) -> None:
    """Let partners be found by what they say now; commits nothing."""
    query = sa.select(Partner).where(Partner.id.in_(ids))
    for partner in model.Session.scalars(query):
        partner.index_words()


def delete_unconfirmed(before: datetime) -> int:
    """Delete what nobody has confirmed in time; commits nothing."""
    return personal.delete(_unconfirmed(before))


def forget(before: datetime) -> int:
    """Forget the contacts of those that are gone; commits nothing.

    Those that never were in the directory are deleted.
    """
    found = [*_gone(before), *_only_offered(before)]
    _lock_supports(found)
    return _forget_all(found)


def export(partner: Partner) -> dict[str, object]:
    """What is stored of a partner, in words."""
    return {
        "title": partner.title,
        "kind": partner.kind,
        "state": partner.state,
        "url": partner.url,
        "description": partner.description,
        "offer": partner.offer,
        "areas": partner.areas,
        "competences": partner.competences,
        "action_fields": partner.action_fields,
        "contact_name": partner.contact_name,
        "contact_email": partner.contact_email,
        "language": partner.language,
        "created": partner.created,
        "modified": partner.modified,
        "consent": consent.export(partner),
        "events": personal.events(Event.of(Subject.PARTNER, partner.id)),
    }


def _is_of(person: Person) -> sa.ColumnElement[bool]:
    return person.is_behind(Partner.contact_email, Subject.PARTNER)


def _unconfirmed(before: datetime) -> list[Partner]:
    supported = sa.select(Support.id).where(Support.partner_id == Partner.id)
    return _locked(
        Partner.state == PartnerState.UNCONFIRMED.value,
        Partner.created < before,
        ~supported.exists(),
    )


def _gone(before: datetime) -> list[Partner]:
    """Partners that left the directory, or never came in, with contacts."""
    return _locked(
        Partner.state == PartnerState.DELETED.value,
        Partner.modified < before,
        (Partner.contact_email != "") | (Partner.contact_name != ""),
    )


def _only_offered(before: datetime) -> list[Partner]:
    """Partners that were named in offers of which nothing has come."""
    offered = sa.select(Support.id).where(Support.partner_id == Partner.id)
    still = Support.state.in_(OPEN) | (Support.modified >= before)
    return _locked(
        Partner.state == PartnerState.UNCONFIRMED.value,
        Partner.created < before,
        offered.exists(),
        ~offered.where(still).exists(),
    )


def _locked(*conditions: sa.ColumnElement[bool]) -> list[Partner]:
    return list(
        model.Session.scalars(
            sa.select(Partner)
            .where(*conditions)
            .order_by(Partner.id)
            .with_for_update()
        )
    )


def _forget_all(found: Sequence[Partner], offers: Collection[str] = ()) -> int:
    """Delete partners that never were in the directory; forget the others'.

    :param offers: ids of offers that don't keep a partner from going
    """
    for partner in found:
        if is_id(partner.name) and not _is_wanted(partner, offers):
            _delete(partner)
        else:
            _forget(partner)
    return len(found)


def _lock_supports(
    partners: Iterable[Partner], *others: sa.ColumnElement[bool]
) -> None:
    """Lock the supports of some partners, and what is forgotten besides.

    At once, in one order, as whoever purges a project locks them.
    """
    ids = [partner.id for partner in partners]
    model.Session.execute(
        sa.select(Support.id)
        .where(sa.or_(Support.partner_id.in_(ids), *others))
        .order_by(Support.id)
        .with_for_update()
    )


def _is_wanted(partner: Partner, offers: Collection[str]) -> bool:
    """Whether others count on a partner that isn't in the directory."""
    query = sa.select(Support.id).where(
        Support.partner_id == partner.id,
        Support.id.not_in(offers),
        Support.state.in_((*OPEN, SupportState.ACCEPTED.value)),
    )
    return model.Session.scalar(query.limit(1)) is not None


def _delete(partner: Partner) -> None:
    """Delete a partner; what was offered in its name stays without it."""
    Event.forget_of(Subject.PARTNER, partner.id)
    for support in model.Session.scalars(
        sa.select(Support)
        .where(Support.partner_id == partner.id)
        .order_by(Support.id)
        .with_for_update()
    ):
        support.partner_id = None
    model.Session.flush()
    model.Session.delete(partner)


def _by_its_link(partner: Partner) -> list[Support]:
    """The supports of which the contact has got the links, locked."""
    return list(
        model.Session.scalars(
            sa.select(Support)
            .where(
                Support.partner_id == partner.id, Support.contact_email == ""
            )
            .order_by(Support.id)
            .with_for_update()
        )
    )


def _forget(partner: Partner) -> None:
    partner.contact_name = ""
    partner.contact_email = ""
    partner.user_id = None
    partner.token_key = tokens.new_key()
    for support in _by_its_link(partner):
        support.token_key = tokens.new_key()
    Event.forget_of(Subject.PARTNER, partner.id)
