"""People who offer support."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ..lib import personal
from ..lib.ckan import Context, model
from ..lib.events import Event, Subject
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


def of(email: str, *, locked: bool = False) -> list[Support]:
    """The supports that were offered with an address."""
    return personal.holding(email, Support.contact_email, locked=locked)


def erase(email: str) -> int:
    """Forget whoever has an address; commits nothing.

    An offer that waits is withdrawn, without a mail.

    :returns: how many rows were changed or deleted
    """
    found = of(email, locked=True)
    for support in found:
        if support.state == SupportState.UNCONFIRMED.value:
            # Else its link would make an offer of nobody.
            model.Session.delete(support)
            continue
        if support.state == SupportState.OFFERED.value:
            WORKFLOW.go_on("forget", support, Context())
        _forget(support)
    model.Session.flush()
    return len(found)


def delete_unconfirmed(before: datetime) -> int:
    """Delete what nobody has confirmed in time; commits nothing."""
    count = personal.delete(_older(SupportState.UNCONFIRMED, before=before))
    model.Session.flush()
    return count


def forget(before: datetime) -> int:
    """Forget who offered what is over; commits nothing."""
    waiting = _older(*WAITING, before=before)
    for support in waiting:
        WORKFLOW.go_on("forget", support, Context())
    found = [*waiting, *_older(*FINISHED, before=before)]
    for support in found:
        _forget(support)
    return len(found)


def _older(*states: SupportState, before: datetime) -> list[Support]:
    """Supports of which something is left to forget."""
    return list(
        model.Session.scalars(
            sa.select(Support)
            .where(
                Support.state.in_([state.value for state in states]),
                Support.modified < before,
                (Support.contact_email != "")
                | (Support.contact_name != "")
                | (Support.message != "")
                | Support.user_id.is_not(None),
            )
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
    Event.forget_of(Subject.SUPPORT, support.id)
