"""Finds and deletes what is known of people, for all subjects."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from ..config import PROJECT_TYPE
from . import addresses, tokens, words
from .ckan import model
from .events import CLAIMED, Event, Subject

#: Tokens of links, and keys of CKAN's own.
_KEYS = re.compile(rf"{tokens.PATTERN.pattern}|(?<=[?&]key=)[\w%-]+", re.ASCII)


@dataclass(frozen=True)
class Person:
    """Somebody who has an e-mail address.

    :param spellings: the address in lower case, as it may be stored
    :param accounts: ids of the accounts that have it now
    """

    spellings: tuple[str, ...]
    accounts: frozenset[str]

    def has(self, column: Any) -> sa.ColumnElement[bool]:
        """Whether a column holds the address."""
        return sa.func.lower(column).in_(self.spellings)

    def is_behind(
        self, column: InstrumentedAttribute[str], subject: Subject
    ) -> sa.ColumnElement[bool]:
        """Whether a row holds the address, or is of one of the accounts.

        Who has claimed somebody else's project has not written what that
        person wrote.

        :param column: that of the address
        :param subject: what the table is about
        """
        table: Any = column.class_
        claimed = sa.select(Event.subject_id).where(
            Event.subject == subject.value, Event.target == CLAIMED
        )
        own = table.user_id.in_(self.accounts) & table.id.not_in(claimed)
        return self.has(column) | own


def person(email: str) -> Person:
    """Who has an address.

    :param email: in any spelling of upper and lower case
    """
    spellings = tuple(sorted(addresses.spellings(email)))
    query = sa.select(model.User.id).where(
        sa.func.lower(model.User.email).in_(spellings)
    )
    return Person(spellings, frozenset(model.Session.scalars(query)))


def rows(
    table: type[Any], condition: sa.ColumnElement[bool], *, locked: bool
) -> Any:
    """The rows of a table that are about somebody.

    :param locked: as they are about to be changed
    """
    query = sa.select(table).where(condition).order_by(table.id)
    if locked:
        query = query.with_for_update().execution_options(
            populate_existing=True
        )
    return model.Session.scalars(query).all()


def delete(rows: Iterable[Any]) -> int:
    """Delete rows; returns how many."""
    number = 0
    for row in rows:
        model.Session.delete(row)
        number += 1
    return number


def forget_makers(table: Any, condition: sa.ColumnElement[bool]) -> int:
    """Forget which accounts have made some rows; commits nothing.

    :param table: has `created_by`
    :param condition: which rows
    :returns: of how many there was something to forget
    """
    found = model.Session.scalars(
        sa.select(table)
        .where(table.created_by.is_not(None), condition)
        # In one order, so that no two wait for each other.
        .order_by(*sa.inspect(table).primary_key)
        .with_for_update()
    ).all()
    for row in found:
        row.created_by = None
    return len(found)


def unclaimed(user_id: str | None, subject: Subject, id_: str) -> str | None:
    """The account of whoever has written a row; None where it was claimed."""
    claimed = sa.select(Event.id).where(
        Event.subject == subject.value,
        Event.subject_id == id_,
        Event.target == CLAIMED,
    )
    is_claimed = user_id and model.Session.scalar(claimed.limit(1))
    return None if is_claimed else user_id


def without_keys(text: str) -> str:
    """A text of a mail without what makes its links work."""
    return _KEYS.sub(words.COVER, text)


def unlink(table: Any, person: Person) -> int:
    """Let rows of others not name somebody's accounts any more.

    Commits nothing.

    :returns: how many rows did
    """
    query = sa.select(table).where(table.user_id.in_(person.accounts))
    found = model.Session.scalars(
        query.order_by(table.id).with_for_update()
    ).all()
    for row in found:
        row.user_id = None
    model.Session.flush()
    return len(found)


def package(id_: str | None) -> dict[str, str] | None:
    """What a project or dataset is called, and where it is."""
    found = model.Package.get(id_)
    if found is None:
        return None
    route = "civic_project" if found.type == PROJECT_TYPE else "dataset"
    return {
        "title": found.title or found.name,
        "address": tk.url_for(f"{route}.read", id=found.name, qualified=True),
    }


def events(found: Iterable[Event]) -> list[dict[str, Any]]:
    """What has happened, as it is told to whom it concerns."""
    return [
        {
            "when": event.created,
            "what": event.action,
            "by": event.actor,
            "state": event.target,
            "reason": event.reason,
        }
        for event in found
    ]
