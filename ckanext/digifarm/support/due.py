"""Offers that wait for an answer are not forgotten."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from ..lib import clock, lookups
from ..lib.actors import Actor
from ..lib.ckan import model
from ..lib.due_work import Kind
from . import mails, running_out
from .model import Support, SupportState

#: After how many days of waiting for an answer who gets which mail.
REMINDERS: tuple[tuple[int, dict[Actor, str]], ...] = (
    (3, {Actor.PROJECT: "support_reminder"}),
    (10, {Actor.PROJECT: "support_reminder"}),
    (
        17,
        {
            Actor.REVIEWER: "support_overdue",
            Actor.SUPPORTER: "support_waiting",
        },
    ),
)


def _keys() -> Iterator[str]:
    """Offers that wait, each with the number of the last reminder by now.

    So one that was overlooked for long is recalled once.
    """
    for support in model.Session.scalars(_waiting()):
        number = sum(
            support.modified < clock.days_ago(days) for days, *_ in REMINDERS
        )
        yield f"{support.id}/{number}"


def _waiting() -> sa.Select[tuple[Support]]:
    """Those to a deleted project wait until it comes back."""
    return (
        sa.select(Support)
        .join(model.Package, model.Package.id == Support.project_id)
        .where(
            Support.state == SupportState.OFFERED.value,
            Support.modified < clock.days_ago(REMINDERS[0][0]),
            model.Package.state == model.State.ACTIVE,
        )
        .order_by(Support.modified)
    )


def _remind(key: str) -> None:
    id_, _, number = key.partition("/")
    support = model.Session.get(Support, id_)
    support = support and lookups.lock(support)
    # Somebody may have answered meanwhile.
    if support is None or support.state != SupportState.OFFERED.value:
        return
    waiting = (clock.now() - support.modified).days
    for to, template in REMINDERS[int(number) - 1][1].items():
        mails.send(template, to, support, waiting=waiting)


KINDS = (
    Kind("support-reminder", _keys, _remind),
    Kind("support-run-out", running_out.to_run_out, running_out.run_out),
)
