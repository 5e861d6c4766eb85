"""Whoever gives a project something hears that it was deleted, or is back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import ckantoolkit as tk
import pytest
from freezegun import freeze_time

from ckan import model
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.endings.deletion import DELETED, RESTORED
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.support.model import SupportState

from ..acting import as_portal, as_user, copy_of
from ..browsing import Browser, html, text_of
from ..offering import (
    REVIEWERS,
    create_people,
    create_project,
    empty_tables,
    store_offer,
)
from ..outbox import waiting_mails
from ..proposing import pending, put_into
from ..working import forget_jobs, run_due

KIM = {"name": "Kim", "email": "kim@example.org", "consent": True}
#: So that names are no ids.
NUMBERS = itertools.count()

DEPENDENTS = "digifarm_project_dependents"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def kept(people) -> dict[str, Any]:
    return create_project(people, help_wanted=["technology"], stage="live")


@pytest.fixture(autouse=True)
def settings(people) -> Iterator[None]:
    empty_tables()
    forget_jobs()
    for table in (Due, Event):
        model.Session.query(table).delete()
    model.Session.commit()
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


@pytest.fixture
def project(kept, people) -> dict[str, Any]:
    """A project with two owners, a supporter, an offer and a taken task."""
    project = copy_of(kept, name=f"projekt-{next(NUMBERS)}")
    for user in ("owner", "partner_editor"):
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=people[user],
            capacity="editor",
        )
    for state, user in (("accepted", "offerer"), ("declined", "other")):
        store_offer(people[user], SupportState(state), project=project["id"])
    task = call_action(
        "digifarm_task_create", project=project["id"], title="Zählen"
    )
    as_user(people["other"], "digifarm_task_take", id=task["id"], **KIM)
    for table in (Mail, Event):
        model.Session.query(table).delete()
    model.Session.commit()
    return project


def delete(user: str, project: dict[str, Any]) -> None:
    as_user(user, "package_delete", id=project["id"])


def restore(user: str, project: dict[str, Any]) -> None:
    as_user(user, "package_patch", id=project["id"], state="active")


def told(minutes: float, kind: str = DELETED) -> list[str]:
    """Who is told by then, and has not been before."""
    model.Session.query(Mail).delete()
    model.Session.commit()
    with freeze_time(clock.now() + timedelta(minutes=minutes)):
        run_due(kind)
    return sorted(mail.recipient_email for mail in waiting_mails())


def email_of(user: str) -> str:
    return model.User.get(user).email


class TestDeleting:
    def test_tells_everybody_else_once(self, people, project):
        delete(people["owner"], project)
        assert told(4) == []
        assert told(6) == sorted(
            [
                email_of(people["partner_editor"]),
                email_of(people["offerer"]),
                email_of(people["other"]),
            ]
        )
        assert told(20) == []

    def test_says_what_it_means_for_them(self, people, project):
        delete(people["owner"], project)
        told(6)
        [mail] = waiting_mails(email_of(people["other"]))
        assert mail.subject == f"“{project['title']}” was deleted"
        assert "Task: Zählen" in mail.body
        [mail] = waiting_mails(email_of(people["offerer"]))
        assert "Support: " in mail.body
        for user in ("owner", "partner_editor"):
            assert email_of(people[user]) not in mail.body
        [mail] = waiting_mails(email_of(people["partner_editor"]))
        assert f"/civic_project/{project['name']}" in mail.body

    def test_that_is_undone_at_once_troubles_nobody(self, people, project):
        delete(people["owner"], project)
        restore(people["owner"], project)
        assert told(6) == []
        assert told(7, RESTORED) == []

    def test_is_told_anew_where_it_happens_again(self, people, project):
        delete(people["owner"], project)
        first = told(6)
        restore(people["owner"], project)
        assert told(13, RESTORED) == first
        [mail] = waiting_mails(email_of(people["other"]))
        assert mail.subject == f"“{project['title']}” is back"
        assert "Task: Zählen – this stays as it is" in mail.body
        assert told(20, RESTORED) == []
        delete(people["owner"], project)
        assert told(27) == first

    def test_of_what_was_refused_is_nobodys_business(self, people):
        put_into(pending(), "declined")
        model.Session.query(Mail).delete()
        assert told(6) == []

    def test_of_long_ago_is_no_news(self, people, project):
        delete(people["owner"], project)
        assert told(31 * 24 * 60) == []


class TestAsking:
    def test_says_what_hangs_on_it(self, people, project):
        assert as_user(people["owner"], DEPENDENTS, id=project["id"]) == {
            "supports": 1,
            "tasks": 1,
            "owners": 1,
        }

    @pytest.mark.parametrize("role", ["other", "offerer", ""])
    def test_is_for_those_who_may(self, role, people, project):
        with pytest.raises(tk.NotAuthorized):
            as_user(people.get(role, ""), DEPENDENTS, id=project["id"])

    def test_stands_on_the_page(self, people, project, shared_app):
        browser = Browser(shared_app, people["project_editor"])
        path = f"/civic_project/delete/{project['name']}"
        main = text_of(html(browser.get(path)).select_one(".primary"))
        assert "1 support that runs or waits for an answer" in main
        assert "1 task that somebody has taken" in main
        assert "2 people who look after it with you" in main
        assert "Is the project only over?" in main
