"""Tells people with an account what concerns them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert

from ..lib.ckan import make_uuid, model
from .kinds import Data, Kind
from .model import Notice


@dataclass(frozen=True)
class Telling:
    """What some users are told.

    :param kind: what is told
    :param users: whom it concerns, and who may know
    :param key: what it tells of; the same key again tells nobody again
    :param package_ids: ids of the packages that readers must be able to read
        when they look, and when a mail is sent
    :param data: what the words of the kind need
    """

    kind: Kind
    users: Iterable[model.User]
    key: str
    package_ids: Collection[str]
    data: Data


def tell(
    kind: Kind,
    users: Iterable[model.User],
    key: str,
    *,
    package_ids: Collection[str],
    data: Data,
) -> int:
    """Tell users something, each once; commits nothing.

    One SQL statement, however many they are; see `Telling`.

    :returns: how many are told
    """
    return tell_all([Telling(kind, users, key, package_ids, data)])


def tell_all(tellings: Iterable[Telling]) -> int:
    """Tell users several things, each once; commits nothing.

    One SQL statement, however many they are. Their page shows it at once. A
    mail comes by `run-due`: of what is urgent at the next call, all of a kind
    in one; else with the digest. Who is not active, or has no address, is
    left out.

    :returns: how many are told
    """
    # In one order, so that no two wait for each other.
    rows = sorted(
        (row for telling in tellings for row in _rows(telling)),
        key=lambda row: (row["user_id"], row["kind"], row["key"]),
    )
    if not rows:
        return 0
    told = model.Session.scalars(
        insert(Notice)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["user_id", "kind", "key"])
        .returning(Notice.id)
    )
    return len(told.all())


def _rows(telling: Telling) -> list[dict[str, object]]:
    ids = {user.id for user in telling.users if user.is_active and user.email}
    return [
        {
            "id": make_uuid(),
            "user_id": id_,
            "kind": telling.kind.name,
            "key": telling.key,
            "package_ids": [*telling.package_ids],
            "data": telling.data,
        }
        for id_ in ids
    ]
