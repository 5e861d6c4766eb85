"""Where a portal reminds nobody sooner, takers are asked once a year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.tasks.model import Task, TaskAssignment

from ..acting import as_portal, as_user
from ..confirmations.calendar import Calendar
from ..offering import REVIEWERS, create_people, create_project, empty_tables
from ..outbox import empty_outbox, token_in, waiting_mails
from ..working import forget_jobs, run_due

TAKER = "kim@example.org"
ANSWER = "digifarm_confirmation_answer"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def project(people) -> dict[str, Any]:
    return create_project(people, stage="live")


@pytest.fixture(autouse=True)
def nothing(people, project) -> Iterator[None]:
    empty_tables()
    for table in (Confirmation, Due, TaskAssignment, Task):
        model.Session.query(table).delete()
    model.Package.get(project["id"]).extras = {"stage": "live"}
    model.Session.commit()
    forget_jobs()
    with (
        changed_config("ckanext.digifarm.review_organization", REVIEWERS),
        changed_config("ckanext.digifarm.tasks.days", 700),
    ):
        yield


@pytest.fixture
def calendar(monkeypatch) -> Calendar:
    return Calendar(monkeypatch)


@pytest.fixture
def task(project) -> str:
    """A task that somebody without an account has taken."""
    id_ = as_portal(
        "digifarm_task_create", project=project["id"], title="Bäume zählen"
    )["id"]
    as_user(
        "",
        "digifarm_task_take",
        id=id_,
        name="Kim",
        email=TAKER,
        consent=True,
    )
    token = token_in(waiting_mails(TAKER)[-1])
    as_user("", "digifarm_task_confirm", token=token)
    empty_outbox()
    return id_


def state(task: str) -> str:
    model.Session.rollback()
    model.Session.expire_all()
    found = model.Session.get(Task, task)
    assert found
    return found.state


def asked() -> list[Any]:
    found = [m for m in waiting_mails(TAKER) if "still at" in m.subject]
    empty_outbox()
    return found


def test_who_has_a_task_for_a_year_is_asked(task, calendar):
    calendar.go_on(364)
    assert asked() == []
    calendar.go_on(2)
    [mail] = asked()
    as_user("", ANSWER, token=token_in(mail), answer="confirmed")
    calendar.go_on(350)
    # The reminder counts from then on.
    assert not sum(run_due("task-reminder").values())
    assert asked() == []
    assert state(task) == "taken"
    calendar.go_on(16)
    assert len(asked()) == 1


def test_it_can_be_given_back(task, calendar):
    calendar.go_on(366)
    [mail] = asked()
    as_user("", ANSWER, token=token_in(mail), answer="returned")
    assert state(task) == "open"
    subjects = {m.recipient_email for m in waiting_mails()}
    assert "owner@example.org" in subjects


def test_silence_opens_it_again(task, calendar):
    calendar.go_on(366)
    for days in (15, 29):
        calendar.go_on(days)
    assert len(asked()) == 3
    calendar.go_on(44)
    assert state(task) == "taken"
    calendar.go_on(3)
    assert state(task) == "open"
    assert asked() == []


def test_who_is_reminded_sooner_is_not_asked(task, calendar):
    with changed_config("ckanext.digifarm.tasks.days", 30):
        calendar.go_on(31)
        run_due("task-reminder")
        calendar.go_on(8)
        run_due("task-expiry")
        calendar.go_on(400)
    assert state(task) == "open"
    assert asked() == []
