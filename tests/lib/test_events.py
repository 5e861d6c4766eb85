"""Events are read in an order that late commits can't break."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ckan import model
from ckanext.digifarm.lib.acting import Acting, acting, who
from ckanext.digifarm.lib.actors import Actor
from ckanext.digifarm.lib.events import (
    START,
    Change,
    Event,
    Position,
    Subject,
    choices,
    since,
)

pytestmark = pytest.mark.usefixtures("shared_portal", "nothing")


@pytest.fixture
def nothing(shared_portal) -> None:
    model.Session.rollback()
    model.Session.query(Event).delete()
    model.Session.commit()


@pytest.fixture
def slow() -> Iterator[Session]:
    """Somebody else's transaction."""
    with Session(model.meta.engine) as session:
        yield session
        session.rollback()


def add(session: Session, id_: str) -> None:
    session.execute(
        sa.insert(Event).values(
            subject="task",
            subject_id=id_,
            action="digifarm_task_create",
            target="open",
            actor="project",
            data={},
            reason="",
        )
    )


def here(id_: str) -> None:
    add(model.Session, id_)
    model.Session.commit()


def read(position: Position = START, limit: int = 9) -> tuple[str, Position]:
    found, position = since(position, limit)
    model.Session.rollback()
    return "".join(event.subject_id for event in found), position


def expect(expected: str, position: Position = START) -> Position:
    """Read what is to be read; transactions of others may hold it up.

    The server has other databases, too.
    """
    for _ in range(100):
        found, after = read(position)
        if len(found) >= len(expected):
            break
        time.sleep(0.1)
    assert found == expected
    return after


def test_nothing_is_read_twice_and_nothing_left_out():
    assert read() == ("", START)
    for id_ in "abc":
        here(id_)
    expect("abc")
    first, position = read(limit=2)
    assert first == "ab"
    position = expect("c", position)
    assert read(position) == ("", position)
    here("d")
    expect("d", position)


def test_a_slow_transaction_is_not_lost(slow):
    here("a")
    expect("a")
    add(slow, "s")
    here("b")
    # What was written after it has to wait for it.
    position = expect("a")
    slow.commit()
    expect("sb", position)


def test_one_that_writes_late_comes_late(slow):
    """Its number is higher, its transaction is older."""
    slow.execute(sa.text("SELECT pg_current_xact_id()"))
    here("a")
    position = expect("")
    add(slow, "s")
    slow.commit()
    here("b")
    expect("sab", position)


def test_one_that_is_given_up_holds_up_nobody(slow):
    add(slow, "s")
    here("a")
    assert read()[0] == ""
    slow.rollback()
    position = expect("a")
    assert read(position) == ("", position)


def test_what_is_not_committed_is_not_read():
    add(model.Session, "a")
    assert since()[0] == []
    model.Session.commit()
    expect("a")


def test_the_events_of_one_transaction_keep_their_order():
    for id_ in "abc":
        add(model.Session, id_)
        model.Session.begin_nested().commit()
    model.Session.commit()
    expect("abc")
    first, position = read(limit=1)
    assert first == "a"
    expect("bc", position)


def test_who_acts_is_said_by_the_innermost():
    assert who() == Acting(Actor.PORTAL, None)
    with acting(Actor.PROPOSER, "a"):
        with acting(Actor.REVIEWER, "b"):
            assert who() == Acting(Actor.REVIEWER, "b")
        assert who() == Acting(Actor.PROPOSER, "a")
    assert who() == Acting(Actor.PORTAL, None)


def test_an_event_says_what_it_is_told():
    with acting(Actor.TAKER, None):
        Event.record(
            Subject.TASK, "t", Change.CHANGED, "a", "b", data={"effort": "x"}
        )
    model.Session.commit()
    [event] = Event.of(Subject.TASK, "t")
    assert (event.action, event.source, event.target) == ("changed", "a", "b")
    assert (event.actor, event.project_id) == ("taker", None)
    assert event.data == {"effort": "x"}


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (None, []),
        ("", []),
        ("[]", []),
        ('["care", "content"]', ["care", "content"]),
        ("care", ["care"]),
        ("5", ["5"]),
    ],
)
def test_choices(stored, expected):
    assert choices(stored) == expected
