"""No page grows with what the portal has, and no list is endless."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.lib.search import rebuild
from ckan.model.types import make_uuid
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib import clock, forms
from ckanext.digifarm.lib.mail import Mail, MailState
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.partners import fields as partner_fields
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.projects import fields
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import Task
from dev.counting import counting

from .acting import as_portal, as_user
from .browsing import Browser, html, read_form, text_of
from .indexing import one_commit
from .offering import (
    REVIEWERS,
    SECRETS,
    create_partner,
    create_people,
    create_project,
    empty_tables,
    get,
    offer,
    put_into,
)

pytestmark = pytest.mark.usefixtures("shared_app")

#: More than a page shows.
MANY = 23


@pytest.fixture(autouse=True)
def settings(shared_app, monkeypatch):
    empty_tables()
    monkeypatch.setattr(forms, "MIN_SECONDS", 0)
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture
def project(people) -> dict[str, Any]:
    return create_project(people)


@pytest.fixture
def partner(people) -> dict[str, Any]:
    return create_partner(people)


@pytest.fixture
def browser_of(shared_app, people):
    return lambda role: Browser(shared_app, people[role] or None)


def texts(browser: Browser, path: str, selector: str) -> list[str]:
    return [text_of(tag) for tag in html(browser.get(path)).select(selector)]


def add(kind: type, *, of_each: Callable[[int], dict[str, Any]]) -> list[Any]:
    """Store many rows of a kind, each a second older than the next.

    Saving each by an action would take far longer.

    :param of_each: the columns of a row, by its number
    """
    first = clock.now() - timedelta(seconds=MANY)
    rows = [
        kind(created=first + timedelta(seconds=number), **of_each(number))
        for number in range(MANY)
    ]
    model.Session.add_all(rows)
    model.Session.commit()
    return rows


def add_packages(*titles: str, **columns: Any) -> list[str]:
    """Store packages with these titles, which searches find.

    :returns: their ids
    """
    ids = [make_uuid() for _ in titles]
    rows = [
        {"id": id_, "name": id_, "title": title, **columns}
        for id_, title in zip(ids, titles, strict=True)
    ]
    model.Session.execute(sa.insert(model.Package), rows)
    model.Session.commit()
    with one_commit():
        rebuild(package_ids=ids)
    return ids


def support_of(project: str, number: int, **columns: Any) -> dict[str, Any]:
    """The columns of a support that goes on."""
    return {
        "project_id": project,
        "area": "content",
        "person": f"Person {number:02}",
        "state": "accepted",
        **columns,
    }


def task_of(project: str, number: int) -> dict[str, Any]:
    """The columns of an open task, the last of its project."""
    return {
        "project_id": project,
        "title": f"Task {number:02}",
        "position": number + 1,
    }


def link_of(project: dict[str, Any], dataset: str) -> dict[str, Any]:
    """The columns of a link."""
    return {"project_id": project["id"], "dataset_id": dataset}


def partner_of(title: str) -> dict[str, Any]:
    """The columns of a partner of the directory."""
    return {
        "name": title.lower().replace(" ", "-"),
        "title": title,
        "kind": "association",
        "state": "active",
    }


class TestPages:
    def test_supporters_of_a_project(self, browser_of, people, project):
        add(Support, of_each=partial(support_of, project["id"]))
        path = f"/civic_project/{project['name']}"
        visitor = browser_of("anonymous")
        names = "#supporters .digifarm-holders li"
        first = texts(visitor, path, names)
        assert first == [f"Person {number:02}" for number in range(20)]
        links = html(visitor.get(path)).select("#supporters a.page-link")
        addresses = {link["href"] for link in links}
        assert f"{path}?supporters=2#supporters" in addresses
        second = texts(visitor, f"{path}?supporters=2", names)
        assert second == ["Person 20", "Person 21", "Person 22"]

    def test_tasks_of_a_project_the_open_ones_first(
        self, browser_of, people, project
    ):
        first, *_ = add(Task, of_each=partial(task_of, project["id"]))
        as_user(people["owner"], "digifarm_task_done", id=first.id)
        path = f"/civic_project/{project['name']}"
        titles = "#tasks .card-title"
        first = texts(browser_of("anonymous"), path, titles)
        assert first == [f"Task {number:02}" for number in range(1, 21)]
        page = html(browser_of("anonymous").get(f"{path}?tasks=2"))
        shown = [text_of(tag) for tag in page.select(titles)]
        assert shown == ["Task 21", "Task 22"]
        assert text_of(page.select_one("#tasks details li")) == "Task 00"
        kept = texts(
            browser_of("owner"),
            f"/civic_project/tasks/{project['id']}?tasks=2",
            "h3.h5",
        )
        assert kept == ["Task 21", "Task 22", "Task 00"]

    def test_datasets_of_a_project_in_order(self, browser_of, people, project):
        titles = [f"Dataset {number:02}" for number in range(MANY)]
        datasets = add_packages(*titles, type="dataset")
        add(Link, of_each=lambda n: link_of(project, datasets[n]))
        path = f"/civic_project/{project['name']}"
        found = texts(browser_of("anonymous"), path, "#links h3")
        assert found == titles[:20]
        with counting() as cost:
            found = texts(
                browser_of("anonymous"), f"{path}?links=2", "#links h3"
            )
        assert found == titles[20:]
        assert cost.packages < MANY

    def test_what_is_linked_on_another_page_is_no_candidate(
        self, browser_of, project
    ):
        *linked, left = add_packages(
            *["Parkbank"] * (MANY + 1), type="dataset"
        )
        add(Link, of_each=lambda n: link_of(project, linked[n]))
        path = f"/civic_project/links/{project['id']}/candidates?q=parkbank"
        found = browser_of("owner").get(path).json
        assert [other["name"] for other in found] == [left]

    def test_projects_of_a_partner_without_private_ones(
        self, browser_of, people, partner
    ):
        titles = [f"Project {number:02}" for number in range(1, MANY)]
        private = create_project(people, title="Project 00", private=True)
        columns = {"type": "civic_project", "owner_org": private["owner_org"]}
        projects = [private["id"], *add_packages(*titles, **columns)]
        given = {"partner_id": partner["id"], "person": ""}
        add(Support, of_each=lambda n: support_of(projects[n], n, **given))
        path = f"/partner/{partner['name']}"
        for role, first in (("anonymous", 1), ("owner", 0)):
            found = texts(browser_of(role), path, "#accepted li.mb-3 > a")
            assert found == [
                f"Project {number:02}" for number in range(first, first + 20)
            ]
        found = texts(
            browser_of("anonymous"),
            f"{path}?accepted=2",
            "#accepted li.mb-3 > a",
        )
        assert found == ["Project 21", "Project 22"]

    def test_offers_on_the_dashboard(self, browser_of, people, project):
        offered = {"state": "offered", "person": "", **SECRETS}
        add(
            Support,
            of_each=lambda n: support_of(project["id"], n, **offered),
        )
        path = "/dashboard/support"
        cards = "#project .card"
        assert len(texts(browser_of("owner"), path, cards)) == 20
        rest = texts(browser_of("owner"), f"{path}?project=2", cards)
        assert len(rest) == 3

    def test_registrations_and_mails(self, browser_of):
        for number in range(MANY):
            model.Session.add_all(
                [
                    Partner(
                        name=f"new-{number}",
                        title="New",
                        kind="association",
                        state="proposed",
                    ),
                    Mail(
                        recipient_email="a@example.org",
                        language="en",
                        subject="Mail",
                        body="",
                        body_html="",
                        state=MailState.GIVEN_UP.value,
                    ),
                ]
            )
        model.Session.commit()
        for role, path in (
            ("reviewer", "/partner/review"),
            ("sysadmin", "/ckan-admin/digifarm-mails/"),
        ):
            for page, count in ((1, 20), (2, 3)):
                address = f"{path}?page={page}"
                found = texts(browser_of(role), address, "article.card")
                assert len(found) == count, address

    @pytest.mark.parametrize("page", ["0", "x", "-1"])
    def test_no_page(self, browser_of, project, page):
        path = f"/civic_project/{project['name']}?tasks={page}"
        assert browser_of("anonymous").get(path).status_code == 400

    def test_a_page_far_beyond(self, browser_of, project):
        path = f"/civic_project/{project['name']}?tasks={10**30}"
        assert browser_of("anonymous").get(path).status_code == 200


class TestActions:
    @pytest.mark.parametrize(
        "limit", [{}, {"limit": 1000}], ids=["default", "too much"]
    )
    def test_nobody_gets_more_than_a_search_gives(
        self, people, project, partner, limit
    ):
        add(Support, of_each=partial(support_of, project["id"]))
        add(Task, of_each=partial(task_of, project["id"]))
        lists = {
            "digifarm_support_list": {"project": project["id"]},
            "digifarm_task_list": {"project": project["id"]},
        }
        with changed_config("ckan.search.rows_max", 3):
            for action, of in lists.items():
                found = call_action(action, **of, **limit)
                assert len(found) == 3, action

    def test_suggestions_are_two_requests_at_most(self, people):
        titles = [f"Zebra {number}" for number in range(MANY)]
        add_packages(*titles, type="civic_project")
        dataset = factories.Dataset(title="Zebra of data")
        with counting() as cost:
            found = call_action("package_autocomplete", q="zebra", limit=1)
        assert [one["name"] for one in found] == [dataset["name"]]
        assert len(cost.solr) <= 2

    def test_help_lists_the_first_tasks_of_a_project(self, people, project):
        as_portal("package_patch", id=project["id"], help_wanted=["care"])
        skills = {"skills": ["Giraffes"]}
        add(Task, of_each=lambda n: {**task_of(project["id"], n), **skills})
        found = call_action("digifarm_help_list", skill="giraffes")
        [listed] = found["results"]
        assert [task["title"] for task in listed["tasks"]] == [
            f"Task {number:02}" for number in range(20)
        ]
        assert listed["more_tasks"]

    def test_the_best_projects_of_many_are_found(self, people, partner):
        as_user(
            people["partner_editor"],
            "digifarm_partner_update",
            id=partner["id"],
            areas=["care"],
            competences=["OKAPI"],
        )
        wanted = {"help_wanted": ["care"]}
        stored = {"help_wanted": json.dumps(["care"])}
        add_packages(*["A"] * MANY, type="civic_project", extras=stored)
        create_project(people, title="Z", technologies=["okapi"], **wanted)
        with counting() as cost:
            found = call_action(
                "digifarm_match", partner=partner["id"], limit=1
            )
        assert [one["project"]["title"] for one in found["results"]] == ["Z"]
        assert found["count"] >= MANY + 1
        assert cost.packages <= 13

    def test_the_best_partners_of_many_are_found(self, people, project):
        areas = {"areas": ["care"]}
        add(Partner, of_each=lambda n: {**partner_of(f"A {n}"), **areas})
        create_partner(
            people, title="Z", areas=["care"], competences=["okapi"]
        )
        wishing = create_project(
            people, help_wanted=["care"], technologies=["OKAPI"]
        )
        with counting() as cost:
            found = call_action(
                "digifarm_match", project=wishing["id"], limit=1
            )
        assert [one["partner"]["title"] for one in found["results"]] == ["Z"]
        assert found["count"] == MANY + 1
        assert cost.rows <= 10


class TestPartnersWithoutScripts:
    """The field for partners, where nothing completes it."""

    @pytest.mark.parametrize(
        "path",
        ["/civic_project/support/{}", "/civic_project/support/request/{}"],
    )
    def test_a_partner_is_picked(
        self, browser_of, people, project, partner, path
    ):
        owner, path = browser_of("owner"), path.format(project["id"])
        form = owner.form(path).with_values(area="care")
        response = owner.send(form.with_values(partner_query="gibtsnicht"))
        assert "Nothing matches" in response.body
        response = owner.send(form.with_values(partner_query="werkstatt"))
        page = html(response)
        [box] = page.select("input[name=partner]")
        assert box["value"] == partner["name"]
        field = page.select_one("#field-partner")
        assert field["value"] == "werkstatt"
        assert field["aria-invalid"] == "true"
        again = read_form(response, "form.digifarm-form")
        owner.send(again.with_values(partner=partner["name"]))
        [support] = model.Session.query(Support)
        assert support.partner_id == partner["id"]

    def test_two_entries_are_joined(self, browser_of, people, partner):
        other = create_partner(people, title="Werkstatt am Hafen")
        reviewer = browser_of("reviewer")
        form = reviewer.form(f"/partner/merge/{partner['name']}")
        response = reviewer.send(form.with_values(into_query="hafen"))
        [box] = html(response).select("input[name=into]")
        assert box["value"] == other["name"]
        again = read_form(response, "form.digifarm-form")
        reviewer.send(again.with_values(into=other["name"]))
        model.Session.expire_all()
        assert Partner.get(partner["id"]).state == "deleted"

    @pytest.mark.parametrize("is_known", [True, False])
    def test_an_offer_is_accepted(
        self, browser_of, people, project, partner, is_known
    ):
        support = put_into(
            offer(
                project=project["id"],
                partner_title="Werkstatt Offen",
                partner_kind="association",
            ),
            "offered",
        )
        owner = browser_of("owner")
        form = owner.form("/dashboard/support", "form[action$='/step/accept']")
        response = owner.send(form.with_values(partner_query="offene"))
        assert get(support.id).state == "offered"
        again = read_form(response, "form.digifarm-form")
        chosen = partner["name"] if is_known else ""
        owner.send(again.with_values(partner=chosen))
        support = get(support.id)
        assert support.state == "accepted"
        assert (support.partner_id == partner["id"]) is is_known


def test_forms_load_no_partners_but_those_that_match(
    browser_of, people, project
):
    add(Partner, of_each=lambda n: partner_of(f"Partner {n}"))
    paths = {
        f"/civic_project/support/{project['id']}": "owner",
        f"/civic_project/support/request/{project['id']}": "owner",
        "/partner/merge/partner-1": "reviewer",
        "/dashboard/support": "owner",
    }
    for path, role in paths.items():
        response = browser_of(role).get(path)
        assert response.status_code == 200, path
        assert "Partner 7" not in response.body, path


def test_what_follows_from_the_schema_is_worked_out_once(monkeypatch):
    assert fields.multiple_fields() is fields.multiple_fields()
    assert partner_fields.schema() is partner_fields.schema()
    other = {"dataset_fields": [{"field_name": "one", "choices": []}]}
    monkeypatch.setattr(fields, "schema", lambda: other)
    assert fields.names() == {"one"}
    assert not fields.multiple_fields()
    assert partner_fields.choices("areas") == []
