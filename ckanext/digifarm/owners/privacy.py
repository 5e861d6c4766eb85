"""Accounts: those that wait for invited owners, and those that people use."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..lib import activity, personal
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

#: What an account is that nobody uses any more.
CLOSED = {"state": model.State.DELETED, "sysadmin": False}


def of(person: Person) -> list[model.User]:
    """The accounts that have somebody's address, deleted ones too."""
    return _locked(model.user_table.c.id.in_(person.accounts))


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
        for user in of(person)
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
        "state": user.state,
        "created": user.created,
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


def _waiting(person: Person) -> list[model.User]:
    own = model.user_table.c.id.in_(person.accounts)
    return _locked(invitations.waiting(), own)


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
    activity.rename(user.id, name := f"deleted-{secrets.token_hex(6)}")
    model.Session.execute(
        sa.update(model.User)
        .where(model.User.id == user.id)
        .values({**dict.fromkeys(EMPTIED), "name": name, **CLOSED})
    )
    model.Session.expire(user)
