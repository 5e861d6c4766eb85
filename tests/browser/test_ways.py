"""Whole ways, from where people come in to where they have what they want."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from ckan import model

from ..acting import as_portal
from .content import create_project
from .visiting import NARROW, link_in, take_time

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

TASK = "Zehn Baumfotos beschreiben"


@pytest.fixture(scope="module")
def content(portal, worker) -> None:
    project = create_project(
        "Baumblick", help_wanted=["technology"], technology_help="Ein Server"
    )
    as_portal(
        "digifarm_task_create",
        project=project["id"],
        title=TASK,
        effort="hour",
        for_beginners=True,
    )


def address_of(user: str) -> str:
    return model.User.get(user).email


def test_a_volunteer_from_a_search_to_the_printed_thanks(visit, mailbox):
    page = visit("/civic_project/help-wanted?view=tasks")
    page.get_by_role("link", name=f"I’ll do it: {TASK}").click()
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Your e-mail address").fill("ada.ways@exampel.org")
    page.get_by_label("I agree").check()
    take_time(page)
    page.get_by_role("button", name="I’ll do it").click()

    # The address was wrong, and is corrected.
    expect(page.get_by_text("ada.ways@exampel.org").first).to_be_visible()
    page.get_by_label("Your e-mail address").fill("ada.ways@example.org")
    page.get_by_role("button", name="Send the mail again").click()
    text = mailbox.wait_for("ada.ways@example.org", "Would you like to take")
    page.goto(link_in(text, "/confirm/"))
    page.get_by_role("button", name="Yes, I’ll do it").click()

    own = mailbox.wait_for("ada.ways@example.org", "Your task")
    page.goto(link_in(own, "/link/"))
    page.locator("summary", has_text="I’m done").click()
    page.get_by_label("A word to the people").fill("Alle zehn sind fertig")
    page.get_by_role("button", name="I’m done").click()
    expect(page.get_by_text("look at it and confirm").first).to_be_visible()

    told = mailbox.wait_for(address_of("editor"), TASK)
    assert told
    owner = visit("/civic_project/tasks/baumblick", "editor")
    expect(owner.get_by_text("Alle zehn sind fertig")).to_be_visible()
    owner.locator("summary", has_text="Confirm that it is done").click()
    owner.get_by_role("button", name="Confirm that it is done").click()

    thanks = mailbox.wait_for("ada.ways@example.org", "thank you!")
    page.goto(link_in(thanks, "/thanks/link/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, Ada")
    expect(page.get_by_role("main")).to_contain_text(TASK)
    expect(page.get_by_role("main")).to_contain_text("Baumblick")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation").first).to_be_hidden()
    page.emulate_media(media="screen")


def test_a_partner_from_registering_to_a_change_by_link(visit, mailbox):
    page = visit("/partner")
    page.get_by_role("link", name="Become a partner").first.click()
    page.locator("#field-title").fill("Serverfreunde")
    page.locator("#field-kind").select_option("association")
    page.get_by_label("Technical help").first.check()
    page.locator("#field-contact_name").fill("Bo")
    page.locator("#field-contact_email").fill("bo.ways@example.org")
    page.get_by_label("I agree").check()
    take_time(page)
    page.locator("form.digifarm-form button[type=submit]").last.click()
    text = mailbox.wait_for("bo.ways@example.org", "onfirm")
    page.goto(link_in(text, "/confirm/"))
    page.get_by_role("button", name="Confirm the registration").click()
    mailbox.wait_for("bo.ways@example.org", "has arrived")

    reviewer = visit("/partner/review", "admin")
    reviewer.get_by_role("button", name="Let into the directory").click()

    accepted = mailbox.wait_for("bo.ways@example.org", "in the directory")
    page.goto(link_in(accepted, "/link/"))
    expect(page.get_by_text("You are in the directory")).to_be_visible()
    page.get_by_role("link", name="Change the entry").click()
    page.locator("#field-description").fill("Wir betreiben Server")
    page.get_by_role("button", name="Save").click()
    page.goto("/partner/serverfreunde")
    expect(page.get_by_role("main")).to_contain_text("Wir betreiben Server")

    # What fits is offered with the form filled in.
    page.goto(link_in(accepted, "/link/"))
    page.get_by_role("link", name="Offer help: Technical help").first.click()
    expect(page.get_by_label("Your name")).to_have_value("Bo")
    expect(page.get_by_label("Your e-mail address")).to_have_value(
        "bo.ways@example.org"
    )


def test_a_visitor_with_a_phone_finds_a_project_and_asks(visit, mailbox):
    page = visit("/civic_project", width=NARROW)
    page.locator("#search-facets > summary").click()
    page.locator("#search-facets").get_by_role(
        "link", name="Technical help"
    ).click()
    page.get_by_role("link", name="Baumblick").first.click()
    page.get_by_role("link", name="Ask the team").first.click()
    page.get_by_label("Your name").fill("Kim")
    page.get_by_label("Your e-mail address").fill("kim.ways@example.org")
    page.locator("#field-message").fill("Woher kommen die Daten?")
    page.get_by_label("I agree").check()
    take_time(page)
    page.locator("form.digifarm-form button[type=submit]").last.click()
    text = mailbox.wait_for("kim.ways@example.org", "onfirm")
    page.goto(link_in(text, "/confirm/"))
    page.get_by_role("button", name="Send the message").click()
    asked = mailbox.wait_for(address_of("editor"), "Baumblick")
    assert asked
    assert mailbox.mail_with(address_of("editor"), "Woher kommen die Daten?")
