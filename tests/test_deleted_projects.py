"""Who helps a project that is deleted can still go, and is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.lib import clock, tokens
from ckanext.digifarm.lib.events import Change, Event, Subject
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import Task, TaskAssignment

from . import offering
from .acting import as_portal, as_user
from .browsing import Browser
from .conftest import ProjectFactory
from .dumping import places_of

pytestmark = pytest.mark.usefixtures("shared_portal", "shared_app")

EMAIL = "kim@example.org"


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, str]:
    return offering.create_people()


@pytest.fixture
def project(people) -> dict[str, Any]:
    offering.empty_tables()
    return ProjectFactory(title="Bald gelöscht")


@pytest.fixture
def support(project) -> Support:
    """One that was accepted before its project was deleted."""
    offered = offering.confirm(
        offering.offer(
            project=project["id"],
            contact_name="Kim",
            contact_email=EMAIL,
            named=True,
        )
    )
    as_portal("digifarm_support_accept", id=offered.id)
    return offering.get(offered.id)


@pytest.fixture
def assignment(project) -> TaskAssignment:
    task = as_portal(
        "digifarm_task_create", project=project["id"], title="Gießen"
    )["id"]
    person = {"name": "Kim", "email": EMAIL, "consent": True}
    as_user("", "digifarm_task_take", id=task, **person)
    found = model.Session.query(TaskAssignment).filter_by(task_id=task).one()
    token = tokens.make(Purpose.TASK_CONFIRM, found.id, found.token_key)
    as_user("", "digifarm_task_confirm", token=token)
    model.Session.refresh(found)
    return found


def delete(project: dict[str, Any], days: float = 0) -> None:
    """Delete a project, as if it was some days ago."""
    as_portal("package_delete", id=project["id"])
    for event in Event.of(Subject.PROJECT, project["id"]):
        if event.action == Change.DELETED.value:
            event.created = clock.days_ago(days)
    model.Session.commit()


class TestByLink:
    def test_a_support_is_ended(self, project, support, app):
        delete(project)
        token = offering.token_of(support)
        page = app.get(f"/civic_project/support/link/{token}")
        assert "This civic project has been deleted." in page.body
        assert f"/civic_project/{project['name']}" not in page.body
        as_user("", "digifarm_support_end", token=token)
        assert offering.get(support.id).state == "ended"
        again = app.get(f"/civic_project/support/link/{token}", status=410)
        assert "used already" in again.body

    def test_an_offer_is_withdrawn(self, project, app):
        offered = offering.confirm(offering.offer(project=project["id"]))
        token = offering.token_of(offered)
        delete(project)
        page = app.get(f"/civic_project/support/link/{token}")
        assert "step/withdraw" in page.body
        as_user("", "digifarm_support_withdraw", token=token)
        assert offering.get(offered.id).state == "withdrawn"

    def test_a_request_can_be_declined_but_not_accepted(
        self, project, people, app
    ):
        partner = offering.store_partner(people)
        asked = offering.store_request(
            project=project["id"], partner=partner["id"]
        )
        token = offering.token_of(asked)
        delete(project)
        page = app.get(f"/civic_project/support/link/{token}")
        assert "step/accept" not in page.body
        assert "step/decline" in page.body

    def test_an_offer_is_not_confirmed_any_more(self, project, app):
        offered = offering.offer(project=project["id"])
        token = offering.token_of(offered, Purpose.SUPPORT_CONFIRM)
        delete(project)
        app.get(f"/civic_project/support/confirm/{token}", status=410)

    def test_a_task_is_given_back(self, project, assignment, app):
        token = tokens.make(Purpose.TASK, assignment.id, assignment.token_key)
        task = assignment.task_id
        delete(project)
        page = app.get(f"/civic_project/tasks/link/{token}")
        assert "This civic project has been deleted." in page.body
        assert f"/civic_project/{project['name']}" not in page.body
        as_user("", "digifarm_task_return", token=token)
        assert model.Session.get(Task, task).state == "open"


def test_the_dashboard_lists_what_can_be_taken_back(project, people, app):
    offered = offering.offer(people["offerer"], project=project["id"])
    done = offering.offer(
        people["offerer"], project=project["id"], area="content"
    )
    as_user(people["offerer"], "digifarm_support_withdraw", id=done.id)
    delete(project)
    page = Browser(app, people["offerer"]).get("/dashboard/support")
    assert "This civic project has been deleted." in page.body
    assert f"/civic_project/{project['name']}" not in page.body
    inbox = as_user(people["offerer"], "digifarm_support_inbox")["supporter"]
    assert [row["id"] for row in inbox] == [offered.id]


def test_who_is_erased_is_gone_there_too(project, support, assignment):
    delete(project)
    assert places_of(EMAIL)
    privacy.erase(EMAIL)
    assert places_of(EMAIL) == set()


class TestInTime:
    @pytest.fixture(autouse=True)
    def days(self):
        with changed_config("ckanext.digifarm.retention_days", 30):
            yield

    @pytest.mark.parametrize("age", [29, 31])
    def test_all_of_them_are_forgotten(
        self, age, project, support, assignment
    ):
        id_, task, held = support.id, assignment.task_id, assignment.id
        delete(project, age)
        is_due = age > 30
        assert privacy.purge()["contacts"] == (2 if is_due else 0)
        after = offering.get(id_)
        assert after.state == ("ended" if is_due else "accepted")
        for said in (after.contact_email, after.contact_name, after.person):
            assert (said == "") == is_due
        assert (model.Session.get(TaskAssignment, held) is None) == is_due
        if is_due:
            assert model.Session.get(Task, task).state == "open"
        assert privacy.purge() == {}

    def test_they_stay_where_it_was_restored(self, project, support):
        id_ = support.id
        delete(project, 31)
        as_portal("package_patch", id=project["id"], state="active")
        assert privacy.purge()["contacts"] == 0
        assert offering.get(id_).contact_email == EMAIL

    def test_without_an_event_its_last_change_counts(self, project, support):
        id_ = support.id
        delete(project)
        model.Session.query(Event).filter_by(subject="project").delete()
        package = model.Package.get(project["id"])
        package.metadata_modified = clock.days_ago(31)
        model.Session.commit()
        assert privacy.purge()["contacts"] == 1
        assert offering.get(id_).contact_email == ""


class TestPage:
    WORDS = "There is no such civic project, it has been deleted, or it is not"

    @pytest.mark.parametrize("found", ["deleted", "private", "nothing"])
    def test_calls_nothing_a_dataset(self, found, project, shared_app):
        if found == "deleted":
            as_portal("package_delete", id=project["id"])
        elif found == "private":
            as_portal("package_patch", id=project["id"], private=True)
        name = "nirgends" if found == "nothing" else project["name"]
        page = Browser(shared_app).get(f"/civic_project/{name}")
        assert page.status_code == 404
        assert self.WORDS in page.body
        assert "Dataset not found" not in page.body

    def test_leaves_datasets_alone(self, shared_app):
        page = Browser(shared_app).get("/dataset/nirgends")
        assert "Dataset not found" in page.body
        assert self.WORDS not in page.body
