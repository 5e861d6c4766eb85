"""The pages of questions, as a browser without JavaScript uses them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import forms
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.questions.model import Question

from ..acting import as_portal
from ..browsing import Browser, html, read_form, text_of
from ..offering import create_people, create_project
from ..uses import forget_uses

pytestmark = pytest.mark.usefixtures("shared_app", "nothing")

ASKED = {
    "message": "Wem gehören\r\ndie Bäume?",
    "name": "Kim",
    "email": "kim@example.org",
    "consent": "true",
}


@pytest.fixture(autouse=True)
def nothing(shared_app, monkeypatch) -> None:
    monkeypatch.setattr(forms, "MIN_SECONDS", 0)
    forget_uses()
    model.Session.rollback()
    for table in (Question, Mail):
        model.Session.query(table).delete()
    model.Session.commit()


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def project(people) -> dict[str, Any]:
    return create_project(people)


@pytest.fixture
def visitor(shared_app) -> Browser:
    return Browser(shared_app)


def ask_path(project: dict[str, Any]) -> str:
    return f"/civic_project/questions/ask/{project['name']}"


def ask(browser: Browser, project: dict[str, Any], **changes: Any) -> Any:
    form = browser.form(ask_path(project))
    return browser.send(form.with_values(**{**ASKED, **changes}))


def link() -> str:
    """The path of the link in the last mail."""
    model.Session.rollback()
    mail = model.Session.query(Mail).order_by(Mail.created.desc()).first()
    [path] = re.findall(r"/(?:de/)?civic_project/\S+/confirm/\S+", mail.body)
    return path


def count(table: type[Any]) -> int:
    model.Session.rollback()
    return model.Session.query(table).count()


def test_leads_from_the_project_to_the_team(visitor, project):
    page = html(visitor.get(f"/civic_project/{project['name']}"))
    for part in (".digifarm-project ~ .row", "#contact"):
        [way] = [
            a for a in page.select(f"{part} a") if "Ask the team" in a.text
        ]
        assert way["href"] == ask_path(project)
    response = ask(visitor, project)
    assert response.request.path == f"{ask_path(project)}/sent"
    assert "Please follow it within" in response.body

    path = link()
    page = html(visitor.get(path))
    assert "Wem gehören\ndie Bäume?" in page.select_one(".digifarm-lines").text
    response = visitor.send(visitor.form(path, "form[method=post]"))
    assert "on its way to the team" in text_of(html(response).select_one("h1"))
    assert "answer you by mail" in response.body
    # Who comes back later reads the same, and sends nothing again.
    again = visitor.get(path)
    assert html(again).select_one("h1") == html(response).select_one("h1")
    assert "Kim" not in again.body
    assert count(Mail) == 2


def test_can_be_changed_before_it_is_sent(visitor, project):
    ask(visitor, project)
    path = link()
    form = visitor.form(path)
    assert form["message"] == ASKED["message"]
    response = visitor.send(form.with_values(message="", name="Kim Neu"))
    page = html(response)
    assert page.title.text.startswith("Error: ")
    assert page.select("#errors a[href='#field-message']")
    form = read_form(response, "form.digifarm-form")
    assert form["name"] == "Kim Neu"
    visitor.send(form.with_values(message="Und die Beete?"))
    model.Session.rollback()
    mail = model.Session.query(Mail).order_by(Mail.created.desc()).first()
    assert "> Und die Beete?" in mail.body
    assert "Kim Neu" in mail.body
    assert ASKED["message"] not in mail.body
    # What comes later by the same link is kept nowhere.
    visitor.send(form.with_values(message="Noch etwas"))
    model.Session.rollback()
    row = model.Session.query(Question).one()
    assert (row.message, row.name, count(Mail)) == ("", "", 2)


def test_who_is_logged_in_confirms_nothing(shared_app, people, project):
    browser = Browser(shared_app, people["offerer"])
    form = browser.form(ask_path(project))
    assert "email" not in form.values
    response = browser.send(
        form.with_values(message="Na?", name="Kim", consent="true")
    )
    assert response.request.path == f"{ask_path(project)}/done"
    assert count(Mail) == 1


def test_mistakes_stand_beside_their_fields_and_nothing_is_lost(
    visitor, project
):
    response = ask(visitor, project, name="", email="kim", consent=None)
    page = html(response)
    errors = text_of(page.select_one("#errors"))
    for label in ("Your name", "Your e-mail address", "Consent"):
        assert label in errors
    assert "gehören\ndie Bäume?" in page.select_one("[name=message]").text
    assert page.select_one("[name=email]")["value"] == "kim"
    assert count(Question) == 0


def test_programs_and_the_hurried_send_nothing(visitor, project, monkeypatch):
    response = ask(visitor, project, **{forms.HONEYPOT: "x"})
    assert "people don’t see was filled in" in response.body
    monkeypatch.setattr(forms, "MIN_SECONDS", 60)
    response = ask(visitor, project)
    assert "once more, then send them again" in response.body
    assert "gehören" in response.body
    assert count(Question) == count(Mail) == 0


def test_limits_say_when_to_try_again_and_keep_what_was_typed(
    visitor, project
):
    with changed_config("ckanext.digifarm.limits.address", "1 per hour"):
        ask(visitor, project)
        response = ask(visitor, project, message="Noch eine Frage")
    assert response.status_code == 429
    assert "a bit much for now" in response.body
    assert "Noch eine Frage" in response.body


def test_a_form_needs_its_token(visitor, project):
    form = visitor.form(ask_path(project)).with_values(**ASKED)
    del form.values["_csrf_token"]
    assert visitor.send(form).status_code == 400
    ask(visitor, project)
    assert visitor.post(link(), data={}).status_code == 400
    assert count(Mail) == 1


@pytest.mark.parametrize("page", ["", "/sent", "/done"])
def test_projects_that_are_not_for_all_have_no_page(
    page, shared_app, visitor, people
):
    private = create_project(people, private=True)
    deleted = create_project(people)
    as_portal("package_delete", id=deleted["id"])
    for project in (private, deleted):
        path = f"{ask_path(project)}{page}"
        assert visitor.get(path).status_code == 404
    member = Browser(shared_app, people["project_member"])
    assert member.get(f"{ask_path(private)}{page}").status_code == 200
    owner = Browser(shared_app, people["owner"])
    assert owner.get(f"{ask_path(deleted)}{page}").status_code == 404


def test_a_link_of_a_deleted_project_says_so(visitor, people):
    project = create_project(people)
    ask(visitor, project)
    path = link()
    form = visitor.form(path, "form[method=post]")
    as_portal("package_delete", id=project["id"])
    for response in (visitor.get(path), visitor.send(form)):
        assert response.status_code == 410
        assert "can’t be used" in response.body
    assert count(Mail) == 1


def test_nobody_is_led_there_from_what_is_deleted(shared_app, people):
    project = create_project(people, help_wanted=["content"])
    as_portal("package_delete", id=project["id"])
    editor = Browser(shared_app, people["project_editor"])
    page = editor.get(f"/civic_project/{project['name']}")
    assert page.status_code == 200
    assert "/questions/ask/" not in page.body
    assert "/support/offer/" not in page.body
