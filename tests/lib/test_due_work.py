"""What time brings is done once, also where it commits by itself."""

from __future__ import annotations

import datetime
import threading
from typing import Any

import pytest

from ckan import model
from ckanext.digifarm import privacy
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.due_work import ALL, Due, Kind

from ..acting import in_two_threads
from ..scenes import proposal

DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def nothing(scene) -> None:
    model.Session.query(Due).delete()
    model.Session.commit()


def kind(do: Any) -> Kind:
    return Kind("of a test", lambda: [ALL], do, DAY)


def noted(name: str) -> Due:
    """What is written down of a kind."""
    model.Session.remove()
    return model.Session.query(Due).filter_by(kind=name).one()


def commit(_: str) -> None:
    """Do as core's actions do."""
    model.repo.commit_and_remove()


def do_nothing(_: str) -> None:
    pass


@pytest.mark.parametrize("do", [commit, do_nothing])
def test_it_is_written_down_that_it_is_done(do):
    before = clock.now()
    assert kind(do).run() == {"done": 1}
    row = noted("of a test")
    assert row.done
    assert row.done >= before
    assert row.due
    assert row.due >= before + DAY
    assert kind(do).run() == {}
    assert kind(do).count() == 0


def test_without_a_pause_it_is_due_each_time():
    done: list[str] = []
    each = Kind("of a test", lambda: [ALL], done.append, datetime.timedelta(0))
    assert each.run() == {"done": 1}
    assert each.run() == {"done": 1}
    assert done == [ALL, ALL]


def test_that_what_is_done_for_good_is_written_down_too(scene):
    start = proposal("declined")(scene)
    start.row.modified = clock.days_ago(10_000)
    model.Session.commit()
    [forget] = [k for k in privacy.KINDS if k.name == "forget-proposals"]
    assert forget.run() == {"done": 1}
    row = noted("forget-proposals")
    assert row.key == start.id
    assert row.done
    assert row.due is None


def test_what_fails_after_a_commit_is_tried_again_later():
    def fails(key: str) -> None:
        commit(key)
        raise ValueError

    for attempt in (1, 2):
        assert kind(fails).run() == {"failed": 1}
        row = noted("of a test")
        assert (row.attempts, row.error) == (attempt, "ValueError")
        assert row.due
        assert row.due > clock.now()
        assert kind(fails).run() == {}
        noted("of a test").due = clock.now()
        model.Session.commit()
    assert kind(commit).run() == {"done": 1}
    row = noted("of a test")
    assert (row.attempts, row.error) == (0, "")


@pytest.mark.parametrize("do", [commit, do_nothing])
def test_two_processes_do_not_do_the_same(do, shared_app):
    done: list[str] = []
    begun, tried = threading.Event(), threading.Event()

    def slowly(key: str) -> None:
        done.append(key)
        do(key)
        begun.set()
        assert tried.wait(10)

    def first() -> Any:
        return kind(slowly).run()

    def second() -> Any:
        assert begun.wait(10)
        try:
            return kind(done.append).run()
        finally:
            tried.set()

    counts = in_two_threads(shared_app, first, second)
    assert done == [ALL]
    assert counts == [{"done": 1}, {}]
