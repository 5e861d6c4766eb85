"""Since when a project stands in the directory."""

from __future__ import annotations

import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from ckan import model
from ckan.lib.search import rebuild
from ckan.tests import factories
from ckanext.digifarm.projects import fields, listing

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..conftest import ProjectFactory
from ..proposing import (
    REVIEWERS,
    create_people,
    empty_tables,
    pending,
    project_of,
)

pytestmark = [
    pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS),
    pytest.mark.usefixtures("shared_app", "today"),
]

TODAY = "2026-05-04"
LATER = "2026-07-01"


@pytest.fixture
def today(monkeypatch) -> None:
    pass_time(monkeypatch, TODAY)


def pass_time(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    now = datetime.datetime.fromisoformat(f"{day}T12:00:00")
    clock = SimpleNamespace(now=lambda: now)
    monkeypatch.setattr(listing, "clock", clock)


def listed(project: dict[str, Any]) -> str | None:
    """Since when it is, as the database has it."""
    model.Session.rollback()
    return model.Package.get(project["id"]).extras.get("listed")


def patch(project: dict[str, Any], **values: Any) -> None:
    as_portal("package_patch", id=project["id"], **values)


def test_a_project_that_is_created_public_is_listed_from_then_on(monkeypatch):
    project = ProjectFactory()
    assert project["listed"] == TODAY
    pass_time(monkeypatch, LATER)
    patch(project, title="Anders")
    assert listed(project) == TODAY
    [found] = as_portal(
        "package_search", fq=f"type:civic_project +id:{project['id']}"
    )["results"]
    assert found["listed"] == TODAY


def test_a_private_one_is_not_until_it_is_public(monkeypatch):
    project = ProjectFactory(private=True)
    assert "listed" not in model.Package.get(project["id"]).extras
    patch(project, title="Anders")
    assert listed(project) is None
    pass_time(monkeypatch, LATER)
    patch(project, private=False)
    assert listed(project) == LATER


def test_the_first_time_counts(monkeypatch):
    project = ProjectFactory()
    pass_time(monkeypatch, LATER)
    patch(project, private=True)
    assert listed(project) == TODAY
    patch(project, private=False)
    assert listed(project) == TODAY
    as_portal("package_delete", id=project["name"])
    patch(project, state="active")
    assert listed(project) == TODAY


def test_what_is_given_is_kept():
    project = ProjectFactory(listed="2021-10")
    assert listed(project) == "2021-10"
    patch(project, listed="9/2021")
    assert listed(project) == "2021-09"


@pytest.mark.parametrize("private", [True, False])
def test_nobody_empties_it(private):
    project = ProjectFactory(listed="2021-10", private=private)
    patch(project, listed="")
    assert listed(project) == "2021-10"
    shown = as_portal("package_show", id=project["id"])
    del shown["listed"]
    as_portal("package_update", **shown)
    assert listed(project) == "2021-10"


def test_one_that_was_public_before_anybody_wrote_it_down_stays_so():
    project = ProjectFactory()
    said = {**model.Package.get(project["id"]).extras}
    del said["listed"]
    model.Session.remove()
    table = model.package_table
    query = table.update().where(table.c.id == project["id"])
    with model.ensure_engine().begin() as connection:
        connection.execute(query.values(extras=said))
    rebuild(project["id"])
    patch(project, title="Anders")
    assert listed(project) is None


def test_datasets_have_none():
    dataset = factories.Dataset()
    assert "listed" not in model.Package.get(dataset["id"]).extras


def test_a_proposal_is_listed_with_its_approval(monkeypatch):
    people = create_people()
    empty_tables()
    proposal = pending()
    project = {"id": project_of(proposal).id}
    assert listed(project) is None
    pass_time(monkeypatch, LATER)
    as_user(
        people["reviewer"],
        "digifarm_proposal_approve",
        id=proposal.id,
        organization="green-office",
    )
    assert listed(project) == LATER


def test_nobody_proposes_it():
    assert not {"listed", "accompanied"} & {*fields.proposal_fields()}


def test_the_page_shows_it_and_no_form_asks_for_it(shared_app):
    project = ProjectFactory(listed="2021-10")
    page = html(Browser(shared_app).get(f"/civic_project/{project['name']}"))
    assert "In the directory since October 2021" in text_of(
        page.select_one("#facts")
    )
    editor = Browser(shared_app, factories.Sysadmin()["id"])
    form = editor.form(f"/civic_project/edit/{project['name']}")
    assert not {"listed", "accompanied"} & form.values.keys()
