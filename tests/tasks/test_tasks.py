"""Tasks of projects: kept by their owners, taken by anybody, one at a time."""

from __future__ import annotations

import concurrent.futures
import datetime
import json
from collections.abc import Callable
from typing import Any
from unittest import mock

import ckantoolkit as tk
import pytest
from bs4 import BeautifulSoup

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.lib import clock, tokens
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.notices.model import Notice
from ckanext.digifarm.projects import fields
from ckanext.digifarm.tasks.model import (
    AssignmentState,
    Task,
    TaskAssignment,
    TaskState,
)
from ckanext.digifarm.tasks.workflow import WORKFLOW
from dev.counting import counting

from ..acting import as_portal, as_user
from ..working import run_due

pytestmark = pytest.mark.usefixtures("shared_portal", "nothing")

EDITORS = ("project_editor", "owner", "sysadmin")
OTHERS = ("other", "anonymous")

KIM = {"name": "Kim", "email": "kim@example.org", "consent": True}
ALEX = {"name": "Alex", "email": "alex@example.org", "consent": True}


@pytest.fixture
def nothing(shared_portal) -> None:
    model.Session.rollback()
    for table in (TaskAssignment, Task, Event, Mail):
        model.Session.query(table).delete()
    model.Session.commit()


@pytest.fixture
def new_project(nothing, kept_project) -> None:
    """Let the project have a history: who has made it, who owns it."""
    kept_project.forget()


@pytest.fixture
def task(owned_project) -> dict[str, Any]:
    return call_action(
        "digifarm_task_create",
        project=owned_project["id"],
        title="Alternativtexte schreiben",
        description="Für *30* Bilder",
        skills="Schreiben, Leichte Sprache",
        effort="hour",
        url="https://code.example.org/1",
    )


def errors_of(action: str, **data: Any) -> dict[str, list[str]]:
    with pytest.raises(tk.ValidationError) as raised:
        call_action(action, **data)
    model.Session.rollback()
    return raised.value.error_dict


def take(task: dict[str, Any], **data: Any) -> dict[str, Any]:
    return as_user("", "digifarm_task_take", id=task["id"], **data)


def mails(template: str = "") -> list[Mail]:
    model.Session.rollback()
    found = model.Session.query(Mail).order_by(Mail.created).all()
    return [mail for mail in found if template in mail.subject]


def state_of(task: dict[str, Any]) -> str:
    model.Session.rollback()
    model.Session.expire_all()
    return model.Session.get(Task, task["id"]).state


def token_of(task: dict[str, Any], email: str, purpose: Purpose) -> str:
    model.Session.rollback()
    assignment = (
        model.Session.query(TaskAssignment)
        .filter_by(task_id=task["id"], email=email)
        .one()
    )
    return tokens.make(purpose, assignment.id, assignment.token_key)


def confirm(task: dict[str, Any], email: str) -> dict[str, Any]:
    token = token_of(task, email, Purpose.TASK_CONFIRM)
    return as_user("", "digifarm_task_confirm", token=token)


@pytest.fixture
def taken(task) -> dict[str, Any]:
    """The task, after Kim has taken it."""
    take(task, **KIM)
    confirm(task, KIM["email"])
    model.Session.query(Mail).delete()
    model.Session.commit()
    return task


def later(days: float) -> Any:
    """Some days later."""
    now = clock.now() + datetime.timedelta(days=days)
    return mock.patch.object(clock, "now", return_value=now)


def in_parallel(app: Any, *calls: Callable[[], Any]) -> list[str]:
    """What becomes of calls at the same moment: `done` or `refused`."""

    def run(call: Callable[[], Any]) -> str:
        with app.flask_app.test_request_context():
            try:
                call()
            except tk.ValidationError:
                return "refused"
            finally:
                model.Session.remove()
        return "done"

    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


class TestWhoMay:
    def test_keep_tasks(self, people, owned_project, task):
        calls = (
            (
                "digifarm_task_create",
                {"project": owned_project["name"], "title": "A"},
            ),
            ("digifarm_task_update", {"id": task["id"], "title": "B"}),
            (
                "digifarm_task_order",
                {"project": owned_project["id"], "ids": [task["id"]]},
            ),
            (
                "digifarm_task_list",
                {"project": owned_project["id"], "takers": True},
            ),
            ("digifarm_task_done", {"id": task["id"]}),
            ("digifarm_task_return", {"id": task["id"]}),
            ("digifarm_task_delete", {"id": task["id"]}),
        )
        for action, data in calls:
            for role in OTHERS:
                with pytest.raises(tk.NotAuthorized):
                    as_user(people[role], action, **data)
        for role in EDITORS:
            for action, data in calls[:-1]:
                as_user(people[role], action, **data)
        as_user(people["owner"], *calls[-1][:1], **calls[-1][1])
        assert state_of(task) == "deleted"

    def test_read(self, people, owned_project, task):
        for user in people.values():
            data = {"project": owned_project["name"]}
            assert as_user(user, "digifarm_task_list", **data) == [task]
            shown = as_user(
                user, "digifarm_project_show", id=owned_project["id"]
            )
            assert shown["tasks"] == [task]
            shown = as_user(user, "digifarm_task_show", id=task["id"])
            assert shown["title"] == task["title"]

    def test_read_and_take_of_a_private_project(
        self, people, owned_project, task
    ):
        as_portal("package_patch", id=owned_project["id"], private=True)
        data = {"project": owned_project["id"]}
        for role in EDITORS:
            user = people[role]
            assert as_user(user, "digifarm_task_list", **data) == [task]
        for role in OTHERS:
            user = people[role]
            for action, asked in (
                ("digifarm_task_list", data),
                ("digifarm_task_show", {"id": task["id"]}),
                ("digifarm_task_take", {"id": task["id"], **KIM}),
            ):
                with pytest.raises(tk.NotAuthorized):
                    as_user(user, action, **asked)

    @pytest.mark.parametrize("role", EDITORS)
    def test_see_who_has_taken_it(self, role, people, owned_project, taken):
        [found] = as_user(
            people[role],
            "digifarm_task_list",
            project=owned_project["id"],
            takers=True,
        )
        assert found["taker"]["name"] == "Kim"
        assert found["taker"]["email"] == KIM["email"]

    def test_give_back_what_others_have_taken(self, people, taken):
        for role in OTHERS:
            with pytest.raises(tk.NotAuthorized):
                as_user(people[role], "digifarm_task_return", id=taken["id"])
        as_user(people["owner"], "digifarm_task_return", id=taken["id"])
        assert state_of(taken) == "open"

    def test_give_back_with_an_account(self, people, task):
        as_user(
            people["other"],
            "digifarm_task_take",
            id=task["id"],
            name="Kim",
            consent=True,
        )
        assert state_of(task) == "taken"
        with pytest.raises(tk.NotAuthorized):
            as_user(people["other"], "digifarm_task_done", id=task["id"])
        as_user(people["other"], "digifarm_task_return", id=task["id"])
        assert state_of(task) == "open"


class TestFields:
    def test_are_kept(self, task):
        expected = {
            "title": "Alternativtexte schreiben",
            "description": "Für *30* Bilder",
            "skills": ["Schreiben", "Leichte Sprache"],
            "effort": "hour",
            "url": "https://code.example.org/1",
            "state": "open",
        }
        assert {key: task[key] for key in expected} == expected

    def test_are_changed_alone(self, task):
        changed = call_action(
            "digifarm_task_update", id=task["id"], effort="", skills=[]
        )
        assert changed == {**task, "effort": "", "skills": []}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", ""),
            ("title", "a" * 151),
            ("title", "a\nb"),
            ("title", ["a"]),
            ("title", "\x00"),
            ("description", "a" * 5001),
            ("description", {}),
            ("skills", ["a" * 101]),
            ("skills", 5),
            ("effort", "forever"),
            ("effort", ["hour"]),
            ("url", "javascript:alert(1)"),
        ],
    )
    def test_refuse_what_is_wrong_by_name(
        self, field, value, owned_project, task
    ):
        new = {"project": owned_project["id"], "title": "B", field: value}
        assert {*errors_of("digifarm_task_create", **new)} == {field}
        changed = {"id": task["id"], field: value}
        assert {*errors_of("digifarm_task_update", **changed)} == {field}
        listed = call_action("digifarm_task_list", project=owned_project["id"])
        assert listed == [task]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""),
            ("name", "a\nb"),
            ("name", "a" * 201),
            ("email", ""),
            ("email", "kim"),
            ("email", ["kim@example.org"]),
            ("consent", False),
            ("consent", "yes"),
            ("submission", ["a"]),
        ],
    )
    def test_of_takers_are_refused_by_name(self, field, value, task):
        data = {"id": task["id"], **KIM, field: value}
        assert {*errors_of("digifarm_task_take", **data)} == {field}
        assert model.Session.query(TaskAssignment).count() == 0
        assert mails() == []

    def test_name_what_there_is(self, people, owned_project):
        dataset = factories.Dataset()
        for project in ("nothing", dataset["id"]):
            with pytest.raises(tk.ObjectNotFound):
                call_action("digifarm_task_create", project=project, title="A")
        # Core asks no auth function for a sysadmin.
        for user in ("", people["sysadmin"]):
            for action in ("show", "update", "done", "return", "delete"):
                with pytest.raises(tk.ObjectNotFound):
                    as_user(user, f"digifarm_task_{action}", id="nothing")
            with pytest.raises(tk.ObjectNotFound):
                as_user(user, "digifarm_task_take", id="nothing", **KIM)
            with pytest.raises(tk.ObjectNotFound):
                as_user(user, "digifarm_task_list", project="nothing")
        for wrong in ("", None, ["a"], "\x00"):
            assert "id" in errors_of("digifarm_task_update", id=wrong)
        as_portal("package_delete", id=owned_project["name"])
        errors = errors_of(
            "digifarm_task_create", project=owned_project["id"], title="A"
        )
        assert {*errors} == {"project"}

    def test_efforts_come_from_the_schema_file_or_else_from_ours(self):
        ours = fields.task_effort_values()
        assert "hour" in ours
        with mock.patch.object(fields, "schema", return_value={}):
            assert fields.task_effort_values() == ours
        own = {"task_efforts": [{"value": "day", "label": "Ein Tag"}]}
        with mock.patch.object(fields, "schema", return_value=own):
            assert fields.task_effort_values() == ["day"]


class TestOrder:
    @pytest.fixture
    def ids(self, owned_project) -> list[str]:
        return [
            call_action(
                "digifarm_task_create",
                project=owned_project["id"],
                title=title,
            )["id"]
            for title in "ABC"
        ]

    def listed(self, project: dict[str, Any]) -> list[str]:
        tasks = call_action("digifarm_task_list", project=project["id"])
        return [task["id"] for task in tasks]

    def test_is_that_of_creation_until_somebody_changes_it(
        self, ids, owned_project
    ):
        assert self.listed(owned_project) == ids
        a, b, c = ids
        call_action(
            "digifarm_task_order", project=owned_project["id"], ids=[c]
        )
        assert self.listed(owned_project) == [c, a, b]

    def test_is_of_tasks_of_the_project(
        self, ids, owned_project, project_factory
    ):
        foreign = call_action(
            "digifarm_task_create",
            project=project_factory()["id"],
            title="D",
        )
        for wrong in ([foreign["id"]], ["nothing"], {}):
            errors = errors_of(
                "digifarm_task_order", project=owned_project["id"], ids=wrong
            )
            assert {*errors} == {"ids"}
        assert self.listed(owned_project) == ids


class TestTaking:
    def test_waits_for_the_mail_to_be_answered(self, task, owned_project):
        assert take(task, **KIM) == {"id": task["id"], "confirmed": False}
        assert state_of(task) == "open"
        [mail] = mails()
        assert mail.recipient_email == KIM["email"]
        # Anybody may have written anything there.
        assert "Kim" not in mail.body + mail.recipient_name
        assert KIM["email"] not in mail.body
        confirm(task, KIM["email"])
        assert state_of(task) == "taken"
        assert len(mails()) == 3
        # Who has answered the link gets another one, for this task alone.
        token = token_of(task, KIM["email"], Purpose.TASK)
        shown = as_user("", "digifarm_task_show", token=token)
        assert shown["taker"]["name"] == "Kim"

    def test_tells_both_sides(self, people, task):
        take(task, **KIM)
        confirm(task, KIM["email"])
        by_address = {mail.recipient_email: mail for mail in mails()[1:]}
        owner = model.User.get(people["owner"]).email
        assert {*by_address} == {KIM["email"], owner}
        assert by_address[owner].reply_to == KIM["email"]
        assert "Kim" in by_address[owner].body
        # An owner's address is not for everybody who takes a task.
        assert owner not in by_address[KIM["email"]].body
        assert by_address[KIM["email"]].reply_to != owner
        assert "/civic_project/tasks/link/" in by_address[KIM["email"]].body

    def test_gives_the_public_contact_of_the_project(
        self, task, owned_project
    ):
        as_portal(
            "package_patch",
            id=owned_project["id"],
            contact_email="baum@example.org",
        )
        take(task, **KIM)
        confirm(task, KIM["email"])
        [mail] = mails("Your task")
        assert mail.reply_to == "baum@example.org"

    def test_needs_no_mail_with_an_account(self, people, task):
        assignment = as_user(
            people["other"],
            "digifarm_task_take",
            id=task["id"],
            name="Kim",
            email="somebody.else@example.org",
            consent=True,
        )
        assert assignment == {"id": task["id"], "confirmed": True}
        addresses = {mail.recipient_email for mail in mails()}
        user = model.User.get(people["other"])
        owner = model.User.get(people["owner"])
        assert addresses == {user.email, owner.email}

    def test_is_for_whoever_confirms_first(self, task):
        take(task, **KIM)
        take(task, **ALEX)
        confirm(task, ALEX["email"])
        token = token_of(task, KIM["email"], Purpose.TASK_CONFIRM)
        errors = errors_of("digifarm_task_confirm", token=token)
        assert "Somebody was faster" in errors["token"][0]
        assert (
            "Somebody was faster"
            in errors_of("digifarm_task_take", id=task["id"], **KIM)["id"][0]
        )
        # When Alex gives it back in time, Kim's link is good again.
        call_action("digifarm_task_return", id=task["id"])
        confirm(task, KIM["email"])
        assert (
            model.Session.query(TaskAssignment)
            .filter_by(state=AssignmentState.HELD.value)
            .one()
            .email
            == (KIM["email"])
        )

    def test_counts_a_double_click_once(self, task, shared_app):
        def click() -> None:
            take(task, **KIM, submission="form-1")

        assert in_parallel(shared_app, click, click) == ["done", "done"]
        assert len(mails()) == 1
        assert model.Session.query(TaskAssignment).count() == 1

    def test_counts_a_double_click_with_an_account_once(
        self, task, people, shared_app
    ):
        def click() -> dict[str, Any]:
            return as_user(
                people["other"],
                "digifarm_task_take",
                id=task["id"],
                name="Kim",
                consent=True,
                submission="form-1",
            )

        assert in_parallel(shared_app, click, click) == ["done", "done"]
        assert click() == {"id": task["id"], "confirmed": True}
        assert len(mails()) == 2
        assert len(Event.of(Subject.TASK, task["id"])) == 2

    def test_is_for_one_when_two_take_it_at_the_same_moment(
        self, task, people, shared_app
    ):
        take(task, **KIM)
        take(task, **ALEX)
        links = [
            token_of(task, somebody["email"], Purpose.TASK_CONFIRM)
            for somebody in (KIM, ALEX)
        ]
        results = in_parallel(
            shared_app,
            *(
                lambda token=token: as_user(
                    "", "digifarm_task_confirm", token=token
                )
                for token in links
            ),
            lambda: as_user(
                people["other"],
                "digifarm_task_take",
                id=task["id"],
                name="O",
                consent=True,
            ),
        )
        assert results == ["done", "refused", "refused"]
        held = model.Session.query(TaskAssignment).filter_by(
            state=AssignmentState.HELD.value
        )
        assert held.count() == 1
        assert len(Event.of(Subject.TASK, task["id"])) == 2

    def test_ends_where_the_project_is_deleted(self, task, owned_project):
        take(task, **KIM)
        as_portal("package_delete", id=owned_project["name"])
        token = token_of(task, KIM["email"], Purpose.TASK_CONFIRM)
        assert "project" in errors_of("digifarm_task_confirm", token=token)
        assert "project" in errors_of(
            "digifarm_task_take", id=task["id"], **ALEX
        )
        assert state_of(task) == "open"

    @pytest.mark.usefixtures("clean_redis")
    def test_fills_no_mailbox(self, task, shared_app):
        with (
            shared_app.flask_app.test_request_context(),
            changed_config("ckanext.digifarm.limits.email", "1 per hour"),
        ):
            for person in (KIM, KIM, ALEX):
                take(task, **person)
        to = [mail.recipient_email for mail in model.Session.query(Mail)]
        assert sorted(to) == sorted([KIM["email"], ALEX["email"]])


class TestLinks:
    def test_are_of_use_once(self, task):
        take(task, **KIM)
        token = token_of(task, KIM["email"], Purpose.TASK_CONFIRM)
        as_user("", "digifarm_task_confirm", token=token)
        errors = errors_of("digifarm_task_confirm", token=token)
        assert errors == {"token": ["This link has been used already"]}
        token = token_of(task, KIM["email"], Purpose.TASK)
        as_user("", "digifarm_task_return", token=token, reason="Umzug")
        assert state_of(task) == "open"
        for action in ("return", "show"):
            assert "token" in errors_of(f"digifarm_task_{action}", token=token)

    @pytest.mark.parametrize("user", ["", "sysadmin"])
    def test_are_good_for_one_thing(self, user, people, task, taken):
        link = token_of(task, KIM["email"], Purpose.TASK)
        wrong = token_of(task, KIM["email"], Purpose.TASK_CONFIRM)
        support = token_of(task, KIM["email"], Purpose.SUPPORT)
        for action, token in (
            ("confirm", link),
            ("return", wrong),
            ("return", support),
            ("return", link[:-2]),
            ("return", f"{link}x"),
            ("show", support),
        ):
            with pytest.raises(tk.ValidationError) as raised:
                as_user(
                    people.get(user, ""),
                    f"digifarm_task_{action}",
                    token=token,
                )
            assert {*raised.value.error_dict} == {"token"}
        assert state_of(task) == "taken"

    def test_of_one_task_do_not_open_another(self, taken, owned_project):
        other = call_action(
            "digifarm_task_create", project=owned_project["id"], title="B"
        )
        take(other, **ALEX)
        confirm(other, ALEX["email"])
        token = token_of(taken, KIM["email"], Purpose.TASK)
        with pytest.raises(tk.ValidationError) as raised:
            as_user("", "digifarm_task_return", id=other["id"], token=token)
        assert {*raised.value.error_dict} == {"token"}
        assert (state_of(other), state_of(taken)) == ("taken", "taken")

    def test_do_not_let_takers_decide_for_the_project(self, taken):
        token = token_of(taken, KIM["email"], Purpose.TASK)
        for action in ("done", "delete"):
            with pytest.raises(tk.NotAuthorized):
                as_user("", f"digifarm_task_{action}", token=token)
        assert state_of(taken) == "taken"

    def test_to_confirm_expire(self, task):
        take(task, **KIM)
        token = token_of(task, KIM["email"], Purpose.TASK_CONFIRM)
        with changed_config("ckanext.digifarm.token_days", -1):
            errors = errors_of("digifarm_task_confirm", token=token)
        assert errors == {"token": ["This link has expired"]}

    def test_to_give_back_last_as_long_as_the_task_may(self, taken):
        token = token_of(taken, KIM["email"], Purpose.TASK)
        with changed_config("ckanext.digifarm.token_days", -1):
            as_user("", "digifarm_task_show", token=token)
            with changed_config("ckanext.digifarm.tasks.days", -8):
                errors = errors_of("digifarm_task_return", token=token)
        assert errors == {"token": ["This link has expired"]}

    def test_hold_nothing_personal(self, task):
        take(task, **KIM)
        token = token_of(task, KIM["email"], Purpose.TASK_CONFIRM)
        serializer = tokens._serializer(Purpose.TASK_CONFIRM)
        assignment = model.Session.query(TaskAssignment).one()
        assert serializer.loads(token) == [assignment.id, assignment.token_key]


class TestLife:
    @pytest.mark.parametrize("state", list(TaskState))
    @pytest.mark.parametrize("name", ["done", "return", "delete"])
    def test_goes_by_the_table(self, name, state, taken):
        action = f"digifarm_task_{name}"
        task = model.Session.get(Task, taken["id"])
        task.state = state.value
        if state is not TaskState.TAKEN:
            model.Session.query(TaskAssignment).delete()
        model.Session.commit()
        events = len(Event.of(Subject.TASK, taken["id"]))
        if step := WORKFLOW.transition(action, state):
            changed = call_action(action, id=taken["id"])
            assert changed["state"] == step.target.value
            assert len(Event.of(Subject.TASK, taken["id"])) == events + 1
            expected = len(step.mails) if state is TaskState.TAKEN else 0
            assert len(mails()) == expected
            return
        assert {*errors_of(action, id=taken["id"])} == {"id"}
        assert len(Event.of(Subject.TASK, taken["id"])) == events
        assert mails() == []

    def test_is_written_down(self, people, taken):
        as_user(
            people["owner"],
            "digifarm_task_return",
            id=taken["id"],
            reason="Wir machen es anders",
        )
        events = Event.of(Subject.TASK, taken["id"])
        assert [event.target for event in events] == ["open", "taken", "open"]
        assert events[2].reason == "Wir machen es anders"
        assert events[2].created_by == model.User.get(people["owner"]).id

    def test_ends_with_thanks(self, taken):
        call_action("digifarm_task_done", id=taken["id"], reason="Toll!")
        [mail] = mails()
        assert mail.recipient_email == KIM["email"]
        assert "> Toll!" in mail.body

    def test_of_a_deleted_task_is_over(self, taken, owned_project):
        call_action("digifarm_task_delete", id=taken["id"])
        [mail] = mails()
        assert mail.recipient_email == KIM["email"]
        data = {"project": owned_project["id"]}
        assert call_action("digifarm_task_list", **data) == []
        for action in ("show", "update"):
            with pytest.raises(tk.ObjectNotFound):
                call_action(f"digifarm_task_{action}", id=taken["id"])

    def test_goes_with_a_purged_project(self, taken, owned_project):
        as_portal("dataset_purge", id=owned_project["id"])
        assert model.Session.query(Task).count() == 0
        assert model.Session.query(TaskAssignment).count() == 0

    def test_tells_in_the_language_of_each(self, taken, shared_app):
        model.Session.query(TaskAssignment).one().language = "de"
        model.Session.commit()
        call_action("digifarm_task_done", id=taken["id"])
        [mail] = mails()
        assert mail.language == "de"
        assert "/de/civic_project/help-wanted" in mail.body


def remind() -> dict[str, int]:
    """What time brings: how many are reminded, and open again."""
    counts = {
        "open": run_due("task-expiry")["done"],
        "reminded": run_due("task-reminder")["done"],
    }
    return {name: count for name, count in counts.items() if count}


class TestReminders:
    def test_come_once_and_then_the_task_is_open_again(self, taken, people):
        with later(29):
            assert remind() == {}
        with later(31):
            assert remind() == {"reminded": 1}
        with later(37):
            assert remind() == {}
        [reminder] = mails()
        assert reminder.recipient_email == KIM["email"]
        assert "/civic_project/tasks/link/" in reminder.body
        assert state_of(taken) == "taken"
        with later(39):
            assert remind() == {"open": 1}
            assert remind() == {}
        assert state_of(taken) == "open"
        owner = model.User.get(people["owner"]).email
        late = mails("Open again")
        assert {m.recipient_email for m in late} == {KIM["email"], owner}
        assert all("not done in time" in mail.body for mail in late)

    def test_come_a_week_before_also_when_nobody_asked_for_long(self, taken):
        with later(400):
            assert remind() == {"reminded": 1}
            assert remind() == {}
        assert state_of(taken) == "taken"

    def test_have_a_link_that_works(self, taken):
        with later(31):
            remind()
        token = token_of(taken, KIM["email"], Purpose.TASK)
        assert token.split(".")[0] in mails()[0].body
        as_user("", "digifarm_task_return", token=token)

    def test_are_for_tasks_that_are_taken_now(self, taken, owned_project):
        call_action("digifarm_task_done", id=taken["id"])
        with later(31):
            assert remind() == {}
        call_action("digifarm_task_return", id=taken["id"])
        take(taken, **ALEX)
        confirm(taken, ALEX["email"])
        as_portal("package_delete", id=owned_project["name"])
        with later(31):
            assert remind() == {}

    def test_wait_as_long_as_the_option_says(self, taken):
        with changed_config("ckanext.digifarm.tasks.days", 3), later(4):
            assert remind() == {"reminded": 1}

    def test_are_called_from_the_command_line(self, taken, cli):
        with later(31):
            result = cli.invoke(digifarm, ["run-due", "--only=task-reminder"])
        assert result.output == "task-reminder: 1 done, 0 failed\n"


class TestPrivacy:
    def test_takers_are_nowhere_for_others(
        self, taken, owned_project, people, shared_app
    ):
        as_user(
            people["owner"],
            "package_patch",
            id=owned_project["id"],
            summary="Neu",
        )
        for user in (people["other"], ""):
            for action, data in (
                ("digifarm_task_list", {"project": owned_project["id"]}),
                ("digifarm_task_show", {"id": taken["id"]}),
                ("digifarm_project_show", {"id": owned_project["id"]}),
                ("package_show", {"id": owned_project["id"]}),
                ("package_search", {"fq": "dataset_type:civic_project"}),
                ("digifarm_help_list", {}),
            ):
                found = as_user(user, action, **data)
                assert KIM["email"] not in json.dumps(found)
                assert "Kim" not in json.dumps(found)
        path = f"/civic_project/{owned_project['name']}"
        page = BeautifulSoup(shared_app.get(path).body, "html.parser")
        assert "Somebody is at it" in page.get_text()
        assert "Kim" not in page.get_text()

    def test_addresses_are_not_logged(self, task, caplog):
        caplog.set_level("DEBUG", "ckanext.digifarm")
        take(task, **KIM)
        confirm(task, KIM["email"])
        assert KIM["email"] not in caplog.text

    def test_export_knows_assignments(self, taken):
        [row] = privacy.export("KIM@example.org")["task"]
        assert row["name"] == "Kim"
        assert not {"token_key", "submission"} & row.keys()
        assert privacy.export("alex@example.org")["task"] == []

    def test_erasing_opens_what_was_taken(self, taken, owned_project):
        other = call_action(
            "digifarm_task_create", project=owned_project["id"], title="B"
        )
        take(other, **ALEX)
        assert privacy.erase("kim@EXAMPLE.org").counts["task"] == 1
        assert state_of(taken) == "open"
        assert privacy.export(KIM["email"])["task"] == []
        assert len(privacy.export(ALEX["email"])["task"]) == 1
        assert Event.of(Subject.TASK, taken["id"])[-1].target == "open"

    def test_erasing_leaves_what_others_have_done(self, taken):
        call_action("digifarm_task_return", id=taken["id"], reason="Urlaub")
        with later(1):
            take(taken, **ALEX)
            confirm(taken, ALEX["email"])
        before = Event.of(Subject.TASK, taken["id"])
        assert privacy.erase(ALEX["email"]).counts["task"] == 1
        model.Session.expire_all()
        after = Event.of(Subject.TASK, taken["id"])
        # The rest was theirs; that it is open again is new.
        kept = [event.id for event in before if event.created < clock.now()]
        assert [event.id for event in after][: len(kept)] == kept
        assert "Urlaub" in [event.reason for event in after]

    def test_purging_forgets_what_is_needed_no_longer(self, new_project, task):
        # What other tests have left.
        model.Session.query(Notice).delete()
        take(task, **ALEX)
        take(task, **KIM)
        confirm(task, KIM["email"])
        with later(6):
            assert privacy.purge() == {}
        with later(8):
            assert privacy.purge() == {"unconfirmed": 1}
        with later(300):
            assert privacy.purge() == {"reasons": 2}
        call_action("digifarm_task_return", id=task["id"], reason="Kim fehlt")
        with later(179):
            assert privacy.purge() == {}
        with later(181):
            assert privacy.purge() == {"contacts": 1}
        assert model.Session.query(TaskAssignment).count() == 0
        assert not any(e.reason for e in Event.of(Subject.TASK, task["id"]))


def test_a_list_costs_one_statement_however_long_it_is(owned_project):
    costs = []
    for count in (1, 10):
        for number in range(count):
            call_action(
                "digifarm_task_create",
                project=owned_project["id"],
                title=f"{count} {number}",
            )
        for takers in (False, True):
            model.Session.remove()
            with counting() as cost:
                call_action(
                    "digifarm_task_list",
                    project=owned_project["id"],
                    takers=takers,
                )
            costs.append(sum("FROM digifarm_task" in sql for sql in cost.sql))
            total = len(cost.sql)
    assert costs == [1, 1, 1, 1]
    assert total < 10
