"""What waits for somebody stands in the header and on their own page."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib.waiting import Waiting
from dev.counting import counting

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..offering import create_people, create_project, empty_tables

pytestmark = pytest.mark.usefixtures("nothing")

MINE = "/dashboard/projects"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture
def nothing(people) -> None:
    empty_tables()
    model.Session.query(Waiting).delete()
    model.Session.commit()


@pytest.fixture
def project(people) -> dict[str, Any]:
    return create_project(people, title="Ein Garten")


def badge(browser: Browser, path: str = "/civic_project") -> str:
    """What the header says that waits."""
    found = html(browser.get(path)).select_one(
        f".account a[href='{MINE}'] .badge"
    )
    return text_of(found) if found else ""


def wait(user: str, *kinds: tuple[str, str]) -> None:
    for number, (subject, state) in enumerate(kinds):
        model.Session.add(
            Waiting(
                user_id=model.User.get(user).id,
                subject=subject,
                subject_id=str(number),
                state=state,
            )
        )
    model.Session.commit()


class TestHeader:
    def test_has_the_number_of_what_waits(self, people, project, shared_app):
        owner = Browser(shared_app, people["owner"])
        assert badge(owner) == ""
        as_user(
            people["offerer"],
            "digifarm_support_offer",
            project=project["id"],
            area="care",
            contact_name="Kim",
            consent=True,
        )
        assert badge(owner) == "1"
        # On all pages, those of core too.
        assert badge(owner, "/dataset/") == "1"
        page = html(owner.get("/dataset/"))
        [way] = page.select(f".account a[href='{MINE}']")
        assert way["aria-label"] == "1 thing waits for you"
        assert badge(Browser(shared_app, people["offerer"])) == ""
        assert badge(Browser(shared_app)) == ""

    def test_costs_a_statement_of_those_who_are_logged_in(
        self, people, shared_app
    ):
        costs = {}
        for user in ("", people["other"]):
            browser = Browser(shared_app, user or None)
            browser.get("/civic_project/about")
            with counting() as cost:
                browser.get("/civic_project/about")
            costs[user] = [s for s in cost.sql if "digifarm_waiting" in s]
        assert [len(found) for found in costs.values()] == [0, 1]


class TestList:
    def test_has_one_line_for_all_questions(self, people, shared_app):
        wait(
            people["other"],
            *(("confirmation", state) for state in ("asked", "passed_on")),
            ("confirmation", "searching"),
            ("confirmation", "undecided"),
        )
        browser = Browser(shared_app, people["other"])
        for path in (MINE, "/dashboard/notifications"):
            items = html(browser.get(path)).select("#waiting li")
            said = {text_of(li).partition(" ,")[0] for li in items}
            assert len(items) == len(said)
            assert said == {
                "3 questions whether entries are still right",
                "1 entry that nobody confirms",
            }

    def test_says_what_waits_and_where(self, people, shared_app):
        wait(
            people["other"],
            *[("support", "offered")] * 2,
            ("support", "requested"),
            ("task", "taken"),
            ("task", "reported"),
            ("proposal", "pending"),
            ("proposal", "changes_requested"),
            ("partner", "proposed"),
        )
        found = as_user(people["other"], "digifarm_waiting_list")
        assert {(one["subject"], one["state"]): one["count"] for one in found}[
            ("support", "offered")
        ] == 2
        page = html(Browser(shared_app, people["other"]).get(MINE))
        links = page.select("#waiting a")
        assert len(links) == 7
        assert "2 offers of support" in text_of(page.select_one("#waiting"))

    def test_is_ones_own(self, people):
        wait(people["other"], ("task", "taken"))
        assert as_user(people["offerer"], "digifarm_waiting_list") == []
        assert as_user(people["offerer"], "digifarm_waiting_count") == 0
        for action in ("digifarm_waiting_list", "digifarm_waiting_count"):
            with pytest.raises(tk.NotAuthorized):
                as_user("", action)


class TestDeleted:
    LIST = "digifarm_project_deleted_list"

    def test_projects_are_listed_to_restore(self, people, project, shared_app):
        as_portal("package_delete", id=project["id"])
        [found] = as_user(people["project_editor"], self.LIST)["results"]
        assert found["name"] == project["name"]
        browser = Browser(shared_app, people["project_editor"])
        form = browser.form(MINE, "#deleted form")
        response = browser.send(form)
        assert "is back" in response.body
        assert as_user(people["project_editor"], self.LIST)["count"] == 0

    def test_are_not_those_of_others(self, people, project):
        as_portal("package_delete", id=project["id"])
        for role in ("other", "offerer", "partner_editor"):
            assert as_user(people[role], self.LIST)["results"] == []
        with pytest.raises(tk.NotAuthorized):
            as_user("", self.LIST)


class TestLogin:
    def log_in(self, shared_app: Any, user: dict[str, Any]) -> str:
        browser = Browser(shared_app)
        response = browser.post(
            "/user/login",
            data={
                "login": user["name"],
                "password": "correct123",
                "_csrf_token": browser.token(),
            },
            follow_redirects=False,
        )
        assert response.status_code == 302
        return response.location.removeprefix("http://test.ckan.net")

    def test_leads_who_has_no_datasets_to_their_own_things(self, shared_app):
        user = factories.User(password="correct123")
        assert self.log_in(shared_app, user) == MINE

    def test_leads_publishers_to_their_datasets(self, shared_app):
        user = factories.User(password="correct123")
        factories.Organization(
            users=[{"name": user["name"], "capacity": "editor"}]
        )
        assert self.log_in(shared_app, user) == "/dashboard/datasets"

    def test_leads_where_a_city_says(self, shared_app):
        user = factories.User(password="correct123")
        option = "ckan.auth.route_after_login"
        with changed_config(option, "home.index"):
            assert self.log_in(shared_app, user) == "/"
