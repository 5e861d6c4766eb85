"""Accounts: those that wait for invited owners, and those that people use."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..lib import activity, jobs, personal, uploads
from ..lib.ckan import model
from ..lib.personal import Person
from . import invitations

#: Columns of an account that say something of a person, or let them in.
EMPTIED = (
    "about",
    "apikey",
    "email",
    "fullname",
    "image_url",
    "last_active",
    "password",
    "plugin_extras",
    "reset_key",
)

#: Where CKAN keeps what an account follows, and what that is.
FOLLOWING: dict[Any, Any] = {
    model.UserFollowingUser: model.User,
    model.UserFollowingDataset: model.Package,
    model.UserFollowingGroup: model.Group,
}

#: Name of the job that removes the picture of an account.
REMOVE = "remove-account-picture"

#: What an account is that nobody uses any more.
CLOSED = {"state": model.State.DELETED, "sysadmin": False}


def of(person: Person) -> list[model.User]:
    """The accounts that have somebody's address, deleted ones too."""
    query = sa.select(model.User).where(_own(person))
    return list(model.Session.scalars(query.order_by(model.User.id)))


def erase(person: Person, *, with_used: bool) -> int:
    """Delete the accounts of somebody; commits nothing.

    Those that CKAN has as deleted are closed: their row stays, as CKAN refers
    to it, but says nothing of anybody any more.

    :param with_used: also close those that are used
    :returns: how many were deleted or closed
    """
    waiting = _waiting(person)
    for user in waiting:
        _forget(user.id)
    closed = [
        user
        for user in _locked(_own(person))
        if user not in waiting
        and (with_used or user.state == model.State.DELETED)
    ]
    for user in closed:
        _close(user)
    model.Session.flush()
    return len(waiting) + len(closed)


def purge(before: datetime) -> int:
    """Delete the accounts that nobody has taken in time; commits nothing.

    :returns: how many were deleted
    """
    found = _locked(invitations.waiting(), invitations.invited_before(before))
    for user in found:
        _forget(user.id)
    return len(found)


def export(user: model.User) -> dict[str, Any]:
    """What is stored of an account, in words; no keys."""
    owned = sa.select(model.PackageMember).where(
        model.PackageMember.user_id == user.id
    )
    return {
        "name": user.name,
        "fullname": user.fullname,
        "email": user.email,
        "about": user.about,
        "image_url": user.image_url,
        "state": user.state,
        "created": user.created,
        "last_active": user.last_active,
        "api_tokens": [
            {
                "name": token.name,
                "created": token.created_at,
                "last_access": token.last_access,
            }
            for token in _tokens(user.id)
        ],
        "following": _following(user.id),
        "organizations": [
            {"title": group.title or group.name, "as": capacity}
            for group, capacity in _memberships(user.id)
        ],
        "owner_of": [
            {"project": personal.package(row.package_id), "as": row.capacity}
            for row in model.Session.scalars(owned)
        ],
    }


def _memberships(user_id: str) -> list[tuple[model.Group, str]]:
    query = (
        sa.select(model.Group, model.Member.capacity)
        .join(model.Member, model.Member.group_id == model.Group.id)
        .where(
            model.Member.table_id == user_id,
            model.Member.state == model.State.ACTIVE,
        )
        .order_by(model.Group.name)
    )
    return [row.tuple() for row in model.Session.execute(query)]


def _tokens(user_id: str) -> list[model.ApiToken]:
    query = sa.select(model.ApiToken).where(model.ApiToken.user_id == user_id)
    return list(model.Session.scalars(query.order_by(model.ApiToken.name)))


def _following(user_id: str) -> list[str]:
    """What somebody follows: titles, or names of accounts."""
    return sorted(
        getattr(followed, "title", None) or followed.name
        for table, kind in FOLLOWING.items()
        for followed in model.Session.scalars(
            sa.select(kind)
            .join(table, table.object_id == kind.id)
            .where(table.follower_id == user_id)
        )
    )


def _own(person: Person) -> sa.ColumnElement[bool]:
    return model.user_table.c.id.in_(person.accounts)


def _waiting(person: Person) -> list[model.User]:
    return _locked(invitations.waiting(), _own(person))


def _locked(*conditions: sa.ColumnElement[bool]) -> list[model.User]:
    """Accounts, locked: nobody sets a password meanwhile."""
    return list(
        model.Session.scalars(
            sa.select(model.User)
            .where(*conditions)
            .order_by(model.User.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _forget(user_id: str) -> None:
    """Delete an account with all that refers to it.

    What isn't named here, the database deletes or empties itself.
    """
    _take_rights(user_id)
    model.Session.execute(
        sa.delete(model.User).where(model.User.id == user_id)
    )


def _take_rights(user_id: str) -> None:
    """Delete what an account may do, and what the streams say of it."""
    activity.forget(user_id)
    for member in model.Session.query(model.PackageMember).filter_by(
        user_id=user_id
    ):
        model.Session.delete(member)
    model.Session.flush()
    for table, column in (
        (model.Member, model.Member.table_id),
        (model.ApiToken, model.ApiToken.user_id),
    ):
        model.Session.execute(sa.delete(table).where(column == user_id))


def _close(user: model.User) -> None:
    """Leave nothing of an account but its id."""
    _take_rights(user.id)
    for table in FOLLOWING:
        model.Session.execute(
            sa.delete(table).where(table.follower_id == user.id)
        )
    if uploads.is_file(user.image_url):
        jobs.later(REMOVE, user.image_url)
    activity.rename(user.id, name := f"deleted-{secrets.token_hex(6)}")
    model.Session.execute(
        sa.update(model.User)
        .where(model.User.id == user.id)
        .values({**dict.fromkeys(EMPTIED), "name": name, **CLOSED})
    )
    model.Session.expire(user)


@jobs.kind(REMOVE)
def _remove_picture(name: str) -> None:
    # Anybody may have named the file of somebody else.
    others = sa.select(model.User.id).where(model.User.image_url == name)
    if model.Session.scalar(others.limit(1)) is None:
        uploads.remove("user", name)
