"""Writes what is urgent and was found by due work, one mail for all of a kind.

Where an organisation goes with all its data, nobody gets a mail for each
dataset.
"""

from __future__ import annotations

import sqlalchemy as sa

from ..lib import clock
from ..lib.ckan import make_uuid, model
from . import sending, writing
from .kinds import KINDS, urgent
from .model import RECENT, Notice


def waiting() -> list[str]:
    """For whom what waits, as kind and id of a user; one SQL statement."""
    query = sa.select(Notice.kind, Notice.user_id).where(*_waits()).distinct()
    found = query.order_by(Notice.user_id, Notice.kind)
    return [f"{kind} {user}" for kind, user in model.Session.execute(found)]


def write(key: str) -> None:
    """Write a mail that tells somebody of all of a kind; commits nothing.

    :param key: as `waiting` gives it
    """
    name, _, user_id = key.partition(" ")
    user = model.User.get(user_id)
    notices = model.Session.scalars(
        sa.select(Notice)
        .where(Notice.kind == name, Notice.user_id == user_id, *_waits())
        .order_by(Notice.created.desc(), Notice.id)
        .with_for_update()
    ).all()
    if user is None or not notices:
        return
    kind, id_ = KINDS[name], make_uuid()
    if len(notices) == 1:
        letter = writing.at_once(user, kind, notices[0].data)
        sending.write(letter, user, sending.AT_ONCE, id_)
    else:
        shown = [*notices[: writing.MOST]]
        more = len(notices) - len(shown)
        letter = writing.together(user, kind, shown, more)
        sending.write(letter, user, sending.TOGETHER, id_)
    for notice in notices:
        notice.mail_id = id_


def _waits() -> tuple[sa.ColumnElement[bool], ...]:
    """Whether a notice is urgent, and no mail tells of it."""
    return (
        Notice.kind.in_(urgent()),
        Notice.mail_id.is_(None),
        Notice.sent.is_(None),
        Notice.created > clock.now() - RECENT,
    )
