"""Projects that the city accompanies: reviewers say which."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckan.tests import factories
from ckanext.digifarm.projects import fields

from ..acting import as_portal, as_user, organization_of
from ..browsing import Browser, html, text_of
from ..conftest import ProjectFactory
from ..proposing import REVIEWERS, create_people

pytestmark = [
    pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS),
    pytest.mark.usefixtures("shared_app"),
]

ACTION = "digifarm_project_accompany"

MAY = {"reviewer", "other_reviewer", "sysadmin"}
MAY_NOT = {
    "anonymous",
    "other",
    "owner",
    "project_editor",
    "proposer",
    "review_member",
}

#: They may change projects, but not this of them.
EDITORS = ["owner", "project_editor"]

BADGE = "Accompanied by the city"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return {**create_people(), "owner": factories.User()["name"]}


@pytest.fixture(scope="module")
def kept(people) -> dict[str, Any]:
    organization = organization_of(editor=[people["project_editor"]])
    project = ProjectFactory(title="Baumblick", owner_org=organization)
    as_portal(
        "package_collaborator_create",
        id=project["id"],
        user_id=people["owner"],
        capacity="editor",
    )
    return project


@pytest.fixture(params=[False, True])
def before(request, kept) -> bool:
    """Whether the city accompanied the project before."""
    as_portal("package_patch", id=kept["id"], accompanied=request.param)
    return request.param


@pytest.fixture
def project(kept) -> dict[str, Any]:
    as_portal("package_patch", id=kept["id"], accompanied=False)
    return kept


def is_accompanied(project: dict[str, Any]) -> bool:
    return as_portal("package_show", id=project["id"], use_cache=False)[
        "accompanied"
    ]


def test_all_roles_are_asked(people):
    assert {*people} == MAY | MAY_NOT


@pytest.mark.parametrize("role", sorted(MAY))
def test_reviewers_say_so_of_any_project(role, before, kept, people):
    result = as_user(
        people[role], ACTION, id=kept["name"], accompanied=not before
    )
    assert result == {
        "id": kept["id"],
        "name": kept["name"],
        "accompanied": not before,
    }
    assert is_accompanied(kept) is not before
    # Also for who reads what the index has.
    shown = as_portal("package_show", id=kept["id"])
    assert shown["accompanied"] is not before


def test_it_is_no_edit_of_the_entry(project, people):
    before = as_portal("package_show", id=project["id"], use_cache=False)
    as_user(people["reviewer"], ACTION, id=project["id"], accompanied=True)
    after = as_portal("package_show", id=project["id"], use_cache=False)
    assert after == {**before, "accompanied": True}


@pytest.mark.parametrize("role", sorted(MAY_NOT))
def test_others_do_not(role, before, kept, people):
    with pytest.raises(tk.NotAuthorized):
        as_user(people[role], ACTION, id=kept["id"], accompanied=not before)
    assert is_accompanied(kept) is before


@pytest.mark.parametrize("role", EDITORS)
@pytest.mark.parametrize("action", ["package_patch", "package_update"])
def test_who_edits_a_project_can_not_change_it(
    action, role, before, kept, people
):
    shown = as_portal("package_show", id=kept["id"])
    base = shown if action == "package_update" else {"id": kept["id"]}
    with pytest.raises(tk.ValidationError) as raised:
        as_user(people[role], action, **{**base, "accompanied": not before})
    assert raised.value.error_dict == {
        "accompanied": ["Only the city’s team can change this"]
    }
    assert is_accompanied(kept) is before


@pytest.mark.parametrize("role", EDITORS)
def test_it_stays_where_they_change_the_rest(role, before, kept, people):
    """Whether they send it back as it was, or not at all."""
    shown = as_portal("package_show", id=kept["id"])
    as_user(people[role], "package_update", **{**shown, "stage_note": "1"})
    assert is_accompanied(kept) is before
    del shown["accompanied"]
    as_user(people[role], "package_update", **{**shown, "stage_note": "2"})
    assert is_accompanied(kept) is before
    as_user(
        people[role], "package_patch", id=kept["id"], accompanied=str(before)
    )
    assert is_accompanied(kept) is before


@pytest.mark.parametrize("role", EDITORS)
def test_it_stays_where_they_send_the_form(
    role, before, kept, people, shared_app
):
    browser = Browser(shared_app, people[role])
    form = browser.form(f"/civic_project/edit/{kept['name']}")
    browser.send(form.with_values(stage_note="3"))
    assert is_accompanied(kept) is before
    sent = form.with_values(accompanied="false" if before else "true")
    response = browser.send(sent)
    assert "Only the city’s team can change this" in response.body
    assert is_accompanied(kept) is before


def test_nobody_else_creates_one(people):
    data = {
        "type": "civic_project",
        "title": "Neu",
        "owner_org": organization_of(editor=[people["project_editor"]]),
    }
    editor = people["project_editor"]
    with pytest.raises(tk.ValidationError) as raised:
        as_user(editor, "package_create", **data, accompanied=True)
    assert {*raised.value.error_dict} == {"accompanied"}
    created = as_user(editor, "package_create", **data, accompanied=False)
    assert created["accompanied"] is False


def test_reviewers_learn_nothing_of_what_they_may_not_read(people):
    private = ProjectFactory(private=True)
    with pytest.raises(tk.NotAuthorized):
        as_user(people["reviewer"], ACTION, id=private["id"], accompanied=True)


@pytest.mark.parametrize("said", [{}, {"accompanied": tk.missing}])
def test_it_has_to_be_said(said, project, people):
    with pytest.raises(tk.ValidationError):
        as_user(people["reviewer"], ACTION, id=project["id"], **said)


def test_a_portal_without_the_field_says_so(project, people, monkeypatch):
    monkeypatch.setattr(fields, "field", lambda name: None)
    with pytest.raises(tk.ValidationError) as raised:
        as_user(people["reviewer"], ACTION, id=project["id"], accompanied=True)
    assert {*raised.value.error_dict} == {"accompanied"}


def test_a_deleted_project_stays_as_it_is(people):
    project = ProjectFactory()
    as_portal("package_delete", id=project["id"])
    with pytest.raises(tk.ValidationError):
        as_user(people["reviewer"], ACTION, id=project["id"], accompanied=True)


class TestPages:
    def press(self, browser: Browser, project: dict[str, Any]) -> str:
        """What the button says that a reviewer presses on the page."""
        path = f"/civic_project/{project['name']}"
        selector = f"form[action='/civic_project/accompany/{project['name']}']"
        button = html(browser.get(path)).select_one(f"{selector} button")
        browser.send(browser.form(path, selector))
        return text_of(button)

    def test_a_reviewer_says_so_and_takes_it_back(
        self, project, people, shared_app
    ):
        reviewer = Browser(shared_app, people["reviewer"])
        said = self.press(reviewer, project)
        assert said == "The city accompanies this project"
        assert is_accompanied(project) is True
        said = self.press(reviewer, project)
        assert said == "The city no longer accompanies it"
        assert is_accompanied(project) is False

    @pytest.mark.parametrize("role", ["anonymous", *EDITORS])
    def test_others_see_no_button(self, role, project, people, shared_app):
        browser = Browser(shared_app, people[role] or None)
        path = f"/civic_project/{project['name']}"
        assert "/accompany/" not in browser.get(path).body
        response = browser.post(
            f"/civic_project/accompany/{project['name']}",
            data={"accompanied": "true", "_csrf_token": browser.token()},
        )
        is_led_to_login = response.request.path == "/user/login"
        assert response.status_code == 403 or is_led_to_login
        assert is_accompanied(project) is False

    def test_page_and_card_have_a_badge(self, before, kept, shared_app):
        visitor = Browser(shared_app)
        page = html(visitor.get(f"/civic_project/{kept['name']}"))
        badges = text_of(page.select_one(".digifarm-badges"))
        assert (BADGE in badges) is before
        cards = html(visitor.get("/civic_project/?q=Baumblick"))
        assert (BADGE in text_of(cards.select_one(".digifarm-card"))) is before

    def test_the_list_can_be_filtered_by_it(self, project, shared_app):
        ProjectFactory(title="Begleitet", accompanied=True)
        visitor = Browser(shared_app)
        page = html(visitor.get("/civic_project/"))
        links = page.select("#search-facets a[href*='vocab_accompanied']")
        assert [text_of(link) for link in links] == ["Yes 1"]
        found = html(visitor.get(links[0]["href"]))
        titles = [text_of(t) for t in found.select(".digifarm-card h2")]
        assert titles == ["Begleitet"]
        active = text_of(found.select_one(".digifarm-filters"))
        assert active.startswith(f"{BADGE}: Yes")

    def test_it_is_found_by_its_words(self, project, shared_app):
        found = ProjectFactory(title="Gefunden", accompanied=True)
        result = as_portal(
            "package_search", q="accompanied", fq="type:civic_project"
        )
        names = {one["name"] for one in result["results"]}
        assert found["name"] in names
        assert project["name"] not in names
