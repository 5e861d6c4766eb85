"""Pages that need an account lead to the login and back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ..acting import as_portal
from ..browsing import Browser, html, text_of
from ..conftest import create_owned_project

pytestmark = pytest.mark.usefixtures("shared_portal")

PASSWORD = "ein-langes-Passwort-7"


@pytest.fixture(scope="module")
def project(shared_portal, people) -> dict[str, Any]:
    return create_owned_project(people)


@pytest.fixture(scope="module")
def things(project, people) -> dict[str, str]:
    """What stands in addresses, by what it is called in them."""
    partner = call_action(
        "digifarm_partner_create", title="Lesefreunde", kind="other"
    )
    task = call_action(
        "digifarm_task_create", project=project["id"], title="Gießen"
    )
    return {
        "project": project["name"],
        "partner": partner["name"],
        "task": task["id"],
    }


@pytest.fixture
def visitor(shared_app) -> Browser:
    return Browser(shared_app)


#: Pages that need an account, or another one.
CLOSED = (
    "/civic_project/new",
    "/civic_project/edit/{project}",
    "/civic_project/delete/{project}",
    "/civic_project/collaborators/{project}",
    "/civic_project/followers/{project}",
    "/civic_project/support/{project}",
    "/civic_project/support/request/{project}",
    "/civic_project/tasks/{project}",
    "/civic_project/tasks/edit/{task}",
    "/civic_project/links/{project}/candidates",
    "/civic_project/review",
    "/civic_project/review/nothing",
    "/partner/new",
    "/partner/edit/{partner}",
    "/partner/delete/{partner}",
    "/partner/merge/{partner}",
    "/partner/review",
    "/dashboard/projects",
    "/dashboard/support",
    "/ckan-admin/digifarm-mails/",
)


def came_from(response: Any) -> str:
    """Where the login that a page leads to leads on to."""
    assert response.status_code == 302
    address = urlparse(response.headers["Location"])
    assert address.path.removeprefix("/de") == "/user/login"
    [path] = parse_qs(address.query)["came_from"]
    return path


@pytest.mark.parametrize("page", CLOSED)
def test_each_page_leads_to_the_login_and_back(page, visitor, things):
    path = page.format(**things)
    for address in (f"{path}?area=care", f"/de{path}"):
        response = visitor.get(address, follow_redirects=False)
        assert came_from(response) == address
        assert response.headers["Cache-Control"] == "private"


@pytest.mark.parametrize(
    "page",
    [
        "/civic_project/edit/{}",
        "/civic_project/tasks/{}",
        "/civic_project/support/{}",
        "/civic_project/tasks/edit/{}",
        "/partner/edit/{}",
    ],
)
def test_nobody_learns_what_there_is(page, visitor):
    path = page.format("nothing-of-this-name")
    response = visitor.get(path, follow_redirects=False)
    assert came_from(response) == path


def test_who_logs_in_gets_to_the_page(visitor, project, people):
    user = model.User.get(people["owner"])
    user.password = PASSWORD
    model.Session.commit()
    path = f"/civic_project/tasks/{project['name']}?tasks=1"
    page = visitor.get(path)
    assert "Please log in first" in text_of(
        html(page).select_one("main, body")
    )
    form = {
        "login": people["owner"],
        "password": PASSWORD,
        "_csrf_token": visitor.token(),
    }
    address = page.request.full_path
    response = visitor.post(address, data=form, follow_redirects=False)
    assert response.status_code == 302
    assert urlparse(response.headers["Location"]).path == urlparse(path).path
    assert visitor.get(path).status_code == 200


def test_what_was_only_sent_leads_to_the_dashboard(visitor, things):
    data = {"_csrf_token": visitor.token(), "id": things["task"]}
    response = visitor.post(
        "/civic_project/tasks/step/done", data=data, follow_redirects=False
    )
    assert came_from(response) == "/dashboard/projects"
    path = f"/civic_project/edit/{things['project']}"
    response = visitor.post(path, data=data, follow_redirects=False)
    assert came_from(response) == path


def test_scripts_get_an_answer(visitor, things):
    path = f"/civic_project/links/{things['project']}/candidates"
    headers = {"Sec-Fetch-Mode": "cors"}
    response = visitor.get(path, headers=headers, follow_redirects=False)
    assert response.status_code == 403


def test_pages_of_others_stay_as_they_are(visitor):
    response = visitor.get("/ckan-admin/", follow_redirects=False)
    assert response.status_code == 403


@pytest.mark.parametrize("page", CLOSED[1:])
def test_who_may_not_is_told_what_to_do(page, shared_app, things, ckan_config):
    ckan_config["ckanext.digifarm.contact_email"] = "stadt@example.org"
    other = Browser(shared_app, factories.User()["id"])
    response = other.get(page.format(**things))
    if response.status_code in {200, 404}:
        # It is there for everybody who is logged in, or not there.
        return
    assert response.status_code == 403
    words = text_of(html(response))
    assert "Do you have another account?" in words
    assert "stadt@example.org" in words


def test_what_is_perhaps_not_public_says_so(visitor, shared_app, project):
    as_portal("package_patch", id=project["id"], private=True)
    path = f"/civic_project/{project['name']}"
    page = html(visitor.get(path))
    link = page.select_one("#error-content ~ .module-content a")
    assert link["href"] == f"/user/login?came_from={path}"
    # The same as of what there isn't.
    nothing = visitor.get("/civic_project/nothing-of-this-name")
    assert "Perhaps it is not public" in nothing.body
    other = Browser(shared_app, factories.User()["id"])
    assert "Perhaps it is not public" not in other.get(path).body
    as_portal("package_patch", id=project["id"], private=False)
