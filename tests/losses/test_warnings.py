"""Who takes data away that projects use is warned at that moment."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest
from bs4 import BeautifulSoup, Tag

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from dev.counting import counting

from ..acting import as_portal, as_user
from ..browsing import Browser, html
from ..conftest import ProjectFactory
from .conftest import link

pytestmark = pytest.mark.usefixtures("shared_portal", "nothing")

Package = dict[str, Any]

NEXT = "If it stays so, the projects’ people get a mail within half an hour."
NAME = "Name a successor first"


@pytest.fixture(scope="module")
def editor(shared_portal) -> Package:
    """Who publishes datasets, and has nothing to do with projects."""
    return factories.User()


@pytest.fixture
def browser(editor, shared_app) -> Browser:
    return Browser(shared_app, editor["id"])


@pytest.fixture(scope="module")
def office(editor) -> Package:
    return factories.Organization(
        users=[{"name": editor["name"], "capacity": "editor"}]
    )


@pytest.fixture
def used(office, nothing) -> Package:
    """A dataset that a project uses, and one that they may not read."""
    dataset = factories.Dataset(
        title="Baumkataster",
        owner_org=office["id"],
        resources=[{"url": "https://example.org/a", "format": "CSV"}],
    )
    link(ProjectFactory(title="Durstige Bäume"), dataset)
    link(ProjectFactory(title="Geheimes Projekt", private=True), dataset)
    return dataset


@pytest.fixture
def unused(office, nothing) -> Package:
    """A dataset that a project provides."""
    dataset = factories.Dataset(
        title="Parkbänke",
        owner_org=office["id"],
        resources=[{"url": "https://example.org/a", "format": "CSV"}],
    )
    link(ProjectFactory(), dataset, relation="provides")
    return dataset


def page_of(browser: Browser, path: str) -> BeautifulSoup:
    response = browser.get(path)
    assert response.status_code == 200
    return html(response)


def words_of(warning: Tag | None) -> str:
    assert warning
    return " ".join(warning.text.split())


def successor_link(warning: Tag | None, dataset: Package) -> Tag | None:
    assert warning
    address = f"/civic_project/successor/{dataset['name']}"
    return warning.select_one(f"a[href='{address}']")


def of_resource(dataset: Package) -> str:
    resource = dataset["resources"][0]["id"]
    return f"/dataset/{dataset['name']}/resource/{resource}/delete"


def edit_resource(dataset: Package) -> str:
    resource = dataset["resources"][0]["id"]
    return f"/dataset/{dataset['name']}/resource/{resource}/edit"


def test_who_deletes_a_resource(browser, used):
    page = page_of(browser, of_resource(used))
    assert words_of(page.select_one(".alert-warning")) == (
        "A civic project uses this dataset and may stop working without this"
        f" file: Durstige Bäume {NEXT}"
    )
    assert "Geheimes Projekt" not in page.text
    assert page.select_one("#confirm-resource-delete-form")


def test_who_deletes_a_dataset(browser, used):
    page = page_of(browser, f"/dataset/delete/{used['name']}")
    warning = page.select_one(".alert-warning")
    assert words_of(warning) == (
        "A civic project uses this dataset and may stop working without it:"
        f" Durstige Bäume {NEXT} {NAME}"
    )
    assert successor_link(warning, used)


def test_the_form_of_a_resource_leads_to_that_page(browser, used):
    page = page_of(browser, edit_resource(used))
    [button] = page.select(f"a[href='{of_resource(used)}']")
    assert button.get("data-module") is None


def test_nobody_where_no_project_uses_it(browser, unused):
    for path in (
        of_resource(unused),
        f"/dataset/edit/{unused['name']}",
        f"/dataset/delete/{unused['name']}",
    ):
        page = page_of(browser, path)
        assert page.select_one(".alert-warning") is None


def test_the_form_of_a_resource_of_what_is_not_linked(browser, office):
    dataset = factories.Dataset(
        owner_org=office["id"], resources=[{"url": "https://example.org/a"}]
    )
    page = page_of(browser, edit_resource(dataset))
    [button] = page.select(f"a[href='{of_resource(dataset)}']")
    assert button["data-module"] == "confirm-action"


def test_who_may_make_it_private(browser, used):
    page = page_of(browser, f"/dataset/edit/{used['name']}")
    warning = page.select_one("#digifarm-visibility-warning")
    assert words_of(warning) == (
        "A civic project uses this dataset and may stop working if it is"
        " unpublished, becomes private or moves to another organization:"
        f" Durstige Bäume {NEXT} {NAME}"
    )
    assert successor_link(warning, used)
    select = page.select_one("#field-private")
    assert select
    assert warning in select.find_all_next("div")


def test_who_has_a_form_by_a_schema_file(used, shared_app):
    """Such a form has a snippet of its own for the organisation."""
    template = "scheming/form_snippets/organization.html"
    field = {"field_name": "owner_org", "label": "Organization"}
    with shared_app.flask_app.test_request_context():
        page = tk.render(
            template, {"data": used, "errors": {}, "field": field}
        )
    found = BeautifulSoup(page, "html.parser")
    warning = found.select_one("#digifarm-visibility-warning")
    assert "Durstige Bäume" in words_of(warning)
    assert found.select_one("#field-private")


def test_nobody_who_creates_one(browser, used):
    page = page_of(browser, "/dataset/new")
    assert page.select_one("#digifarm-visibility-warning") is None


@pytest.fixture
def admin(office, shared_app) -> Browser:
    user = factories.User()
    call_action(
        "organization_member_create",
        id=office["id"],
        username=user["name"],
        role="admin",
    )
    return Browser(shared_app, user["id"])


def test_who_changes_many_at_once(admin, office, used, unused):
    plain = factories.Dataset(title="Haushalt", owner_org=office["id"])
    page = page_of(admin, f"/organization/bulk_process/{office['name']}")
    warning = page.select_one("#digifarm-bulk-warning")
    words = words_of(warning)
    assert words.startswith(
        "Civic projects are linked with these datasets, and may stop working"
        " if they are deleted or become private:"
    )
    assert f"Baumkataster (1 civic project: Durstige Bäume) – {NAME}" in words
    assert "Parkbänke (1 civic project: " in words
    assert words.endswith(NEXT)
    assert successor_link(warning, used)
    assert "Haushalt" not in words
    assert "Geheimes Projekt" not in words
    assert plain["title"] in page.text


def test_private_datasets_are_named_to_who_may_read_them(admin, office):
    secret = factories.Dataset(
        title="Verborgenes", owner_org=office["id"], private=True
    )
    link(ProjectFactory(title="Kühle Wege"), secret)
    page = page_of(admin, f"/organization/bulk_process/{office['name']}")
    words = words_of(page.select_one("#digifarm-bulk-warning"))
    assert "Verborgenes (1 civic project: Kühle Wege)" in words


def test_the_projects_of_private_datasets_are_for_their_readers(office):
    secret = factories.Dataset(owner_org=office["id"], private=True)
    link(ProjectFactory(title="Kühle Wege"), secret)
    stranger = factories.User()["name"]
    for user in ("", stranger):
        found = as_user(user, "digifarm_link_projects", ids=[secret["id"]])
        assert found == {}
    found = as_portal("digifarm_link_projects", ids=[secret["id"]])
    assert [p["title"] for p in found[secret["id"]]] == ["Kühle Wege"]


def test_nobody_where_none_is_linked(admin, office, nothing):
    factories.Dataset(owner_org=office["id"])
    page = page_of(admin, f"/organization/bulk_process/{office['name']}")
    assert page.select_one("#digifarm-bulk-warning") is None


@pytest.mark.parametrize("path", ["form", "resource", "bulk"])
def test_many_projects_cost_no_more(path, admin, office, used):
    address = {
        "form": f"/dataset/edit/{used['name']}",
        "resource": of_resource(used),
        "bulk": f"/organization/bulk_process/{office['name']}",
    }[path]
    costs = []
    for _ in range(2):
        admin.get(address)
        model.Session.remove()
        with counting() as counted:
            assert admin.get(address).status_code == 200
        costs.append((len(counted.sql), len(counted.solr)))
        for _ in range(5):
            link(ProjectFactory(), used)
    assert costs[0] == costs[1]
