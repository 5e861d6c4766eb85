"""Linking on the pages of both sides, as without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANResponse, call_action
from ckanext.digifarm.links.model import Link

from ..acting import as_portal
from ..browsing import Browser, html, read_form
from ..conftest import ProjectFactory
from ..keeping import Kept

pytestmark = pytest.mark.usefixtures("shared_portal", "no_links")


@pytest.fixture
def no_links() -> None:
    model.Session.query(Link).delete()
    model.Session.commit()


@pytest.fixture(scope="module")
def user(shared_portal) -> dict[str, Any]:
    return factories.User()


@pytest.fixture(scope="module")
def organization(user) -> dict[str, Any]:
    return factories.Organization(
        users=[{"name": user["name"], "capacity": "editor"}]
    )


@pytest.fixture(scope="module")
def kept_project(organization) -> Kept:
    return Kept(lambda: ProjectFactory(owner_org=organization["id"]))


@pytest.fixture
def project(kept_project) -> dict[str, Any]:
    return kept_project.get()


@pytest.fixture(scope="module")
def kept_dataset(organization) -> Kept:
    return Kept(
        lambda: factories.Dataset(
            title="Benches in parks", owner_org=organization["id"]
        )
    )


@pytest.fixture
def dataset(kept_dataset) -> dict[str, Any]:
    return kept_dataset.get()


@pytest.fixture
def editor(shared_app, user) -> Browser:
    """The editor of both sides."""
    return Browser(shared_app, user["id"])


def send(browser: Browser, path: str, **data: str) -> CKANResponse:
    """Send a form with a valid token, also one that no page offers."""
    return browser.post(
        path,
        data={"_csrf_token": browser.token(), **data},
        follow_redirects=True,
    )


def page_of(browser: Browser, path: str) -> BeautifulSoup:
    response = browser.get(path)
    assert response.status_code == 200
    return html(response)


def link_of(project, dataset) -> Link | None:
    model.Session.expire_all()
    return Link.get(project["id"], dataset["id"])


def test_typing_and_picking_links_from_the_project(editor, project, dataset):
    form = editor.form(
        f"/civic_project/{project['name']}", ".digifarm-link-form form"
    )
    response = editor.send(
        form.with_values(query="bench park", note="On a map")
    )
    assert html(response).select_one("[name=note]")["value"] == "On a map"
    offered = html(response).select("[name=linked]")
    assert dataset["name"] in [radio["value"] for radio in offered]
    assert link_of(project, dataset) is None

    form = read_form(response, ".digifarm-link-form form")
    response = editor.send(
        form.with_values(linked=dataset["name"], relation="provides"),
        follow_redirects=True,
    )
    section = html(response).select_one("#links")
    assert dataset["title"] in section.text
    assert "On a map" in section.text
    assert link_of(project, dataset).relation == "provides"
    assert link_of(project, dataset).linked_from == "project"


def test_linking_from_the_dataset(editor, project, dataset):
    path = f"/civic_project/links/{dataset['name']}"
    page = html(send(editor, path, linked=project["name"]))
    assert project["title"] in page.select_one("#links").text
    assert link_of(project, dataset).linked_from == "dataset"


def test_either_page_removes_the_link(editor, project, dataset):
    for this in (project, dataset):
        call_action(
            "digifarm_link_create",
            project=project["id"],
            dataset=dataset["id"],
        )
        form = editor.form(
            f"/{this['type']}/{this['name']}",
            "#links form[action$='/delete']",
        )
        editor.send(form)
        assert link_of(project, dataset) is None


def test_a_second_click_on_remove_says_so(editor, project, dataset):
    path = f"/civic_project/links/{project['name']}/delete"
    page = html(send(editor, path, linked=dataset["id"]))
    assert "no longer exists" in page.select_one(".flash-messages").text


def test_nothing_that_matches(editor, project):
    path = f"/civic_project/links/{project['name']}"
    assert "Nothing matches" in send(editor, path, query="zzzzzz").body


@pytest.mark.parametrize(
    "query", ['"', "\\", "a:b", "((", "*", "{!x}", "+ -", "ä ö", "AND OR"]
)
def test_any_query_is_only_words(query, editor, project):
    path = f"/civic_project/links/{project['name']}"
    assert send(editor, path, query=query).status_code == 200


def test_a_note_that_is_too_long_is_kept_and_explained(
    editor, project, dataset
):
    path = f"/civic_project/links/{project['name']}"
    page = html(send(editor, path, linked=dataset["name"], note="x" * 501))
    assert "at most 500 characters" in page.text
    assert len(page.select_one("[name=note]")["value"]) == 501
    assert link_of(project, dataset) is None


def test_suggestions_are_of_the_other_side(editor, project, dataset):
    for this, query, expected in (
        (project, "bench", dataset["title"]),
        (dataset, project["title"].split()[0], project["title"]),
    ):
        answer = editor.get(
            f"/civic_project/links/{this['name']}/candidates",
            query_string={"q": query},
        )
        titles = [candidate["title"] for candidate in answer.json]
        assert expected in titles
        assert this["title"] not in titles


def test_what_is_linked_already_is_not_offered_again(editor, project, dataset):
    for this, query in ((project, "bench"), (dataset, project["title"])):
        path = f"/civic_project/links/{this['name']}"
        suggestions = f"{path}/candidates?q={query.split()[0]}"
        assert editor.get(suggestions).json
        call_action(
            "digifarm_link_create",
            project=project["id"],
            dataset=dataset["id"],
        )
        names = [found["name"] for found in editor.get(suggestions).json]
        assert not {project["name"], dataset["name"]} & {*names}
        offered = html(send(editor, path, query=query.split()[0]))
        values = [radio["value"] for radio in offered.select("[name=linked]")]
        assert not {project["name"], dataset["name"]} & {*values}
        call_action(
            "digifarm_link_delete",
            project=project["id"],
            dataset=dataset["id"],
        )


def test_note_and_relation_are_changed_in_place(editor, project, dataset):
    call_action(
        "digifarm_link_create",
        project=project["id"],
        dataset=dataset["id"],
        note="Of old",
        relation="provides",
    )
    created = link_of(project, dataset).created
    for this in (project, dataset):
        page = f"/{this['type']}/{this['name']}"
        form = editor.form(page, "#links .card-footer details form")
        assert form["relation"] == "provides"
        editor.send(form.with_values(note=f"Said by {this['type']}"))
        link = link_of(project, dataset)
        assert link.note == f"Said by {this['type']}"
        assert (link.relation, link.created) == ("provides", created)


def test_a_deleted_package_gets_no_links_and_says_why(
    editor, project, dataset
):
    as_portal("package_delete", id=project["name"])
    page = page_of(editor, f"/civic_project/{project['name']}")
    assert page.select_one(".digifarm-link-form") is None
    path = f"/civic_project/links/{project['name']}"
    answer = html(send(editor, path, linked=dataset["name"]))
    error = answer.select_one("#field-linked-error")
    assert error.text == "Has been deleted"
    assert link_of(project, dataset) is None


@pytest.mark.parametrize("path", ["/%00", "/%00/delete", "/%00/candidates"])
def test_an_id_that_is_none_is_not_found(path, editor):
    token = {"_csrf_token": editor.token()}
    path = f"/civic_project/links{path}"
    answer = (
        editor.get(path) if "cand" in path else editor.post(path, data=token)
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["", "/delete"])
def test_links_change_by_post_only(path, editor, project, dataset):
    call_action(
        "digifarm_link_create", project=project["id"], dataset=dataset["id"]
    )
    answer = editor.get(
        f"/civic_project/links/{project['name']}{path}",
        query_string={"linked": dataset["name"], "note": "changed"},
    )
    assert answer.status_code in {404, 405}
    assert link_of(project, dataset).note == ""


@pytest.mark.parametrize("path", ["", "/delete"])
def test_links_change_with_a_valid_token_only(path, editor, project):
    answer = editor.post(f"/civic_project/links/{project['name']}{path}")
    assert answer.status_code == 400


def is_refused(answer: Any) -> bool:
    """Whether it is forbidden, or the login comes first."""
    return answer.status_code == 403 or answer.request.path == "/user/login"


class TestForbidden:
    @pytest.fixture(params=["anonymous", "stranger"])
    def other(self, request, shared_app) -> Browser:
        stranger = request.param == "stranger"
        return Browser(
            shared_app, factories.User()["id"] if stranger else None
        )

    @pytest.mark.parametrize("path", ["", "/delete"])
    def test_others_change_nothing(self, path, other, project, dataset):
        call_action(
            "digifarm_link_create",
            project=project["id"],
            dataset=dataset["id"],
        )
        path = f"/civic_project/links/{project['name']}{path}"
        answer = send(other, path, linked=dataset["name"], note="changed")
        assert is_refused(answer)
        assert link_of(project, dataset).note == ""

    def test_others_get_no_form_and_no_suggestions(self, other, project):
        page = other.get(f"/civic_project/{project['name']}")
        assert "/civic_project/links/" not in page.body
        path = f"/civic_project/links/{project['name']}/candidates?q=a"
        assert is_refused(other.get(path))

    def test_a_package_that_is_not_there(self, editor):
        answer = send(editor, "/civic_project/links/nothing")
        assert answer.status_code == 404


class TestDeletingADataset:
    @pytest.fixture
    def linked(self, project, dataset, project_factory):
        hidden = project_factory(title="A hidden one", private=True)
        for id_ in (project["id"], hidden["id"]):
            call_action(
                "digifarm_link_create", project=id_, dataset=dataset["id"]
            )
        return dataset

    def test_names_the_projects_that_the_editor_may_read(
        self, editor, linked, project
    ):
        page = page_of(editor, f"/dataset/delete/{linked['name']}")
        warning = page.select_one(".alert-warning")
        assert project["title"] in warning.text
        assert "A hidden one" not in warning.text
        assert "A civic project uses" in " ".join(warning.text.split())

    def test_is_silent_where_projects_only_provide_it(
        self, editor, project, dataset
    ):
        call_action(
            "digifarm_link_create",
            project=project["id"],
            dataset=dataset["id"],
            relation="provides",
        )
        page = page_of(editor, f"/dataset/delete/{dataset['name']}")
        assert page.select_one(".alert-warning") is None

    def test_the_form_leads_to_that_page(self, editor, linked):
        page = page_of(editor, f"/dataset/edit/{linked['name']}")
        button = page.select_one("a[href^='/dataset/delete/']")
        assert button.get("data-module") is None

    def test_without_projects_nothing_changes(self, editor, dataset):
        page = page_of(editor, f"/dataset/delete/{dataset['name']}")
        assert page.select_one(".alert-warning") is None
        page = page_of(editor, f"/dataset/edit/{dataset['name']}")
        button = page.select_one("a[href^='/dataset/delete/']")
        assert button["data-module"] == "confirm-action"
