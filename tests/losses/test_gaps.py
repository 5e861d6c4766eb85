"""Who edits a project sees the links that its page can't show any more."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest
from bs4 import Tag

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.losses import gaps
from dev.counting import counting

from ..acting import as_portal, as_user
from ..browsing import Browser, html
from .conftest import link, look, look_twice
from .test_second_look import delete, hide
from .test_ways import by_draft

pytestmark = pytest.mark.usefixtures("shared_portal", "no_commits", "nothing")

Package = dict[str, Any]


@pytest.fixture
def browser(people, shared_app) -> Browser:
    user = model.User.get(people["owner"])
    assert user
    return Browser(shared_app, user.id)


def part(browser: Browser, project: Package) -> Tag | None:
    response = browser.get(f"/civic_project/{project['name']}")
    assert response.status_code == 200
    return html(response).select_one("#links #gaps")


def words_of(tag: Tag | None) -> str:
    assert tag
    return " ".join(tag.text.split())


@pytest.mark.parametrize(
    ("take", "words"),
    [
        (delete, "was deleted"),
        (by_draft, "is no longer published"),
        (hide, "is no longer public"),
    ],
)
@pytest.mark.parametrize("is_told", [False, True])
def test_an_owner_sees_it_by_its_last_public_title(
    take, words, is_told, browser, dataset, owned_project
):
    take(dataset)
    if is_told:
        look_twice()
        as_portal("package_patch", id=dataset["id"], title="Geheimes")
        look(20)
    else:
        look()
    found = part(browser, owned_project)
    assert f"Baumkataster – {words}" in words_of(found)
    assert "Geheimes" not in words_of(found)


def test_others_see_nothing(
    dataset, owned_project, shared_app, people, browser
):
    delete(dataset)
    look_twice()
    other = model.User.get(people["other"])
    assert other
    address = f"/civic_project/{owned_project['name']}"
    for reader in (Browser(shared_app, other.id), Browser(shared_app, "")):
        page = html(reader.get(address))
        assert page.select_one("h1")
        assert page.select_one("#gaps") is None
    with pytest.raises(tk.NotAuthorized):
        as_user(
            people["other"], "digifarm_link_gaps", project=owned_project["id"]
        )


def test_nothing_where_all_can_be_read(
    browser, dataset, owned_project, people, publisher
):
    assert part(browser, owned_project) is None
    hide(dataset)
    as_portal(
        "organization_member_create",
        id=publisher["id"],
        username=people["owner"],
        role="member",
    )
    look_twice()
    assert part(browser, owned_project) is None


def test_what_was_never_public_has_no_title(
    browser, create, owned_project, nothing
):
    secret = create("CSV", title="Geheimes", private=True)
    link(owned_project, secret)
    delete(secret)
    look_twice()
    found = part(browser, owned_project)
    assert "A dataset that you can’t open – was deleted" in words_of(found)
    assert found
    assert "geheim" not in str(found).lower()
    [form] = found.select("form")
    assert str(form["action"]).endswith("/delete")


@pytest.mark.parametrize(
    ("take", "words"),
    [
        (delete, "was deleted"),
        (by_draft, "is not published"),
        (lambda _: None, "is not public"),
    ],
)
@pytest.mark.parametrize("is_seen", [False, True])
def test_nothing_is_said_to_be_over_that_never_was(
    take, words, is_seen, browser, create, owned_project
):
    secret = create("CSV", title="Geheimes", private=True)
    link(owned_project, secret)
    if is_seen:
        look_twice()
    take(secret)
    if is_seen:
        look_twice()
    found = words_of(part(browser, owned_project))
    assert f"A dataset that you can’t open – {words}" in found
    assert "no longer" not in found


@pytest.mark.parametrize("take", [delete, by_draft, hide])
def test_the_link_is_removed(take, browser, dataset, owned_project):
    take(dataset)
    look_twice()
    path = f"/civic_project/{owned_project['name']}"
    form = browser.form(path, "#gaps form[action$='/delete']")
    page = browser.send(form, follow_redirects=True)
    assert "The link has been removed." in page.text
    model.Session.rollback()
    assert Link.get(owned_project["id"], dataset["id"]) is None
    assert part(browser, owned_project) is None


def test_another_one_is_searched_by_the_words_of_the_title(
    browser, dataset, owned_project
):
    other = factories.Dataset(title="Das Baumkataster von heute")
    delete(dataset)
    look_twice()
    path = f"/civic_project/{owned_project['name']}"
    selector = "#gaps form:not([action$='/delete'])"
    page = html(browser.send(browser.form(path, selector)))
    choices = [box["value"] for box in page.select("[name=linked]")]
    assert other["name"] in choices
    assert dataset["name"] not in choices
    assert Link.get(owned_project["id"], other["id"]) is None


@pytest.mark.parametrize("user", ["other", ""])
def test_nobody_else_removes_it(user, dataset, owned_project, people):
    hide(dataset)
    with pytest.raises(tk.NotAuthorized):
        as_user(
            people.get(user, ""),
            "digifarm_link_delete",
            project=owned_project["id"],
            dataset=dataset["id"],
        )


def test_of_what_is_not_linked_a_team_learns_nothing(
    create, owned_project, people, nothing
):
    secret = create("CSV", private=True)
    with pytest.raises(tk.NotAuthorized):
        as_user(
            people["owner"],
            "digifarm_link_delete",
            project=owned_project["id"],
            dataset=secret["id"],
        )


def test_a_page_without_gaps_costs_readers_nothing(
    dataset, owned_project, shared_app, monkeypatch
):
    reader = Browser(shared_app, "")
    address = f"/civic_project/{owned_project['name']}"
    asked = []
    monkeypatch.setattr(gaps, "of", lambda *args: asked.append(args) or [])
    reader.get(address)
    assert asked == []


def test_many_cost_no_more(create, owned_project, people, nothing):
    costs = []
    for number in (1, 5):
        found = [create("CSV", title=f"D{n}") for n in range(number)]
        link(owned_project, *found)
        for one in found:
            hide(one)
        look_twice()
        with counting() as counted:
            listed = as_user(
                people["owner"],
                "digifarm_link_gaps",
                project=owned_project["id"],
            )
        costs.append(len(counted.sql))
    assert len(listed) == 6
    assert {gap["title"] for gap in listed} == {f"D{n}" for n in range(5)}
    assert costs[0] == costs[1]
