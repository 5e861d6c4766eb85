"""Accounts that wait for people who were invited to own a project."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..lib import activity
from ..lib.ckan import model
from . import invitations


def export(email: str) -> list[dict[str, Any]]:
    """What is stored of the accounts with an address; no keys."""
    return [
        {"name": user.name, "email": user.email, "created": user.created}
        for user in _locked(_has(email))
    ]


def erase(email: str) -> int:
    """Delete the accounts with an address; commits nothing.

    :returns: how many were deleted
    """
    return _delete(_has(email))


def purge(before: datetime) -> int:
    """Delete the accounts that nobody has taken in time; commits nothing.

    :returns: how many were deleted
    """
    return _delete(invitations.invited_before(before))


def _has(email: str) -> sa.ColumnElement[bool]:
    address = email.strip().lower()
    column = model.user_table.c.email
    return (sa.func.lower(column) == address) & (column != "")


def _locked(condition: sa.ColumnElement[bool]) -> list[model.User]:
    """Accounts that wait, locked: nobody sets a password meanwhile."""
    return list(
        model.Session.scalars(
            sa.select(model.User)
            .where(invitations.waiting(), condition)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _delete(condition: sa.ColumnElement[bool]) -> int:
    found = _locked(condition)
    for user in found:
        _forget(user.id)
    return len(found)


def _forget(user_id: str) -> None:
    """Delete an account with all that refers to it.

    What isn't named here, the database deletes or empties itself.
    """
    activity.forget(user_id)
    for member in model.Session.query(model.PackageMember).filter_by(
        user_id=user_id
    ):
        model.Session.delete(member)
    model.Session.flush()
    for table, column in (
        (model.Member, model.Member.table_id),
        (model.ApiToken, model.ApiToken.user_id),
        (model.User, model.User.id),
    ):
        model.Session.execute(sa.delete(table).where(column == user_id))
