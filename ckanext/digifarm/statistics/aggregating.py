"""The table of numbers is brought up to date."""

from __future__ import annotations

import datetime

import sqlalchemy as sa

from ..lib import clock, events
from ..lib.ckan import model
from . import replay, views_counting
from .booking import Book, month_of
from .groups import Group
from .model import Figure, State
from .numbers import Number

#: So many organisations, fields and communities are offered at most; who
#: wants another writes it into the address.
MOST_CHOICES = 100

#: Who reads the events.
READER = "statistics"


def aggregate() -> None:
    """Bring the numbers up to date; commits nothing.

    All events are told anew, as what is found late may concern any month. But
    only months are written in which something has happened since.
    """
    new = events.unread(READER).subquery()
    first = model.Session.scalar(sa.select(sa.func.min(new.c.created)))
    state = model.Session.get(State, State.ONLY)
    if state is None:
        rebuild()
        return
    now = clock.now()
    since = min(moment for moment in (first, state.as_of, now) if moment)
    _tell(month_of(since), now)


def rebuild() -> None:
    """Make all numbers anew; commits nothing.

    The result is the same as if nothing had been there.
    """
    events.unread(READER)
    _tell(datetime.date.min, clock.now())


def _tell(since: datetime.date, now: datetime.datetime) -> None:
    model.Session.execute(sa.delete(Figure).where(Figure.month >= since))
    book = Book(since)
    begins = replay.tell(book, now)
    book.turn(now)
    book.close()
    views_counting.book()
    State.write(as_of=now, begins=begins or month_of(now), choices=_choices())


def _choices() -> dict[str, list[str]]:
    """What projects that everybody could read were filtered by at any time.

    What stands in others, such as proposals, nobody has agreed to show. Of
    each dimension those that most projects have now.
    """
    names = Group._fields
    columns = [getattr(Figure, name) for name in names]
    return {
        name: sorted(
            model.Session.scalars(
                sa.select(column)
                .where(
                    Figure.number == Number.PROJECTS.value,
                    column != "",
                    *(other == "" for other in columns if other is not column),
                )
                .group_by(column)
                .order_by(sa.func.sum(Figure.amount).desc(), column)
                .limit(MOST_CHOICES)
            )
        )
        for name, column in zip(names, columns, strict=True)
    }
