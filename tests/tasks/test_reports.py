"""Volunteers say that they are done; projects confirm it, and thank."""

from __future__ import annotations

import datetime
import re
from typing import Any
from unittest import mock

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.lib import clock, forms, tokens
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.lib.waiting import Waiting
from ckanext.digifarm.tasks.model import Task, TaskAssignment

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..working import run_due

pytestmark = pytest.mark.usefixtures("shared_portal", "nothing", "patient")

KIM = {"name": "Kim", "email": "kim@example.org", "consent": True}
WORDS = "Alle 30 beschrieben\n<b>fertig</b>"


@pytest.fixture
def nothing(shared_portal) -> None:
    model.Session.rollback()
    for table in (TaskAssignment, Task, Event, Mail, Due, Waiting):
        model.Session.query(table).delete()
    model.Session.commit()


@pytest.fixture
def patient():
    """Let tests fill in a form as fast as programs do."""
    with mock.patch.object(forms, "MIN_SECONDS", 0):
        yield


@pytest.fixture
def task(owned_project) -> dict[str, Any]:
    return call_action(
        "digifarm_task_create",
        project=owned_project["id"],
        title="Bilder beschreiben",
        effort="hour",
    )


@pytest.fixture
def link(task) -> str:
    """The token of who has taken the task without an account."""
    as_user("", "digifarm_task_take", id=task["id"], **KIM)
    confirm = token_of(task, Purpose.TASK_CONFIRM)
    token = as_user("", "digifarm_task_confirm", token=confirm)["token"]
    model.Session.query(Mail).delete()
    model.Session.commit()
    return token


@pytest.fixture
def taker(task, people) -> str:
    """The name of who has taken the task with an account."""
    take = {"id": task["id"], "name": "Kim", "consent": True}
    as_user(people["other"], "digifarm_task_take", **take)
    model.Session.query(Mail).delete()
    model.Session.commit()
    return people["other"]


@pytest.fixture
def visitor(shared_app) -> Browser:
    return Browser(shared_app)


@pytest.fixture
def owner(shared_app, people) -> Browser:
    return Browser(shared_app, people["owner"])


def assignment() -> TaskAssignment:
    model.Session.rollback()
    model.Session.expire_all()
    return model.Session.query(TaskAssignment).one()


def token_of(task: dict[str, Any], purpose: Purpose) -> str:
    row = assignment()
    return tokens.make(purpose, row.id, row.token_key)


def state_of(task: dict[str, Any]) -> str:
    model.Session.rollback()
    model.Session.expire_all()
    return model.Session.get(Task, task["id"]).state


def mails() -> list[Mail]:
    model.Session.rollback()
    return model.Session.query(Mail).order_by(Mail.created).all()


def later(days: float) -> Any:
    now = clock.now() + datetime.timedelta(days=days)
    return mock.patch.object(clock, "now", return_value=now)


def be_due() -> None:
    """Let time bring all that it brings for tasks."""
    for kind in ("task-expiry", "task-reminder", "task-report"):
        run_due(kind)


def report(link: str, **data: Any) -> dict[str, Any]:
    return as_user("", "digifarm_task_report", token=link, **data)


class TestWhoMay:
    def test_report_who_has_taken_it(self, people, task, taker):
        for role in ("owner", "project_editor", "anonymous"):
            with pytest.raises(tk.NotAuthorized):
                as_user(people[role], "digifarm_task_report", id=task["id"])
        assert state_of(task) == "taken"
        as_user(taker, "digifarm_task_report", id=task["id"])
        assert state_of(task) == "reported"

    def test_report_by_the_link_to_this_task_only(
        self, link, task, owned_project
    ):
        other = call_action(
            "digifarm_task_create", project=owned_project["id"], title="B"
        )
        with pytest.raises(tk.ValidationError):
            as_user("", "digifarm_task_report", id=other["id"], token=link)
        for purpose in (Purpose.TASK_CONFIRM, Purpose.TASK_DONE):
            with pytest.raises(tk.ValidationError):
                report(token_of(task, purpose))
        assert state_of(task) == "taken"

    @pytest.mark.parametrize("step", ["done", "resume", "delete"])
    def test_answer_who_may_update_the_project(
        self, step, people, task, taker
    ):
        as_user(taker, "digifarm_task_report", id=task["id"])
        token = token_of(task, Purpose.TASK)
        for role, data in (
            ("other", {}),
            ("anonymous", {}),
            ("anonymous", {"token": token}),
        ):
            with pytest.raises((tk.NotAuthorized, tk.ValidationError)):
                as_user(
                    people[role],
                    f"digifarm_task_{step}",
                    id=task["id"],
                    reason="Darum",
                    **data,
                )
        assert state_of(task) == "reported"
        as_user(
            people["project_editor"],
            f"digifarm_task_{step}",
            id=task["id"],
            reason="Darum",
        )
        assert state_of(task) != "reported"

    def test_see_the_thanks_who_has_done_it(self, people, task, taker):
        show = {"id": task["id"]}
        action = "digifarm_task_thanks_show"
        with pytest.raises(tk.NotAuthorized):
            as_user(taker, action, **show)
        call_action("digifarm_task_done", id=task["id"])
        for role in ("owner", "project_editor", "anonymous", "sysadmin"):
            if role == "sysadmin":
                with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
                    as_user(people[role], action, **show)
                continue
            with pytest.raises(tk.NotAuthorized):
                as_user(people[role], action, **show)
        assert as_user(taker, action, **show)["name"] == "Kim"

    def test_list_what_is_theirs(self, people, task, taker):
        action = "digifarm_task_taken_list"
        found = as_user(taker, action)
        assert [row["id"] for row in found["results"]] == [task["id"]]
        assert as_user(people["owner"], action)["count"] == 0
        with pytest.raises(tk.NotAuthorized):
            as_user("", action)

    def test_nobody_lists_what_strangers_have_taken(self, link):
        assert call_action("digifarm_task_taken_list")["count"] == 0


class TestReport:
    def test_tells_the_project_with_words(self, people, link, task):
        report(link, reason=WORDS)
        [mail] = mails()
        assert mail.recipient_email == model.User.get(people["owner"]).email
        assert mail.reply_to == KIM["email"]
        assert "> Alle 30 beschrieben\n" in mail.body
        assert "<b>fertig" not in mail.body_html
        [listed] = as_user(
            people["owner"],
            "digifarm_task_list",
            project=task["project_id"],
            takers=True,
        )
        assert listed["state"] == "reported"
        assert listed["taker"]["report"] == WORDS

    def test_waits_for_the_project(self, people, link, task):
        report(link)
        row = model.Session.query(Waiting).filter_by(subject_id=task["id"])
        assert [w.user_id for w in row] == [model.User.get(people["owner"]).id]
        call_action("digifarm_task_done", id=task["id"])
        assert row.count() == 0

    def test_counts_once(self, link, task):
        for _ in range(2):
            report(link)
        assert len(mails()) == 1
        events = Event.of(Subject.TASK, task["id"])
        assert [event.target for event in events][-1] == "reported"
        assert len(events) == 3

    def test_does_not_run_out(self, link, task, owned_project):
        report(link)
        with later(60):
            be_due()
            be_due()
        assert state_of(task) == "reported"

    def test_is_public_without_a_name(self, link, task):
        report(link, reason=WORDS)
        listed = as_user("", "digifarm_task_list", project=task["project_id"])
        assert [t["state"] for t in listed] == ["reported"]
        assert "Kim" not in str(listed)
        assert "beschrieben" not in str(listed)

    def test_can_be_given_back(self, link, task):
        report(link)
        as_user("", "digifarm_task_return", token=link)
        assert state_of(task) == "open"

    def test_waits_not_for_ever(self, link, task, people):
        report(link)
        model.Session.query(Mail).delete()
        model.Session.commit()
        with later(44):
            run_due("task-unanswered")
        assert state_of(task) == "reported"
        with later(46):
            run_due("task-unanswered")
            run_due("task-unanswered")
        assert state_of(task) == "open"
        assert assignment().state == "over"
        owner = model.User.get(people["owner"]).email
        assert {mail.recipient_email for mail in mails()} == {
            KIM["email"],
            owner,
        }
        assert all("nobody of the project" in mail.body for mail in mails())


class TestResume:
    def test_needs_words(self, link, task):
        report(link)
        with pytest.raises(tk.ValidationError) as raised:
            call_action("digifarm_task_resume", id=task["id"])
        assert set(raised.value.error_dict) == {"reason"}

    def test_gives_it_back_and_time_anew(self, link, task):
        with later(31):
            be_due()
            assert "How is it going" in mails()[-1].subject
            report(link)
            call_action(
                "digifarm_task_resume", id=task["id"], reason="Drei fehlen"
            )
            mail = mails()[-1]
            assert mail.recipient_email == KIM["email"]
            assert "> Drei fehlen" in mail.body
            # The link that they have is good for it again.
            assert report(link)["state"] == "reported"
            call_action(
                "digifarm_task_resume", id=task["id"], reason="Noch zwei"
            )
        row = assignment()
        assert (row.reported, row.report) == (None, "")
        number = len(mails())
        with later(50):
            be_due()
            assert state_of(task) == "taken"
            assert len(mails()) == number
        with later(63):
            be_due()
            assert "How is it going" in mails()[-1].subject


class TestReminders:
    def test_come_to_the_project_and_then_the_reviewers(
        self, link, people, task
    ):
        reviewer = factories.User()
        office = factories.Organization(
            users=[{"name": reviewer["name"], "capacity": "editor"}]
        )
        report(link)
        model.Session.query(Mail).delete()
        model.Session.commit()
        addresses = []
        option = "ckanext.digifarm.review_organization"
        with changed_config(option, office["name"]):
            for day in (2, 3.1, 4, 10.1, 17.1, 30):
                with later(day):
                    be_due()
                    be_due()
                addresses.append(len(mails()))
        assert addresses == [0, 1, 1, 2, 4, 4]
        team = model.User.get(people["owner"]).email
        assert [mail.recipient_email for mail in mails()] == [
            team,
            team,
            model.User.get(reviewer["id"]).email,
            KIM["email"],
        ]
        for mail in mails():
            assert KIM["email"] not in mail.body
        mail = mails()[-1]
        assert mail.subject == "Your report still waits: Bilder beschreiben"
        assert team not in mail.body
        assert "/civic_project/tasks/link/" in mail.body

    def test_do_not_come_for_what_is_answered_or_deleted(
        self, link, task, owned_project
    ):
        report(link)
        call_action("digifarm_task_done", id=task["id"])
        number = len(mails())
        with later(4):
            be_due()
        assert len(mails()) == number


class TestThanks:
    def test_say_what_was_done(self, link, task, owned_project):
        report(link)
        call_action("digifarm_task_done", id=task["id"], reason="Wunderbar")
        token = token_of(task, Purpose.TASK_DONE)
        done = as_user("", "digifarm_task_thanks_show", token=token)
        row = assignment()
        assert done["name"] == "Kim"
        assert done["task"] == {
            "id": task["id"],
            "title": "Bilder beschreiben",
            "effort": "hour",
        }
        assert done["project"]["id"] == owned_project["id"]
        assert done["since"] == row.taken.isoformat()
        assert done["until"] == row.reported.isoformat()
        assert done["confirmed"] == row.modified.isoformat()
        assert not done["by_self"]

    def test_are_honest_about_who_has_confirmed(
        self, people, task, shared_app
    ):
        owner = people["owner"]
        as_user(
            owner, "digifarm_task_take", id=task["id"], name="K", consent=True
        )
        as_user(owner, "digifarm_task_done", id=task["id"])
        path = f"/civic_project/tasks/thanks/{task['id']}"
        page = text_of(html(Browser(shared_app, owner).get(path)))
        assert "by yourself, as one of the people of the project" in page

    def test_need_more_than_an_old_or_other_link(self, link, task):
        call_action("digifarm_task_done", id=task["id"])
        for token in (link, token_of(task, Purpose.TASK), "abc"):
            with pytest.raises(tk.ValidationError) as raised:
                as_user("", "digifarm_task_thanks_show", token=token)
            assert set(raised.value.error_dict) == {"token"}

    def test_are_not_for_what_was_given_back(self, people, task, taker):
        as_user(taker, "digifarm_task_return", id=task["id"])
        with pytest.raises(tk.NotAuthorized):
            as_user(taker, "digifarm_task_thanks_show", id=task["id"])

    def test_go_when_it_was_not_done_after_all(self, people, link, task):
        call_action("digifarm_task_done", id=task["id"])
        token = token_of(task, Purpose.TASK_DONE)
        model.Session.query(Mail).delete()
        model.Session.commit()
        as_user(people["owner"], "digifarm_task_return", id=task["id"])
        assert assignment().state == "over"
        with pytest.raises(tk.ValidationError):
            as_user("", "digifarm_task_thanks_show", token=token)
        [mail] = mails()
        assert mail.recipient_email == KIM["email"]

    def test_go_when_the_name_does(self, link, task):
        call_action("digifarm_task_done", id=task["id"])
        token = token_of(task, Purpose.TASK_DONE)
        days = tk.config["ckanext.digifarm.retention_days"]
        with later(days + 0.1):
            privacy.purge()
        model.Session.rollback()
        assert model.Session.query(TaskAssignment).count() == 0
        with pytest.raises(tk.ValidationError):
            as_user("", "digifarm_task_thanks_show", token=token)


class TestPages:
    def test_from_taking_to_the_printed_thanks(
        self, visitor, owner, link, task, owned_project
    ):
        as_portal(
            "package_patch",
            id=owned_project["id"],
            contact_email="team@example.org",
        )
        path = f"/civic_project/tasks/link/{link}"
        page = visitor.get(path)
        assert "team@example.org" in page.body
        assert "If it isn’t done on" in page.body
        form = visitor.form(path, "form[action$='/report']")
        response = visitor.send(form.with_values(reason=WORDS))
        assert "look at it and confirm it" in response.body
        assert "You said on" in response.body
        assert "form[action$='/report']" not in response.body

        tasks = f"/civic_project/tasks/{owned_project['name']}"
        page = html(owner.get(tasks))
        assert "Alle 30 beschrieben" in text_of(page)
        assert not page.select("q b")
        form = owner.form(tasks, "form[action$='/resume']")
        response = owner.send(form.with_values(reason=""))
        assert state_of(task) == "reported"
        owner.send(form.with_values(reason="Drei fehlen"))
        assert state_of(task) == "taken"
        visitor.send(visitor.form(path, "form[action$='/report']"))
        owner.send(owner.form(tasks, "form[action$='/done']"))
        assert state_of(task) == "done"

        found = re.findall(r"/civic_project/\S*thanks\S*", mails()[-1].body)
        response = visitor.get(found[0])
        page = text_of(html(response).select_one(".digifarm-thanks"))
        for words in (
            "Thank you, Kim",
            "Bilder beschreiben",
            "Durstige Bäume",
            "About an hour",
            "by the people of the project",
            "not the city",
            tk.config["ckan.site_title"],
        ):
            assert words in page, words
        assert KIM["email"] not in response.body
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert "no-store" in response.headers["Cache-Control"]

    def test_by_account(self, shared_app, owner, taker, task):
        kim = Browser(shared_app, taker)
        path = f"/civic_project/tasks/mine/{task['id']}"
        response = kim.send(kim.form(path, "form[action$='/report']"))
        assert response.request.path == path
        assert "You said on" in response.body
        call_action("digifarm_task_done", id=task["id"])
        response = kim.get(path)
        assert response.request.path == "/dashboard/projects"
        link = html(response).select_one("#tasks a[href*='/thanks/']")
        response = kim.get(str(link["href"]))
        assert "Thank you, Kim" in response.body
        assert "no-store" in response.headers["Cache-Control"]
        for other in (owner, kim.stranger()):
            answer = other.get(str(link["href"]), follow_redirects=False)
            assert answer.status_code in {302, 403}
            assert "Thank you, Kim" not in answer.body

    def test_of_a_private_project_are_there_for_its_taker(
        self, shared_app, taker, task, owned_project
    ):
        as_portal("package_patch", id=owned_project["id"], private=True)
        path = f"/civic_project/tasks/mine/{task['id']}"
        assert Browser(shared_app, taker).get(path).status_code == 200
        other = Browser(shared_app, factories.User()["id"])
        assert other.get(path).status_code == 404
        as_portal("package_patch", id=owned_project["id"], private=False)

    def test_say_what_is_good_for_beginners(
        self, visitor, owner, task, owned_project
    ):
        path = f"/civic_project/{owned_project['name']}"
        assert "Good for beginners" not in visitor.get(path).body
        edit = f"/civic_project/tasks/edit/{task['id']}"
        owner.send(owner.form(edit).with_values(for_beginners="true"))
        assert "Good for beginners" in visitor.get(path).body
        [listed] = call_action(
            "digifarm_task_list", project=owned_project["id"]
        )
        assert listed["for_beginners"] is True
        # What isn't given by the API stays; the form takes it back.
        call_action("digifarm_task_update", id=task["id"], title="Neu")
        assert model.Session.get(Task, task["id"]).for_beginners
        owner.send(owner.form(edit).with_values(for_beginners=None))
        assert "Good for beginners" not in visitor.get(path).body
