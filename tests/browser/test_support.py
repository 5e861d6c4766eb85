"""The whole life of a support, with real mails that a real worker sends."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ckan import model

from ..acting import as_portal
from .content import ORGANIZATION, create_project
from .visiting import go_until_it_says, link_in, take_time

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

PROJECT = "/civic_project/baumblick"
SUPPORT = "/civic_project/support/baumblick"


@pytest.fixture(scope="module")
def content(portal, worker) -> None:
    create_project(
        "Baumblick",
        help_wanted=["content", "technology"],
        technology_help="Ein Server",
    )
    as_portal(
        "digifarm_partner_create",
        title="Offene Werkstatt",
        kind="association",
        areas=["technology"],
        contact_name="Werkstatt-Team",
        contact_email="werkstatt@example.org",
    )


def editor_address() -> str:
    return model.User.get("editor").email


def offer(page: Page, who: str, address: str, **fields: str) -> None:
    """Fill in the form for an offer that a page shows, and send it."""
    page.get_by_label("Your name").fill(who)
    page.get_by_label("Your e-mail address").fill(address)
    for name, value in fields.items():
        page.locator(f"#field-{name}").fill(value)
    page.get_by_label("I agree").check()
    take_time(page)
    page.get_by_role("button", name="Offer support").click()


def decide(page: Page, step: str, reason: str | None = None) -> None:
    """Open a step of the first support on a page, and take it."""
    page.locator("summary", has_text=step).first.click()
    if reason:
        page.get_by_label("Why?").first.fill(reason)
    page.get_by_role("button", name=f"{step} the").first.click()


def test_an_offer_is_confirmed_accepted_shown_and_ended(visit, mailbox):
    page = visit(PROJECT)
    page.get_by_role("link", name="Offer support: Technical help").click()
    expect(page.get_by_label("Area")).to_have_value("technology")
    page.get_by_label("An organisation or group").check()
    page.get_by_label("Name of the organisation").fill("Serverfreunde")
    page.get_by_label("Kind of partner").select_option("association")
    offer(page, "Ada", "ada@example.org", scope="Ein kleiner Server")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Almost done")

    text = mailbox.wait_for("ada@example.org", "Please confirm")
    assert mailbox.mails_to(editor_address()) == []
    page.goto(link_in(text, "/confirm/"))
    page.get_by_role("button", name="Confirm the offer").click()
    expect(page.get_by_text("Your offer has arrived")).to_be_visible()
    page.goto(link_in(text, "/confirm/"))
    expect(page.get_by_text("has been used already")).to_be_visible()

    text = mailbox.wait_for(editor_address(), "Somebody offers support")
    assert "Ein kleiner Server" in text
    owner = visit(SUPPORT, "editor")
    assert link_in(text, "/support/").endswith(SUPPORT)
    decide(owner, "Accept")
    expect(owner.get_by_text("has been accepted")).to_be_visible()

    text = mailbox.wait_for("ada@example.org", "it is settled")
    assert editor_address() in text
    settled = mailbox.wait_for(editor_address(), "has a new supporter")
    assert "ada@example.org" in settled

    page.goto(PROJECT)
    expect(page.locator("#supporters")).to_contain_text("Serverfreunde")
    expect(page.locator("#supporters")).to_contain_text("Ein kleiner Server")
    assert "ada@example.org" not in page.content()
    page.locator("#supporters").get_by_role(
        "link", name="Serverfreunde"
    ).click()
    expect(page).to_have_url("/partner/serverfreunde")
    expect(page.get_by_role("main")).to_contain_text("Baumblick")
    page.goto("/partner?supporting=true")
    expect(page.get_by_role("main")).to_contain_text("Serverfreunde")
    listed = "/civic_project/?vocab_partner=Serverfreunde"
    go_until_it_says(page, listed, "Baumblick")

    page.goto(link_in(text, "/link/"))
    decide(page, "End", "Umzug")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert "Umzug" in mailbox.wait_for(editor_address(), "it has ended")
    page.goto(PROJECT)
    expect(page.get_by_role("main")).not_to_contain_text("Serverfreunde")
    page.goto("/partner/serverfreunde")
    expect(page.get_by_text("Supported before")).to_be_visible()


def test_an_offer_is_declined_with_a_reason(visit, mailbox):
    page = visit(f"{PROJECT}")
    page.get_by_role("link", name="Offer support: Help with content").click()
    offer(page, "Bo", "bo@example.org", message="Ich schreibe gern")
    text = mailbox.wait_for("bo@example.org", "Please confirm")
    page.goto(link_in(text, "/confirm/"))
    page.get_by_role("button", name="Confirm the offer").click()
    decide(visit("/dashboard/support", "editor"), "Decline", "Schon fertig")
    text = mailbox.wait_for("bo@example.org", "declined")
    assert "> Schon fertig" in text


def test_an_offer_is_withdrawn_by_its_link(visit, mailbox):
    page = visit("/de/civic_project/support/offer/baumblick?area=content")
    page.get_by_label("Ihr Name").fill("Cem")
    page.get_by_label("Ihre E-Mail-Adresse").fill("cem@example.org")
    page.get_by_label("Ich bin einverstanden").check()
    take_time(page)
    page.get_by_role("button", name="Unterstützung anbieten").click()
    text = mailbox.wait_for("cem@example.org", "Bitte bestätigen")
    page.goto(link_in(text, "/confirm/"))
    page.get_by_role("button", name="Angebot bestätigen").click()
    text = mailbox.wait_for("cem@example.org", "^Ihr Angebot an")
    page.goto(link_in(text, "/link/"))
    page.locator("summary", has_text="Zurückziehen").first.click()
    page.get_by_role("button", name="zurückziehen").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vielen Dank")
    mailbox.wait_for(editor_address(), "withdrawn")


def test_a_partner_is_asked_and_accepts_without_an_account(visit, mailbox):
    owner = visit(SUPPORT, "editor")
    owner.get_by_role("link", name="Ask for support: Offene Werkstatt").click()
    owner.get_by_label("Message").fill("Habt ihr Platz auf dem Server?")
    owner.get_by_role("button", name="Ask the partner").click()
    expect(owner.get_by_text("has been asked by mail")).to_be_visible()
    assert "werkstatt@example.org" not in owner.content()

    text = mailbox.wait_for("werkstatt@example.org", "asks for your support")
    assert "> Habt ihr Platz" in text
    page = visit(PROJECT)
    page.goto(link_in(text, "/link/"))
    decide(page, "Accept")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    settled = mailbox.wait_for(editor_address(), "has a new supporter")
    page.goto(PROJECT)
    expect(page.locator("#supporters")).to_contain_text("Offene Werkstatt")
    page.goto(link_in(text, "/link/"))
    expect(page.get_by_text("has been used already")).to_be_visible()
    assert settled


def test_a_partner_of_the_directory_is_found_by_a_few_letters(visit):
    page = visit("/civic_project/support/offer/baumblick")
    page.get_by_label("A partner from the directory", exact=True).check()
    box = page.get_by_role("combobox", name="Partner from the directory")
    box.fill("werk")
    page.get_by_role("option", name="Offene Werkstatt").wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("Offene Werkstatt")
    expect(page.locator("input[name=partner]")).to_have_value(
        "offene-werkstatt"
    )


def test_a_new_partner_registers_and_a_reviewer_says_yes(visit, mailbox):
    page = visit("/partner")
    page.get_by_role("link", name="Become a partner").click()
    page.locator("#field-title").fill("Kartenkreis")
    page.get_by_label("Kind of partner").select_option("developers")
    page.get_by_label("Contact person").fill("Dana")
    page.get_by_label("E-mail address").fill("dana@example.org")
    page.get_by_label("I agree").check()
    take_time(page)
    page.get_by_role("button", name="Send the registration").click()
    text = mailbox.wait_for("dana@example.org", "Please confirm")
    page.goto(link_in(text, "/confirm/"))
    page.get_by_role("button", name="Confirm the registration").click()
    expect(page.get_by_text("will look at it")).to_be_visible()
    receipt = mailbox.wait_for("dana@example.org", "has arrived")
    page.goto(link_in(receipt, "/link/"))
    page.get_by_role("link", name="Change the entry").click()
    page.get_by_label("Website").fill("https://karten.example.org")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("have been saved")).to_be_visible()
    page.goto("/partner")
    expect(page.get_by_role("main")).not_to_contain_text("Kartenkreis")
    reviewer = visit("/partner/review", "admin")
    reviewer.get_by_role("button", name="Let into the directory").click()
    text = mailbox.wait_for("dana@example.org", "is in the directory")
    page.goto(link_in(text, "/partner/kartenkreis"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Kartenkreis")
    assert ORGANIZATION not in page.content()
    page.goto(link_in(receipt, "/link/"))
    expect(page.get_by_text("is in the directory").first).to_be_visible()
    page.goto(link_in(text, "/link/"))
    page.get_by_role("link", name="Change the entry").click()
    page.get_by_label("Name", exact=False).first.fill("Kartenkreis Nord")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("are public now")).to_be_visible()
    page.goto("/partner")
    expect(page.get_by_role("main")).to_contain_text("Kartenkreis Nord")


def ask(page: Page, message: str) -> None:
    """Ask the partner for help with content."""
    page.goto(
        "/civic_project/support/request/baumblick"
        "?partner=offene-werkstatt&area=content"
    )
    page.get_by_label("Message").fill(message)
    page.get_by_role("button", name="Ask the partner").click()
    expect(page.get_by_text("has been asked by mail")).to_be_visible()


def test_a_partner_declines_what_it_is_asked_for(visit, mailbox):
    owner = visit(SUPPORT, "editor")
    ask(owner, "Texte?")
    ask_again = owner.get_by_role("link", name="Ask a partner for support")
    ask_again.click()
    box = owner.get_by_role("combobox", name="Partner from the directory")
    box.fill("werk")
    owner.get_by_role("option", name="Offene Werkstatt").wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    owner.locator("#field-area").select_option("content")
    owner.get_by_role("button", name="Ask the partner").click()
    expect(owner.get_by_role("alert")).to_contain_text("has been asked")
    text = mailbox.mail_with("werkstatt@example.org", "Texte?")
    page = visit(PROJECT)
    page.goto(link_in(text, "/link/"))
    decide(page, "Decline", "Keine Zeit")
    assert "> Keine Zeit" in mailbox.wait_for(editor_address(), "declined")
    page.goto(link_in(text, "/link/"))
    expect(page.get_by_text("has been used already")).to_be_visible()
    page.goto(PROJECT)
    expect(page.get_by_text("Keine Zeit")).to_have_count(0)


def test_a_project_takes_back_what_it_has_asked_for(visit, mailbox):
    owner = visit(SUPPORT, "editor")
    ask(owner, "Bilder?")
    text = mailbox.mail_with("werkstatt@example.org", "Bilder?")
    decide(owner, "Withdraw")
    expect(owner.get_by_text("It is withdrawn")).to_be_visible()
    mailbox.wait_for("werkstatt@example.org", "withdrawn")
    page = visit(PROJECT)
    page.goto(link_in(text, "/link/"))
    expect(page.get_by_text("has been used already")).to_be_visible()


def test_a_registration_is_declined_with_a_reason(visit, mailbox):
    page = visit("/partner/register")
    page.locator("#field-title").fill("Werbung AG")
    page.get_by_label("Kind of partner").select_option("company")
    page.get_by_label("Contact person").fill("Eve")
    page.get_by_label("E-mail address").fill("eve@example.org")
    page.get_by_label("I agree").check()
    take_time(page)
    page.get_by_role("button", name="Send the registration").click()
    text = mailbox.wait_for("eve@example.org", "Please confirm")
    page.goto(link_in(text, "/confirm/"))
    page.get_by_role("button", name="Confirm the registration").click()
    decide(visit("/partner/review", "admin"), "Decline", "Nicht offen")
    assert mailbox.mail_with("eve@example.org", "> Nicht offen")
    page.goto("/partner")
    expect(page.get_by_text("Werbung AG")).to_have_count(0)
