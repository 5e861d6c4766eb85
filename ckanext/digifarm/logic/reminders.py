"""Offers that wait for an answer are not forgotten."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from ckan import model

from .. import clock, jobs
from ..model import Support, SupportState
from . import notices, owners

People = Callable[[model.Package], list[model.User]]

#: After how many days an offer is recalled, by which mail, and to whom.
REMINDERS: tuple[tuple[int, str, People], ...] = (
    (3, "support_reminder", owners.of_project),
    (10, "support_reminder", owners.of_project),
    (17, "support_overdue", lambda project: owners.reviewers()),
)


def remind() -> int:
    """Write the reminders that are due, each once; commits.

    :returns: how many offers were recalled
    """
    count = 0
    # The last first: an offer that was overlooked for long is recalled once.
    for number, (days, template, people) in reversed(
        [*enumerate(REMINDERS, start=1)]
    ):
        for support in _waiting(days, number):
            notices.remind(template, support, people)
            support.reminders = number
            count += 1
        model.Session.commit()
    jobs.start()
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
