"""The pages of tasks, as a browser without JavaScript uses them."""

from __future__ import annotations

import re
from typing import Any
from unittest import mock

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib import forms
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.tasks.model import Task, TaskAssignment

from ..acting import as_portal
from ..browsing import Browser, html, text_of

pytestmark = pytest.mark.usefixtures("shared_portal", "nothing", "patient")


@pytest.fixture
def nothing(shared_portal) -> None:
    model.Session.rollback()
    for table in (TaskAssignment, Task, Event, Mail):
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
        description="Für *30* Bilder <script>alert(1)</script>",
        skills=["Schreiben"],
        effort="hour",
    )


@pytest.fixture
def visitor(shared_app) -> Browser:
    return Browser(shared_app)


@pytest.fixture
def owner(shared_app, people) -> Browser:
    return Browser(shared_app, model.User.get(people["owner"]).id)


@pytest.fixture
def other(shared_app, people) -> Browser:
    return Browser(shared_app, model.User.get(people["other"]).id)


def project_path(project: dict[str, Any]) -> str:
    return f"/civic_project/{project['name']}"


def tasks_path(project: dict[str, Any]) -> str:
    return f"/civic_project/tasks/{project['name']}"


def take_path(task: dict[str, Any]) -> str:
    return f"/civic_project/tasks/take/{task['id']}"


def section(browser: Browser, project: dict[str, Any]) -> str:
    """What the page of the project says of its tasks."""
    found = html(browser.get(project_path(project))).select_one("#tasks")
    return text_of(found) if found else ""


def link_to(recipient: str, place: str) -> str:
    """The path of a link in the last mail to somebody."""
    model.Session.rollback()
    query = model.Session.query(Mail).filter_by(recipient_email=recipient)
    mail = query.order_by(Mail.created.desc()).first()
    pattern = rf"/(?:de/)?civic_project/tasks/{place}/\S+"
    [path] = re.findall(pattern, mail.body)
    return path


def take(browser: Browser, task: dict[str, Any], **changes: Any) -> Any:
    form = browser.form(take_path(task))
    data = {"name": "Kim", "email": "kim@example.org", "consent": "true"}
    return browser.send(form.with_values(**{**data, **changes}))


class TestOwners:
    def test_add_edit_order_and_delete(self, owner, owned_project):
        path = tasks_path(owned_project)
        for title in ("Erste", "Zweite"):
            response = owner.send(
                owner.form(path).with_values(
                    title=title, skills="A, B", effort="weekend"
                )
            )
            assert "The task has been saved" in response.body
        text = section(owner, owned_project)
        assert text.index("Erste") < text.index("Zweite")
        assert "A weekend" in text

        owner.send(owner.form(path, "form[action*='/up/']"))
        text = section(owner, owned_project)
        assert text.index("Zweite") < text.index("Erste")
        owner.send(owner.form(path, "form[action*='/down/']"))
        text = section(owner, owned_project)
        assert text.index("Erste") < text.index("Zweite")

        edit = html(owner.get(path)).select_one("a[href*='/tasks/edit/']")
        form = owner.form(str(edit["href"]))
        assert (form["title"], form["skills"]) == ("Erste", "A, B")
        owner.send(form.with_values(title="Geändert"))
        assert "Geändert" in section(owner, owned_project)

        response = owner.send(owner.form(path, "form[action$='/delete']"))
        assert "The task has been deleted" in response.body
        assert "Geändert" not in section(owner, owned_project)
        assert "Zweite" in section(owner, owned_project)

    def test_see_who_has_taken_it_and_thank(
        self, owner, visitor, owned_project, task
    ):
        take(visitor, task)
        path = link_to("kim@example.org", "confirm")
        visitor.send(visitor.form(path, "form[method=post]"))
        page = owner.get(tasks_path(owned_project))
        assert "Taken by Kim" in page.body
        assert "kim@example.org" in page.body
        form = owner.form(tasks_path(owned_project), "form[action$='/done']")
        response = owner.send(form.with_values(reason="Danke!"))
        assert "The task is done" in response.body
        assert "kim@example.org" not in response.body
        assert "1 task is done" in section(visitor, owned_project)
        form = owner.form(tasks_path(owned_project), "form[action$='/return']")
        assert "open again" in owner.send(form).body
        assert "I’ll do it" in section(visitor, owned_project)

    def test_are_told_when_something_has_changed(
        self, owner, owned_project, task
    ):
        form = owner.form(tasks_path(owned_project), "form[action$='/done']")
        owner.send(form)
        assert "is done already" in owner.send(form).body
        call_action("digifarm_task_delete", id=task["id"])
        assert "is needed no longer" in owner.send(form).body
        edit = f"/civic_project/tasks/edit/{task['id']}"
        assert owner.get(edit).status_code == 404
        up = f"/civic_project/tasks/up/{task['id']}"
        data = {"_csrf_token": owner.token()}
        assert owner.post(up, data=data).status_code == 404

    @pytest.mark.parametrize("place", ["new", "edit"])
    def test_see_mistakes_and_lose_nothing(
        self, place, owner, owned_project, task
    ):
        path = tasks_path(owned_project)
        if place == "edit":
            path = f"/civic_project/tasks/edit/{task['id']}"
        form = owner.form(path).with_values(
            title="", url="ftp://a", description="Zwei\r\nZeilen"
        )
        response = owner.send(form)
        page = html(response)
        errors = text_of(page.select_one("#errors"))
        assert "Title" in errors
        assert "More about it" in errors
        assert page.select_one("[name=url]")["value"] == "ftp://a"
        assert "Zwei\nZeilen" in page.select_one("[name=description]").text

    def test_are_the_only_ones(
        self, visitor, other, people, shared_app, owned_project, task
    ):
        edit = f"/civic_project/tasks/edit/{task['id']}"
        up = f"/civic_project/tasks/up/{task['id']}"
        steps = [
            f"/civic_project/tasks/step/{name}"
            for name in ("done", "return", "delete")
        ]
        for browser in (visitor, other):
            token = {"_csrf_token": browser.token()}
            for path in (tasks_path(owned_project), edit):
                response = browser.get(path)
                refused = response.status_code == 403
                assert refused or response.request.path == "/user/login"
                browser.post(path, data={**token, "title": "X"})
            browser.post(up, data=token)
            for path in steps:
                browser.post(path, data={**token, "id": task["id"]})
                assert browser.get(path).status_code in {404, 405}
            assert "Edit the tasks" not in section(browser, owned_project)
        [listed] = call_action(
            "digifarm_task_list", project=owned_project["id"]
        )
        assert listed == task
        editor = model.User.get(people["project_editor"]).id
        page = Browser(shared_app, editor).get(tasks_path(owned_project))
        assert page.status_code == 200

    def test_send_forms_of_their_own(self, owner, owned_project, task):
        for path in (
            tasks_path(owned_project),
            f"/civic_project/tasks/edit/{task['id']}",
            f"/civic_project/tasks/up/{task['id']}",
            "/civic_project/tasks/step/done",
            take_path(task),
            "/civic_project/tasks/confirm/x",
        ):
            data = {"id": task["id"], "title": "X"}
            assert owner.post(path, data=data).status_code == 400

    def test_have_no_tasks_for_datasets(self, owner):
        dataset = factories.Dataset()
        assert owner.get(tasks_path(dataset)).status_code == 404


class TestVisitors:
    def test_take_a_task_and_give_it_back(self, visitor, owned_project, task):
        page = html(visitor.get(project_path(owned_project)))
        button = page.select_one("#tasks a.btn-primary")
        assert button["href"] == take_path(task)
        response = take(visitor, task)
        assert "please check your e-mail" in response.body
        assert "I’ll do it" in section(visitor, owned_project)

        path = link_to("kim@example.org", "confirm")
        page = visitor.get(path)
        assert "kim@example.org" in page.body
        # A mail scanner follows links; only the button counts.
        assert "I’ll do it" in section(visitor, owned_project)
        response = visitor.send(visitor.form(path, "form[method=post]"))
        assert "The task is yours now" in response.body
        assert "Somebody is at it" in section(visitor, owned_project)
        assert visitor.get(path).status_code == 410

        path = link_to("kim@example.org", "link")
        response = visitor.get(path)
        assert response.headers["Referrer-Policy"] == "no-referrer"
        form = visitor.form(path, "form[action$='/return']")
        response = visitor.send(form.with_values(reason="Umzug"))
        assert "The task is open again" in response.body
        assert "I’ll do it" in section(visitor, owned_project)
        assert visitor.get(path).status_code == 410
        assert visitor.send(form).status_code == 410

    def test_who_mistypes_a_reason_keeps_the_link(self, visitor, task):
        take(visitor, task)
        path = link_to("kim@example.org", "confirm")
        visitor.send(visitor.form(path, "form[method=post]"))
        path = link_to("kim@example.org", "link")
        form = visitor.form(path, "form[action$='/return']")
        response = visitor.send(form.with_values(reason="\x07"))
        assert response.status_code == 200
        assert "This link can" not in response.body
        assert visitor.get(path).status_code == 200

    def test_take_a_task_with_an_account(self, other, owned_project, task):
        form = other.form(take_path(task))
        assert "email" not in form.values
        response = other.send(form.with_values(consent="true"))
        assert "The task is yours now" in response.body
        assert "Somebody is at it" in section(other, owned_project)

    def test_read_that_somebody_was_faster(self, visitor, other, task):
        late = visitor.form(take_path(task))
        take(visitor, task)
        path = link_to("kim@example.org", "confirm")
        confirm = visitor.form(path, "form[method=post]")
        other.send(other.form(take_path(task)).with_values(consent="true"))

        assert "Somebody was faster" in visitor.get(path).body
        response = visitor.send(confirm)
        assert response.status_code == 410
        assert "Somebody was faster" in response.body
        response = visitor.send(
            late.with_values(
                name="Alex", email="alex@example.org", consent="true"
            )
        )
        assert "can’t be taken now" in response.body
        assert "I’ll do it" not in response.body
        assert not html(visitor.get(take_path(task))).select_one(
            "form.digifarm-form"
        )

    def test_see_mistakes_and_lose_nothing(self, visitor, task):
        response = take(visitor, task, email="kim", consent=None)
        page = html(response)
        errors = text_of(page.select_one("#errors"))
        assert "Your e-mail address" in errors
        assert "Consent" in errors
        assert page.select_one("[name=name]")["value"] == "Kim"
        assert model.Session.query(TaskAssignment).count() == 0

    def test_count_once_when_they_click_twice(self, visitor, task):
        form = visitor.form(take_path(task)).with_values(
            name="Kim", email="kim@example.org", consent="true"
        )
        for _ in range(2):
            response = visitor.send(form)
            assert "please check your e-mail" in response.body
        assert model.Session.query(TaskAssignment).count() == 1
        assert model.Session.query(Mail).count() == 1

    def test_are_no_programs(self, visitor, task):
        response = take(visitor, task, leave_empty="x")
        assert "a field that people don’t see" in response.body
        with mock.patch.object(forms, "MIN_SECONDS", 3):
            response = take(visitor, task)
        assert "check your entries once more" in response.body
        assert model.Session.query(TaskAssignment).count() == 0

    @pytest.mark.usefixtures("clean_redis")
    def test_have_limits(self, visitor, task):
        with changed_config("ckanext.digifarm.limits.address", "1 per hour"):
            take(visitor, task)
            response = take(visitor, task)
        assert response.status_code == 429
        assert "a bit much" in response.body

    def test_read_what_is_escaped(self, visitor, owned_project, task):
        call_action(
            "digifarm_task_update",
            id=task["id"],
            title="<b>T</b>",
            skills=["<i>S</i>"],
        )
        for path in (project_path(owned_project), take_path(task)):
            body = visitor.get(path).body
            assert "<em>30</em>" in body
            for markup in ("<script>alert(1)", "<b>T</b>", "<i>S</i>"):
                assert markup not in body

    def test_get_nothing_by_links_that_are_no_good(self, visitor, task):
        for place in ("confirm", "link"):
            path = f"/civic_project/tasks/{place}/abc"
            assert visitor.get(path).status_code == 410
        data = {"_csrf_token": visitor.token()}
        path = "/civic_project/tasks/confirm/abc"
        assert visitor.post(path, data=data).status_code == 410
        for path in ("/civic_project/tasks/take/abc", f"{take_path(task)}x"):
            assert visitor.get(path).status_code == 404

    def test_get_nothing_of_private_and_deleted_projects(
        self, visitor, other, owner, owned_project, task
    ):
        as_portal("package_patch", id=owned_project["id"], private=True)
        for browser in (visitor, other):
            assert browser.get(take_path(task)).status_code == 404
            sent = f"{take_path(task)}/sent"
            assert browser.get(sent).status_code == 404
        assert owner.get(take_path(task)).status_code == 200
        as_portal("package_patch", id=owned_project["id"], private=False)
        as_portal("package_delete", id=owned_project["name"])
        assert visitor.get(take_path(task)).status_code == 404
        page = html(owner.get(take_path(task)))
        assert not page.select_one("form.digifarm-form")

    def test_see_no_section_without_tasks(self, visitor, owner, owned_project):
        assert section(visitor, owned_project) == ""
        assert "There are no open tasks" in section(owner, owned_project)


def test_the_addresses_are_no_names_of_projects():
    organization = factories.Organization()
    for name in ("tasks", "help"):
        with pytest.raises(tk.ValidationError, match="of another page"):
            as_portal(
                "package_create",
                type="civic_project",
                title="T",
                name=name,
                owner_org=organization["id"],
            )


def test_mails_are_written_in_the_language_of_the_page(visitor, task):
    form = visitor.form(f"/de{take_path(task)}")
    visitor.send(
        form.with_values(name="K", email="kim@example.org", consent="true")
    )
    assert link_to("kim@example.org", "confirm").startswith("/de/")
    assert model.Session.query(Mail).one().language == "de"
