"""Tells people with an account what concerns them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy.dialects.postgresql import insert

from ..lib.ckan import make_uuid, model
from .kinds import Data, Kind
from .model import Notice


def tell(
    kind: Kind,
    users: Iterable[model.User],
    key: str,
    *,
    package_ids: Collection[str],
    data: Data,
) -> int:
    """Tell users something, each once; commits nothing.

    One SQL statement, however many they are. Their page shows it at once. A
    mail comes by `run-due`: of what is urgent at the next call, all of a kind
    in one; else with the digest. Who is not active, or has no address, is
    left out.

    :param kind: what is told
    :param users: whom it concerns, and who may know
    :param key: what it tells of; the same key again tells nobody again
    :param package_ids: ids of the packages that readers must be able to read
        when they look, and when a mail is sent
    :param data: what the words of the kind need
    :returns: how many are told
    """
    rows = [
        {
            "id": make_uuid(),
            "user_id": id_,
            "kind": kind.name,
            "key": key,
            "package_ids": [*package_ids],
            "data": data,
        }
        for id_ in sorted(
            user.id for user in users if user.is_active and user.email
        )
    ]
    if not rows:
        return 0
    told = model.Session.scalars(
        insert(Notice)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["user_id", "kind", "key"])
        .returning(Notice.id)
    )
    return len(told.all())
