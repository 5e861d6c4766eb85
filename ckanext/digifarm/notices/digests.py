"""Writes the digests.

Everybody has an hour of the week, or of the day, that the id of their account
gives, so that not all digests go out at once. What has come before that hour
and waits is due: nothing has to be remembered, and nothing is missed where
nobody looked at that hour.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from ..lib import clock
from ..lib.ckan import make_uuid, model
from . import sending, writing
from .kinds import urgent
from .model import DAILY, NEVER, RECENT, WEEKLY, Notice, NoticeSettings

#: So many people are written to by one transaction.
BATCH = 100

#: How long a rhythm is, in hours.
HOURS = {DAILY: 24, WEEKLY: 168}


def write_digests() -> None:
    """Write to everybody whose digest is due; commits, batch by batch."""
    now, last = clock.now(), ""
    while ids := _due(now, last):
        _write(now, ids)
        model.Session.commit()
        # Nothing of it is needed any more.
        model.Session.expunge_all()
        last = ids[-1]


def hour_of(user_id: Any) -> sa.ColumnElement[int]:
    """SQL for the hour of the week in which somebody gets their digest.

    Counted from Thursday, as time began then for computers.
    """
    return sa.func.abs(sa.func.hashtext(user_id) % HOURS[WEEKLY])


def _due(now: datetime.datetime, last: str) -> list[str]:
    """Ids of the next people whose digest is due."""
    query = sa.select(Notice.user_id).where(Notice.user_id > last).distinct()
    waiting = _waiting(query, now).order_by(Notice.user_id).limit(BATCH)
    return [*model.Session.scalars(waiting)]


def _waiting(query: sa.Select[Any], now: datetime.datetime) -> sa.Select[Any]:
    """The notices of a query that wait for a digest that is due."""
    settings = NoticeSettings
    rhythm = sa.func.coalesce(settings.digest, WEEKLY)
    return (
        query.join(model.User, model.User.id == Notice.user_id)
        .outerjoin(settings, settings.user_id == Notice.user_id)
        .where(
            Notice.kind.not_in(urgent()),
            Notice.mail_id.is_(None),
            Notice.sent.is_(None),
            Notice.created > now - RECENT,
            Notice.created <= _last_hour(now, rhythm),
            rhythm != NEVER,
            ~sa.func.coalesce(Notice.kind == settings.off.any_(), False),
            model.User.state == model.State.ACTIVE,
            model.User.email != "",
        )
    )


def _last_hour(now: datetime.datetime, rhythm: Any) -> Any:
    """SQL for when the digest of a notice's reader was due last."""
    began = datetime.datetime(1970, 1, 1)  # noqa: DTZ001 – as columns are
    hours = int((now - began).total_seconds()) // 3600
    length = sa.case((rhythm == DAILY, HOURS[DAILY]), else_=HOURS[WEEKLY])
    ago = (hours - hour_of(Notice.user_id)) % length
    return sa.literal(began, sa.DateTime) + sa.func.make_interval(
        0, 0, 0, 0, hours - ago
    )


def _write(now: datetime.datetime, user_ids: list[str]) -> None:
    """Write the digests of some people; a constant number of statements."""
    mails = {id_: make_uuid() for id_ in user_ids}
    claimed, undone = _claim(now, mails), []
    users = {
        user.id: user
        for user in model.Session.scalars(
            sa.select(model.User).where(model.User.id.in_(claimed))
        )
    }
    for user_id, notices in _claimed(mails, claimed):
        user = users[user_id]
        more = claimed[user_id] - len(notices)
        letter = writing.digest(user, notices, more)
        if letter.values["groups"]:
            sending.write(letter, user, sending.DIGEST, mails[user_id])
        else:
            undone.append(mails[user_id])
    _settle(undone)


def _settle(mail_ids: list[str]) -> None:
    """Let nobody be told of what was undone meanwhile."""
    if mail_ids:
        model.Session.execute(
            sa.update(Notice)
            .where(Notice.mail_id.in_(mail_ids))
            .values(sent=clock.now(), mail_id=None)
        )


def _claim(now: datetime.datetime, mails: dict[str, str]) -> dict[str, int]:
    """Let mails tell of what waits, unless others do already.

    :param mails: ids of mails, by whom they go to
    :returns: how much each of them tells of; none where others were faster
    """
    pairs = (
        sa.values(
            sa.column("user_id", sa.UnicodeText),
            sa.column("mail_id", sa.UnicodeText),
            name="pairs",
        )
        .data([*mails.items()])
        .alias("pairs")
    )
    due = _waiting(sa.select(Notice.id), now).where(Notice.user_id.in_(mails))
    taken = (
        sa.update(Notice)
        .where(
            Notice.id.in_(due),
            Notice.user_id == pairs.c.user_id,
            # Once more, as others may have taken it meanwhile.
            Notice.mail_id.is_(None),
            Notice.sent.is_(None),
        )
        .values(mail_id=pairs.c.mail_id)
        .returning(Notice.user_id)
        .cte("taken")
    )
    query = sa.select(taken.c.user_id, sa.func.count()).group_by(
        taken.c.user_id
    )
    return dict(row.tuple() for row in model.Session.execute(query))


def _claimed(
    mails: dict[str, str], claimed: dict[str, int]
) -> Iterator[tuple[str, list[Notice]]]:
    """What the mails tell of: of each no more than is looked at."""
    place = sa.func.row_number().over(
        partition_by=Notice.mail_id,
        order_by=(Notice.created.desc(), Notice.id),
    )
    ranked = (
        sa.select(Notice.id, place.label("place"))
        .where(Notice.mail_id.in_([mails[id_] for id_ in claimed]))
        .subquery()
    )
    query = (
        sa.select(Notice)
        .join(ranked, ranked.c.id == Notice.id)
        .where(ranked.c.place <= writing.MOST)
        .order_by(Notice.user_id, Notice.created.desc(), Notice.id)
        .execution_options(populate_existing=True)
    )
    found: dict[str, list[Notice]] = {}
    for notice in model.Session.scalars(query):
        found.setdefault(notice.user_id, []).append(notice)
    yield from found.items()
