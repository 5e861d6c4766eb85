"""Writes the mails of what is urgent, one for all of a kind.

Where an organisation goes with all its data, nobody gets a mail for each
dataset.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..lib import clock
from ..lib.ckan import make_uuid, model
from . import sending, writing
from .kinds import urgent
from .model import RECENT, Notice, NoticeSettings


def waiting() -> list[str]:
    """For whom what waits, as kind and id of a user; one SQL statement."""
    query = _waiting(sa.select(Notice.kind, Notice.user_id)).distinct()
    found = query.order_by(Notice.user_id, Notice.kind)
    return [f"{kind} {user}" for kind, user in model.Session.execute(found)]


def write(key: str) -> None:
    """Write a mail that tells somebody of all of a kind; commits nothing.

    :param key: as `waiting` gives it
    """
    name, _, user_id = key.partition(" ")
    query = _waiting(sa.select(Notice)).where(
        Notice.kind == name, Notice.user_id == user_id
    )
    query = query.order_by(Notice.created.desc(), Notice.id)
    notices = model.Session.scalars(query.with_for_update(of=Notice)).all()
    user = model.User.get(user_id)
    if user is None or not notices:
        return
    shown, id_ = notices[: writing.MOST], make_uuid()
    letter = writing.urgent(user, shown, len(notices) - len(shown))
    sending.write(letter, user, sending.URGENT, id_)
    for notice in notices:
        notice.mail_id = id_


def _waiting(query: sa.Select[Any]) -> sa.Select[Any]:
    """What of a query is urgent, wanted by mail, and told by none yet."""
    settings = NoticeSettings
    user = model.User
    return (
        query.join(user, user.id == Notice.user_id)
        .outerjoin(settings, settings.user_id == Notice.user_id)
        .where(
            Notice.kind.in_(urgent()),
            Notice.mail_id.is_(None),
            Notice.sent.is_(None),
            Notice.created > clock.now() - RECENT,
            ~sa.func.coalesce(Notice.kind == settings.off.any_(), False),
            user.state == model.State.ACTIVE,
            user.email != "",
        )
    )
