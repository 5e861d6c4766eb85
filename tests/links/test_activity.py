"""Links in the activity streams of both packages."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.activity.model import Activity
from dev.counting import counting

from ..acting import organization_of
from ..browsing import Browser, html
from ..indexing import one_commit

pytestmark = pytest.mark.usefixtures("shared_portal")


@pytest.fixture(scope="module")
def editor(shared_portal) -> dict[str, Any]:
    return factories.UserWithToken(sysadmin=True)


@pytest.fixture
def project(project_factory) -> dict[str, Any]:
    return project_factory(title="Thirsty trees")


@pytest.fixture
def dataset() -> dict[str, Any]:
    return factories.Dataset(title="All trees", owner_org=organization_of())


def as_editor(editor, action: str, **data: Any) -> Any:
    return call_action(action, {"user": editor["name"]}, **data)


@pytest.fixture
def link(editor, project, dataset) -> dict[str, Any]:
    return as_editor(
        editor,
        "digifarm_link_create",
        project=project["id"],
        dataset=dataset["id"],
    )


def types(package: dict[str, Any]) -> list[str]:
    activities = call_action("package_activity_list", id=package["id"])
    return [activity["activity_type"] for activity in activities]


def stream(app, package: dict[str, Any], **options: Any) -> BeautifulSoup:
    page = app.get(f"/dataset/activity/{package['name']}", **options)
    return BeautifulSoup(page.body, "html.parser").select_one(".activity")


def test_both_packages_note_a_new_link(link, project, dataset):
    assert "linked package" in types(project)
    assert "linked package" in types(dataset)


def test_both_packages_note_a_link_that_is_removed(
    editor, link, project, dataset
):
    as_editor(
        editor,
        "digifarm_link_delete",
        project=project["id"],
        dataset=dataset["id"],
    )
    assert "unlinked package" in types(project)
    assert "unlinked package" in types(dataset)


def test_a_changed_note_is_no_new_link(editor, link, project, dataset):
    as_editor(
        editor,
        "digifarm_link_create",
        project=project["id"],
        dataset=dataset["id"],
        note="On a map",
    )
    assert types(project).count("linked package") == 1


def test_the_stream_names_the_other_package(
    shared_app, link, project, dataset
):
    assert dataset["title"] in stream(shared_app, project).text
    assert project["title"] in stream(shared_app, dataset).text


def test_the_stream_does_not_name_what_became_private(
    shared_app, editor, link, project, dataset
):
    as_editor(editor, "package_patch", id=dataset["id"], private=True)
    seen = stream(shared_app, project)
    assert "linked a dataset" in seen.text
    assert dataset["title"] not in seen.text
    assert dataset["name"] not in str(seen)
    token = {"Authorization": editor["token"]}
    assert dataset["title"] in stream(shared_app, project, headers=token).text


def test_nothing_tells_of_a_link_with_a_private_package(
    editor, project, dataset
):
    as_editor(editor, "package_patch", id=dataset["id"], private=True)
    as_editor(
        editor,
        "digifarm_link_create",
        project=project["id"],
        dataset=dataset["id"],
    )
    assert "linked package" not in types(project)
    activities = as_editor(editor, "package_activity_list", id=dataset["id"])
    assert "linked package" in [a["activity_type"] for a in activities]


def test_the_activity_holds_no_title_of_the_other_package(
    link, project, dataset
):
    data = (
        model.Session.query(Activity)
        .filter_by(object_id=project["id"], activity_type="linked package")
        .one()
        .data
    )
    assert data["linked_id"] == dataset["id"]
    assert dataset["title"] not in str(data)


def test_one_search_names_all_packages_of_a_stream(
    shared_app, editor, project
):
    def searches() -> int:
        with counting() as cost:
            stream(shared_app, project)
        return len(cost.solr)

    none = searches()
    for more in (1, 19):
        with one_commit():
            for _ in range(more):
                other = factories.Dataset(owner_org=project["owner_org"])
                as_editor(
                    editor,
                    "digifarm_link_create",
                    project=project["id"],
                    dataset=other["id"],
                )
        assert other["title"] in stream(shared_app, project).text
        assert searches() == none + 1


def test_the_api_names_what_the_reader_may_read_now(
    editor, link, project, dataset
):
    def linked(user: str) -> Any:
        [activity] = call_action(
            "package_activity_list",
            {"user": user, "ignore_auth": False},
            id=project["id"],
            activity_types=["linked package"],
        )
        return activity["data"]["linked"]

    named = {key: dataset[key] for key in ("id", "name", "title", "type")}
    assert linked("") == linked(editor["name"]) == named
    as_editor(editor, "package_patch", id=dataset["id"], private=True)
    assert linked(editor["name"]) == named
    assert linked("") is None


def test_changes_and_history_work_after_a_link(
    shared_app, editor, link, project
):
    as_editor(editor, "package_patch", id=project["id"], summary="Anew")
    token = {"Authorization": editor["token"]}
    activities = as_editor(editor, "package_activity_list", id=project["id"])
    for activity in activities:
        history = f"/dataset/{project['name']}/history/{activity['id']}"
        changes = f"/dataset/changes/{activity['id']}"
        for path in (history, changes):
            assert shared_app.get(path, headers=token).status_code == 200


def test_history_shows_a_version_that_lacks_our_fields(
    shared_app, editor, project
):
    activity = (
        model.Session.query(Activity).filter_by(object_id=project["id"]).one()
    )
    kept = ("id", "name", "title", "type", "resources", "state", "private")
    activity.data = {
        "package": {key: project[key] for key in kept},
        "actor": editor["name"],
    }
    model.Session.commit()
    page = shared_app.get(
        f"/dataset/{project['name']}/history/{activity.id}",
        headers={"Authorization": editor["token"]},
    )
    assert project["title"] in page.body
    assert "old version" in page.body


@pytest.mark.usefixtures("whole_header")
def test_the_header_counts_a_link_of_what_somebody_follows(
    editor, project, dataset, shared_app
):
    reader = factories.User()["name"]
    call_action("follow_dataset", {"user": reader}, id=dataset["id"])
    before = Browser(shared_app, reader).get("/civic_project/about")
    assert html(before).select_one(".notifications .badge").text == "0"
    as_editor(
        editor,
        "digifarm_link_create",
        project=project["id"],
        dataset=dataset["id"],
    )
    after = Browser(shared_app, reader).get("/civic_project/about")
    assert html(after).select_one(".notifications .badge").text == "1"


def test_html_in_a_title_is_text_in_the_stream(
    shared_app, editor, dataset, project_factory
):
    project = project_factory(title="<b>Bold</b> {0} {actor}")
    as_editor(
        editor,
        "digifarm_link_create",
        project=project["id"],
        dataset=dataset["id"],
    )
    for package in (project, dataset):
        seen = stream(shared_app, package)
        assert seen.find("b") is None
        assert "<b>Bold</b> {0} {actor}" in seen.text
