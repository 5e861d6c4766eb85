"""Tells people with an account what concerns them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ..lib.ckan import make_uuid, model
from . import sending, writing
from .kinds import Data, Kind
from .model import Notice, without


def tell(
    kind: Kind,
    users: Iterable[model.User],
    key: str,
    *,
    package_ids: Collection[str],
    data: Data,
    together: bool = False,
) -> int:
    """Tell users something, each once; commits nothing.

    A constant number of SQL statements, however many they are. What is
    urgent is a mail at once; all else waits for the digest. Who has turned
    the kind off, has no address, or is not active is left out.

    :param kind: what is told
    :param users: whom it concerns; whether they may read it is looked at here,
        and once more when a mail is sent
    :param key: what it tells of; the same key again tells nobody again
    :param package_ids: ids of the packages that readers must be able to read
    :param data: what the words of the kind need
    :param together: whether what is urgent waits until due work is done, to
        be one mail with others of its kind; see urgent.py
    :returns: how many are told
    """
    wanted = {user.id: user for user in users if user.is_active and user.email}
    for id_ in without(kind.name, wanted):
        del wanted[id_]
    if not wanted:
        return 0
    rows = [
        {
            "id": make_uuid(),
            "user_id": id_,
            "kind": kind.name,
            "key": key,
            "package_ids": [*package_ids],
            "data": data,
        }
        for id_ in sorted(wanted)
    ]
    told = model.Session.execute(
        insert(Notice)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["user_id", "kind", "key"])
        .returning(Notice.id, Notice.user_id)
    ).all()
    if kind.is_urgent and not together:
        _carry(
            {id_: _write(kind, wanted[user_id], data) for id_, user_id in told}
        )
    return len(told)


def _write(kind: Kind, user: model.User, data: Data) -> str:
    """Write the mail of an urgent notice.

    :returns: its id
    """
    return sending.write(
        writing.at_once(user, kind, data), user, sending.AT_ONCE
    )


def _carry(mails: dict[str, str]) -> None:
    """Note which mail tells of which notice; one SQL statement."""
    if not mails:
        return
    pairs = sa.values(
        sa.column("id", sa.UnicodeText),
        sa.column("mail_id", sa.UnicodeText),
        name="pairs",
    ).data([*mails.items()])
    model.Session.execute(
        sa.update(Notice)
        .where(Notice.id == pairs.c.id)
        .values(mail_id=pairs.c.mail_id)
    )
