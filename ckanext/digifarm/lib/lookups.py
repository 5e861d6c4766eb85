"""Rows that an id or a link names. Only `lock` and `share` lock them."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import ckantoolkit as tk
import sqlalchemy as sa

from . import tokens
from .ckan import DataDict, model
from .errors import UsedLink, refuse
from .tokens import Purpose


class HasLinks(Protocol):
    """A row that links lead to; see tokens.py."""

    id: Any
    token_key: Any


T = TypeVar("T")
L = TypeVar("L", bound=HasLinks)


def by_id(table: type[T], id_: str, missing: str) -> T:
    """The row with an id.

    :param table: the model class
    :param missing: what to say where there is none
    :raises ObjectNotFound: where there is none
    """
    row = model.Session.get(table, id_)
    if row is None:
        raise tk.ObjectNotFound(missing)
    return row


def by_token(table: type[L], token: str, *purposes: Purpose) -> L:
    """The row that a link is about.

    :param table: the model class
    :param purposes: what the link may be good for
    :raises ValidationError: where the link is of no use (any more); a
        `UsedLink` where it was of use
    """
    try:
        id_, key = tokens.read(token, *purposes)
    except tk.Invalid as e:
        refuse("token", e.error, e)
    # As it is now: while somebody waited for a lock it may have been used.
    # What is not written yet would be forgotten.
    model.Session.flush()
    row = model.Session.get(table, id_, populate_existing=True)
    if row is None or row.token_key != key:
        raise UsedLink(row)
    return row


def holds(table: type[L], data_dict: DataDict, *purposes: Purpose) -> bool:
    """Whether there is a token that is of use for a row now.

    :param table: the model class
    :param data_dict: `id` of the row, and perhaps a `token`
    :param purposes: what the token may be good for
    """
    try:
        id_, key = tokens.read(data_dict.get("token", ""), *purposes)
    except tk.Invalid:
        return False
    row = model.Session.get(table, id_)
    # The token of one row must not open another.
    return id_ == data_dict["id"] and bool(row) and row.token_key == key


def lock(row: T) -> T | None:
    """The row as it is stored; nobody else changes it until the commit.

    Only for those who may change it: others would wait for them. Who refers
    to it by a foreign key doesn't wait.

    :returns: None where it is gone by now
    """
    return lock_by_id(type(row), row.id)  # type: ignore[attr-defined]


def lock_by_id(table: type[T], id_: str | None) -> T | None:
    """The same for the row with an id."""
    return _stored(table, id_, key_share=True)


def lock_of_project(table: Any, project_id: str) -> None:
    """Let nobody take a step of a project's rows until the commit.

    :param table: the model class, with `project_id`
    """
    # Nothing is read, as each is read anew by who changes it.
    model.Session.execute(
        sa.select(table.id)
        .where(table.project_id == project_id)
        # In one order, so that no two wait for each other.
        .order_by(table.id)
        .with_for_update(key_share=True)
    )


def share(row: T) -> T | None:
    """The row as it is stored; it stays so until the commit.

    For those who count on what it says; they don't wait for each other.

    :returns: None where it is gone by now
    """
    return _stored(type(row), row.id, read=True)  # type: ignore[attr-defined]


def take_turns(what: str) -> None:
    """Wait for others who do the same; they wait for us until the commit.

    For what has no row yet that could be locked.

    :param what: what is done, with what it is about
    """
    key = sa.func.hashtext(f"digifarm {what}")
    model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def _stored(table: type[T], id_: str | None, **strength: bool) -> T | None:
    # What is not written yet would be forgotten.
    model.Session.flush()
    return model.Session.get(
        table, id_, with_for_update=strength, populate_existing=True
    )
