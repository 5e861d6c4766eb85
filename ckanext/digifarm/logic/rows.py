"""Rows that an id or a link names: supports, partners and proposals."""

from __future__ import annotations

from typing import Protocol, TypeVar

import ckantoolkit as tk

from ckan import model
from ckan.types import DataDict

from .. import tokens
from ..tokens import Purpose
from .errors import refuse


class Followed(Protocol):
    """A row that links lead to; see tokens.py."""

    id: str
    token_key: str


T = TypeVar("T", bound=Followed)


def locked(
    table: type[T], data_dict: DataDict, *purposes: Purpose, missing: str
) -> T:
    """The row that an `id` or a `token` names.

    Nobody else changes it until the next commit.

    :param table: the model class
    :param purposes: what the token may be good for
    :param missing: what to say where there is none

    :raises ObjectNotFound: where there is none
    :raises ValidationError: where there is neither id nor token, or the token
        is of no use (any more), or not for this id
    """
    row = found(table, data_dict, *purposes, missing=missing)
    if data_dict.get("token"):
        # While we waited for the lock, the link may have been used.
        return by_token(table, data_dict["token"], *purposes)
    locked_row = _get(table, row.id, lock=True)
    if locked_row is None:
        raise tk.ObjectNotFound(missing)
    return locked_row


def found(
    table: type[T], data_dict: DataDict, *purposes: Purpose, missing: str
) -> T:
    """The same row for reading: others may change it."""
    id_ = data_dict["id"]
    if token := data_dict.get("token"):
        row = _by_token(table, token, *purposes, lock=False)
        if id_ and id_ != row.id:
            refuse("token", tk._("This link is for something else"))
        return row
    if not id_:
        refuse("id", tk._("Missing value"))
    row = _get(table, id_, lock=False)
    if row is None:
        raise tk.ObjectNotFound(missing)
    return row


def by_token(table: type[T], token: str, *purposes: Purpose) -> T:
    """The row that a link is about, locked.

    :param table: the model class
    :param purposes: what the link may be good for
    :raises ValidationError: where the link is of no use (any more)
    """
    return _by_token(table, token, *purposes, lock=True)


def _by_token(table: type[T], token: str, *purposes: Purpose, lock: bool) -> T:
    try:
        id_, key = tokens.read(token, *purposes)
    except tk.Invalid as e:
        refuse("token", e.error, e)
    row = _get(table, id_, lock=lock)
    if row is None or row.token_key != key:
        refuse("token", tokens.used())
    return row


def holds(table: type[T], data_dict: DataDict, *purposes: Purpose) -> bool:
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


def _get(table: type[T], id_: str, *, lock: bool) -> T | None:
    return model.Session.get(
        table, id_, with_for_update=lock or None, populate_existing=lock
    )
