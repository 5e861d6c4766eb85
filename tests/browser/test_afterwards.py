"""Ways after the approval, walked to their end by all whom they concern."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config

from ..acting import as_portal, as_user
from ..proposing import pending
from .content import ORGANIZATION, create_person, create_project
from .visiting import link_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

KIM = {"name": "Kim", "email": "kim-hilft@example.org", "consent": True}


@pytest.fixture(scope="module")
def content(portal, worker) -> dict[str, Any]:
    create_person("prueferin", email="prueferin@example.org")
    factories.Organization(
        name="pruefstelle",
        users=[{"name": "prueferin", "capacity": "editor"}],
    )
    found = {}
    for title in ("Gartenplan", "Brunnenkarte", "Laternenzug"):
        project = create_project(title, stage="live", help_wanted=["content"])
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id="owner",
            capacity="editor",
        )
        found[project["name"]] = project
    with changed_config("ckanext.digifarm.review_organization", "pruefstelle"):
        proposal = pending("owner", project={"title": "Kühle Höfe"})
        as_user(
            "prueferin",
            "digifarm_proposal_approve",
            id=proposal.id,
            organization=ORGANIZATION,
        )
    return found


def email_of(user: str) -> str:
    return str(model.User.get(user).email)


def register(page: Page, name: str, email: str) -> None:
    """Make an account, as core's form asks for it."""
    for field, value in (
        ("username", name),
        ("email", email),
        ("password", "nur-ein-Versuch-8"),
        ("confirm-password", "nur-ein-Versuch-8"),
    ):
        page.locator(f"#field-{field}").fill(value)
    page.locator("form button[type=submit][name=save]").click()


def test_a_project_is_handed_over_to_somebody_without_an_account(
    visit, mailbox
):
    page = visit("/civic_project/gartenplan", "owner")
    page.goto("/civic_project/edit/gartenplan")
    page.locator(".page-header a", has_text="Team").click()
    page.get_by_label("E-mail address").fill("alex@example.org")
    page.get_by_label("I hand over").check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("on its way to alex@example.org")).to_be_visible()

    text = mailbox.wait_for("alex@example.org", "Will you look after")
    other = visit(link_in(text, "/claim/"))
    other.get_by_role("link", name="Register").last.click()
    register(other, "alex", "alex@example.org")
    other.get_by_role("link", name="Look after a project").click()
    other.get_by_role("button", name="I look after this project").click()
    expect(other.get_by_text("You look after this project")).to_be_visible()
    other.goto("/civic_project/edit/gartenplan")
    expect(other.locator("#field-title")).to_have_value("Gartenplan")

    mailbox.wait_for(email_of("owner"), "has taken over “Gartenplan”")
    page.goto("/civic_project/team/gartenplan")
    expect(page.get_by_text("You may not edit")).to_be_visible()


def test_a_reviewer_sees_what_was_changed_and_mends_it(visit):
    page = visit("/civic_project/edit/kuehle-hoefe", "owner")
    page.locator("#field-summary").fill("Höfe mit Schattten")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("has been saved")).to_be_visible()

    reviewer = visit("/civic_project/review", "prueferin")
    reviewer.get_by_role("link", name="Edited since 1").click()
    reviewer.get_by_role("link", name="What has changed").click()
    row = reviewer.locator("#changes tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Zeigt kühle Wege durch die Stadt")
    expect(row).to_contain_text("Höfe mit Schattten")
    reviewer.get_by_role("link", name="Edit the entry").click()
    reviewer.locator("#field-summary").fill("Höfe mit Schatten")
    reviewer.get_by_role("button", name="Save").click()
    expect(reviewer.get_by_text("has been saved")).to_be_visible()
    reviewer.goto("/civic_project/review?part=edited")
    reviewer.get_by_role("link", name="What has changed").click()
    reviewer.get_by_role("button", name="I have seen it").click()
    expect(reviewer.get_by_text("There is nothing here.")).to_be_visible()


def test_a_project_with_helpers_ends_and_goes_on(visit, mailbox):
    for area, person in (("content", "Mira"), ("care", "Noor")):
        as_portal(
            "digifarm_support_create",
            project="brunnenkarte",
            area=area,
            person=person,
            consent=True,
        )
    task = as_portal(
        "digifarm_task_create", project="brunnenkarte", title="Fotos machen"
    )
    as_user("reader", "digifarm_task_take", id=task["id"], **KIM)

    page = visit("/civic_project/edit/brunnenkarte", "owner")
    page.locator(".page-header a", has_text="End").click()
    page.locator("#field-stage").select_option("ended")
    page.get_by_role("button", name="End the project").click()
    expect(
        page.get_by_text("This is on the project’s page now")
    ).to_be_visible()
    text = mailbox.wait_for(email_of("reader"), "is discontinued")
    assert "Fotos machen" in text
    page.goto("/civic_project/brunnenkarte")
    expect(page.get_by_text("Mira")).to_have_count(0)

    page.goto("/civic_project/end/brunnenkarte")
    page.locator("#field-new-stage").select_option("live")
    page.get_by_role("button", name="Let it go on").click()
    expect(page.get_by_text("The project goes on")).to_be_visible()
    expect(page.locator("#over")).to_have_count(0)


def test_a_deleted_project_comes_back(visit):
    page = visit("/civic_project/delete/laternenzug", "owner")
    page.get_by_role("button", name="Delete the project").click()
    expect(page.get_by_text("has been deleted")).to_be_visible()
    page.goto("/dashboard/projects")
    deleted = page.locator("#deleted")
    expect(deleted.get_by_role("link", name="Laternenzug")).to_be_visible()
    deleted.get_by_role("button", name="Restore the project").click()
    expect(page.get_by_text("is back")).to_be_visible()
    page.goto("/dashboard/projects")
    expect(page.locator("#deleted")).to_have_count(0)
    expect(page.locator("#projects")).to_contain_text("Laternenzug")
