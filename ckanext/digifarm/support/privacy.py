"""People who offer support."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from ..lib import consent, forgetting, personal, tokens
from ..lib.ckan import Context, model
from ..lib.events import Event, Subject
from ..lib.personal import Person
from ..lib.words import Words
from ..owners import mails, ownership
from ..partners.model import Partner
from .model import Support, SupportState
from .workflow import WORKFLOW

#: Nothing is asked of anybody any more.
FINISHED = (
    SupportState.DECLINED,
    SupportState.WITHDRAWN,
    SupportState.ENDED,
)

#: Whoever should answer has not.
WAITING = (SupportState.OFFERED, SupportState.REQUESTED)


def of(person: Person, *, locked: bool = False) -> list[Support]:
    """The supports that somebody has offered."""
    condition = person.is_behind(Support.contact_email, Subject.SUPPORT)
    return personal.rows(Support, condition, locked=locked)


def erase(person: Person, names: Collection[Words]) -> int:
    """Forget somebody; commits nothing.

    An offer that waits is withdrawn, without a mail.

    :param names: what they are called, which goes from what everybody reads
        of their support
    :returns: how many rows were changed or deleted
    """
    found = of(person, locked=True)
    counted = {*found, *_end_rights(person)}
    for support in found:
        if support.state == SupportState.UNCONFIRMED.value:
            # Else its link would make an offer of nobody.
            Event.forget_of(Subject.SUPPORT, support.id)
            model.Session.delete(support)
            continue
        if support.state == SupportState.OFFERED.value:
            WORKFLOW.go_on("forget", support, Context())
        for name in names:
            support.scope = name.taken_out_of(support.scope)
        _forget(support)
    model.Session.flush()
    # They have claimed what others have offered.
    claimed = {one for one in counted if one.user_id in person.accounts}
    return len(counted - claimed) + personal.unlink(Support, person)


def _end_rights(person: Person) -> list[Support]:
    """Let somebody own projects no longer by the supports that say so.

    Else the right would never end, as nobody knows any more that it came so.
    Only those are told who look after the projects from now on.

    :returns: these
    """
    condition = Support.owner_id.in_(person.accounts)
    found = personal.rows(Support, condition, locked=True)
    for support in found:
        project = model.Package.get(support.project_id)
        if (gone := ownership.take(support)) and project:
            mails.tell_care_over(
                project, gone, with_team=True, with_user=False
            )
    return list(found)


def delete_unconfirmed(before: datetime) -> int:
    """Delete what nobody has confirmed in time; commits nothing."""
    count = personal.delete(
        _locked(_older(SupportState.UNCONFIRMED, before=before))
    )
    model.Session.flush()
    return count


def forget(before: datetime) -> int:
    """Forget who offered what is over; commits nothing.

    With a project that was deleted, all that runs is over, too.
    """
    # At once, in one order, as whoever purges a project locks them.
    found = _locked(
        sa.or_(
            sa.and_(
                Support.state.in_([state.value for state in WAITING]),
                Support.modified < before,
            ),
            sa.and_(
                Support.state == SupportState.ACCEPTED.value,
                forgetting.deleted_before(Support.project_id, before),
            ),
            _older(*FINISHED, before=before),
        )
    )
    for support in found:
        if SupportState(support.state) not in FINISHED:
            WORKFLOW.go_on("forget", support, Context())
        _forget(support)
    return len(found)


def export(support: Support) -> dict[str, object]:
    """What is stored of an offer, in words."""
    partner = model.Session.get(Partner, support.partner_id or "")
    return {
        "project": personal.package(support.project_id),
        "area": support.area,
        "state": support.state,
        "partner": partner and partner.title,
        "named_as": support.person,
        "scope": support.scope,
        "since": support.since,
        "until": support.until,
        "contact_name": support.contact_name,
        "contact_email": support.contact_email,
        "message": support.message,
        "language": support.language,
        "owner_by_it": support.owner_id is not None,
        "created": support.created,
        "modified": support.modified,
        "consent": consent.export(support),
        "events": personal.events(Event.of(Subject.SUPPORT, support.id)),
    }


def _older(*states: SupportState, before: datetime) -> sa.ColumnElement[bool]:
    """Whether something of a support is left to forget."""
    return sa.and_(
        Support.state.in_([state.value for state in states]),
        Support.modified < before,
        (Support.contact_email != "")
        | (Support.contact_name != "")
        | (Support.message != "")
        | (Support.person != "")
        | Support.user_id.is_not(None),
    )


def _locked(*conditions: sa.ColumnElement[bool]) -> list[Support]:
    return list(
        model.Session.scalars(
            sa.select(Support)
            .where(*conditions)
            .order_by(Support.id)
            .with_for_update()
        )
    )


def _forget(support: Support) -> None:
    support.contact_name = ""
    support.contact_email = ""
    support.message = ""
    support.person = ""
    support.user_id = None
    # Who has an old link is nobody any more.
    support.token_key = tokens.new_key()
    Event.forget_of(Subject.SUPPORT, support.id)
