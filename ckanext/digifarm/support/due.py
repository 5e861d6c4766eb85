"""Offers that wait for an answer are not forgotten."""

from __future__ import annotations

import sqlalchemy as sa

from ckan import model

from ..lib import clock
from ..lib.workflow import Actor
from . import mails
from .model import Support, SupportState

#: After how many days an offer is recalled, by which mail, and to whom.
REMINDERS: tuple[tuple[int, str, Actor], ...] = (
    (3, "support_reminder", Actor.PROJECT),
    (10, "support_reminder", Actor.PROJECT),
    (17, "support_overdue", Actor.REVIEWER),
)


def remind() -> int:
    """Write the reminders that are due, each once; commits.

    :returns: how many offers were recalled
    """
    count = 0
    # The last first: an offer that was overlooked for long is recalled once.
    for number, (days, template, to) in reversed(
        [*enumerate(REMINDERS, start=1)]
    ):
        for support in _waiting(days, number):
            waiting = (clock.now() - support.modified).days
            mails.send(template, to, support, waiting=waiting)
            support.reminders = number
            count += 1
        model.Session.commit()
    return count


def _waiting(days: int, number: int) -> list[Support]:
    """Offers that have waited, and were recalled less often than that.

    Those to a deleted project wait until it comes back.
    """
    return list(
        model.Session.scalars(
            sa.select(Support)
            .join(model.Package, model.Package.id == Support.project_id)
            .where(
                Support.state == SupportState.OFFERED.value,
                Support.modified < clock.days_ago(days),
                Support.reminders < number,
                model.Package.state == model.State.ACTIVE,
            )
            .with_for_update(of=Support, skip_locked=True)
        )
    )
