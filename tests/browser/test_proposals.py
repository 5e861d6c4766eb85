"""The whole life of a proposal, with real mails that a real worker sends."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ckan.tests import factories

from .content import (
    ORGANIZATION_TITLE,
    create_dataset,
    create_person,
    create_project,
    picture,
)
from .visiting import NARROW, PASSWORD, link_in, take_time

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

DATASET = "/dataset/hitzekarte"
LIST = "/civic_project/"
REVIEW = "/civic_project/review"

FIELDS = {
    "title": "Schattenwege",
    "summary": "Zeigt kühle Wege durch die Stadt",
    "public_value": "Wer Hitze schlecht verträgt, kommt gut ans Ziel.",
    "source_license": "GPL v3 or later",
}


@pytest.fixture(scope="module")
def content(portal, worker) -> None:
    for name in ("reviewer", "second", "newcomer"):
        create_person(name, email=f"{name}@example.org")
    factories.Organization(
        name="pruefstelle",
        title="Prüfstelle",
        users=[
            {"name": "reviewer", "capacity": "editor"},
            {"name": "second", "capacity": "editor"},
        ],
    )
    create_dataset("Hitzekarte", name="hitzekarte")
    create_dataset("Hitzeplan, noch geheim", name="geheim", private=True)
    create_project(
        "Trinkpause", source_url="https://www.code.example.org/trinkpause/"
    )


def fill_in(page: Page, address: str = "", **fields: str) -> None:
    """Fill in the form for a proposal that a page shows."""
    for box in page.locator("#field-conditions-choices input").all():
        box.check()
    values = {**FIELDS, **fields}
    path = values["title"].replace(" ", "-")
    values["source_url"] = f"https://code.example.org/{path}"
    for name, value in values.items():
        page.locator(f"#field-{name}").fill(value)
    if address:
        page.locator("#field-proposer_name").fill("Amal")
        page.locator("#field-proposer_email").fill(address)
    page.locator("#field-consent").check()
    take_time(page)


def send(page: Page) -> None:
    page.get_by_role("button", name="Send the proposal").click()


def propose(page: Page, mailbox, address: str, **fields: str) -> str:
    """Propose a project without an account and confirm it.

    :returns: the address by which the proposal is followed
    """
    page.goto("/civic_project/propose")
    fill_in(page, address, **fields)
    send(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Almost done")
    text = mailbox.wait_for(address, "Please confirm your proposal")
    page.goto(link_in(text, "/confirm/"))
    page.get_by_role("button", name="Confirm the proposal").click()
    expect(page.get_by_text("reads it and writes to you")).to_be_visible()
    return page.url


def decide(page: Page, title: str, step: str, reason: str = "") -> None:
    """Decide on a proposal as a reviewer."""
    page.goto(REVIEW)
    page.get_by_role("link", name=title).click()
    page.locator("summary", has_text=step).click()
    if step == "Approve":
        page.get_by_label("Responsible organisation").select_option(
            label=ORGANIZATION_TITLE
        )
    form = page.locator("details[open] form")
    form.locator("textarea").fill(reason)
    form.get_by_role("button").click()
    expect(page).to_have_url(REVIEW)


def look_at_datasets(page: Page) -> None:
    """The dataset is chosen; what isn't public is not offered."""
    expect(page.get_by_label("Hitzekarte")).to_be_checked()
    box = page.get_by_role("combobox", name="Add a dataset")
    box.fill("hitze")
    options = page.locator("#field-datasets-choices [role=option]")
    expect(options).to_have_count(1)
    expect(options).to_contain_text("Hitzekarte")
    box.fill("")


def look_at_licenses(page: Page) -> None:
    """The licence is judged while it is entered."""
    field = page.locator("#field-source_license")
    field.fill("CC-BY-NC-4.0")
    field.blur()
    expect(page.get_by_text("is not an open-source licence")).to_be_visible()
    field.fill(FIELDS["source_license"])
    field.blur()
    expect(page.get_by_text(": GPL-3.0-or-later")).to_be_visible()


def confirm(page: Page, link: str) -> None:
    """Confirm a proposal, which can be done once."""
    page.goto(link)
    expect(page.get_by_text("Hitzekarte")).to_be_visible()
    page.get_by_role("button", name="Confirm the proposal").click()
    expect(page.get_by_text("The city’s team looks at it")).to_be_visible()
    page.goto(link)
    expect(page.get_by_text("You have done that already")).to_be_visible()


def change(page: Page, link: str) -> None:
    """Change a proposal as it was asked for."""
    page.goto(link)
    page.get_by_role("link", name="Change the proposal").click()
    expect(page.get_by_text("Für wen ist es?")).to_be_visible()
    page.locator("#field-notes").fill("Für ältere Menschen")
    page.get_by_label("A word to the city’s team").fill("Steht jetzt da")
    page.get_by_role("button", name="Send the changed proposal").click()
    expect(page.get_by_text("The city’s team looks at it")).to_be_visible()


def look_at_project(page: Page) -> None:
    """The project is public, and linked on both sides."""
    page.goto("/civic_project/schattenwege")
    expect(page.get_by_role("main")).to_contain_text("Hitzekarte")
    expect(page.get_by_role("main")).to_contain_text(ORGANIZATION_TITLE)
    expect(page.get_by_alt_text("Ein Weg unter Bäumen")).to_be_visible()
    assert "amal@example.org" not in page.content()
    page.goto(DATASET)
    expect(page.locator("#links")).to_contain_text("Schattenwege")
    page.goto(LIST)
    expect(page.get_by_role("main")).to_contain_text("Schattenwege")


def claim(page: Page, link: str) -> None:
    """Own the project, with an account that the proposer has got meanwhile."""
    page.goto(link)
    expect(page.get_by_text("Please log in first")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Log in").click()
    page.get_by_label("Username or Email").fill("newcomer")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Login").click()
    page.get_by_role("button", name="I look after this project").click()
    expect(page.get_by_text("You look after this project now")).to_be_visible()


def test_from_a_dataset_page_to_an_owner(visit, mailbox):
    page = visit(DATASET)
    page.get_by_role("link", name="Propose a project with this data").click()
    look_at_datasets(page)
    look_at_licenses(page)
    fill_in(page, "amal@example.org")
    page.locator("summary", has_text="Picture").click()
    page.locator("#field-image_url").set_input_files(picture())
    page.locator("#field-image_alt").fill("Ein Weg unter Bäumen")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Almost done")

    text = mailbox.wait_for("amal@example.org", "Please confirm your proposal")
    assert mailbox.mails_to("reviewer@example.org") == []
    confirm(page, link_in(text, "/confirm/"))
    page.goto(LIST)
    expect(page.get_by_role("main")).not_to_contain_text("Schattenwege")
    assert "Schattenwege" not in visit("/feeds/dataset.atom").content()

    text = mailbox.wait_for("reviewer@example.org", "A proposal waits for you")
    assert REVIEW in link_in(text, "/review")
    reviewer = visit(LIST, "reviewer")
    reviewer.get_by_role("link", name="Review").click()
    decide(reviewer, "Schattenwege", "Ask for changes", "Für wen ist es?")

    text = mailbox.wait_for("amal@example.org", "please change something")
    assert "> Für wen ist es?" in text
    change(page, link_in(text, "/link/"))

    mailbox.mail_with("reviewer@example.org", "> Steht jetzt da")
    reviewer.reload()
    reviewer.get_by_role("link", name="Schattenwege").click()
    expect(reviewer.get_by_text("Für ältere Menschen").last).to_be_visible()
    decide(reviewer, "Schattenwege", "Approve", "Wie schön!")

    text = mailbox.wait_for("amal@example.org", "is public now")
    assert "> Wie schön!" in text
    look_at_project(page)
    claim(page, link_in(text, "/claim/"))
    page.goto("/civic_project/edit/schattenwege")
    page.locator("#field-summary").fill("Zeigt schattige Wege")
    page.get_by_role("button", name="Save").click()
    page = visit("/civic_project/schattenwege")
    expect(page.get_by_text("Zeigt schattige Wege")).to_be_visible()


def test_a_declined_one_is_told_why(visit, mailbox):
    page = visit("/civic_project/propose")
    propose(page, mailbox, "bela@example.org", title="Reklametafel")
    decide(visit(REVIEW, "reviewer"), "Reklametafel", "Decline", "Nur Werbung")
    text = mailbox.wait_for("bela@example.org", "declined")
    assert "> Nur Werbung" in text
    visit(f"{REVIEW}?part=decided", "reviewer").get_by_text("Reklametafel")
    page.goto(LIST)
    expect(page.get_by_role("main")).not_to_contain_text("Reklametafel")


def test_one_is_withdrawn_by_its_link(visit, mailbox):
    page = visit("/civic_project/propose", width=NARROW)
    link = propose(page, mailbox, "cleo@example.org", title="Doch nicht")
    page.locator("summary", has_text="Withdraw").click()
    page.get_by_role("button", name="Withdraw the proposal").click()
    expect(page.get_by_text("has been withdrawn")).to_be_visible()
    mailbox.wait_for("reviewer@example.org", "withdrawn: “Doch nicht”")
    page.goto(link)
    expect(page.get_by_text("The proposal was withdrawn")).to_be_visible()


def test_a_reviewer_does_not_decide_on_an_own_proposal(visit, mailbox):
    page = visit("/civic_project/propose")
    propose(page, mailbox, "Second@example.org", title="Eigenes Projekt")
    own = visit(REVIEW, "second")
    own.get_by_role("link", name="Eigenes Projekt").click()
    expect(own.get_by_text("This is your own proposal")).to_be_visible()
    expect(own.locator("summary", has_text="Approve")).to_have_count(0)
    decide(visit(REVIEW, "reviewer"), "Eigenes Projekt", "Approve")
    mailbox.wait_for("Second@example.org", "is public now")


def test_who_is_logged_in_owns_it_at_once(visit, mailbox):
    page = visit("/civic_project/propose", "owner")
    fill_in(page, title="Brückenblick")
    send(page)
    expect(page.get_by_text("The city’s team looks at it")).to_be_visible()
    decide(visit(REVIEW, "reviewer"), "Brückenblick", "Approve")
    page.reload()
    expect(page.get_by_text("Your project is public")).to_be_visible()
    page.get_by_role("link", name="To the project").click()
    page.goto(page.url.replace("civic_project/", "civic_project/edit/"))
    expect(page.locator("#field-title")).to_have_value("Brückenblick")


def test_what_is_listed_already_is_shown_first(visit):
    page = visit("/civic_project/propose")
    page.locator("#field-source_url").fill(
        "http://code.example.org/trinkpause"
    )
    page.locator("#field-source_url").blur()
    expect(page.locator("#duplicates")).to_contain_text("Trinkpause")
    expect(page.locator("#duplicates")).to_contain_text("same source code")
    page.get_by_label("No, my project is another one").check()


def test_editors_get_the_form_that_creates_projects(visit):
    page = visit(DATASET, "editor")
    page.get_by_role("link", name="Propose a project with this data").click()
    expect(page).to_have_url("/civic_project/new?datasets=hitzekarte")
    page.locator("#field-title").fill("Kühle Orte")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#links")).to_contain_text("Hitzekarte")


@pytest.mark.parametrize("java_script_enabled", [False])
def test_works_without_scripts(java_script_enabled, visit, mailbox):
    page = visit(
        "/civic_project/propose", java_script_enabled=java_script_enabled
    )
    fill_in(page, "dora@example.org", title="Trinkpause")
    page.locator("#field-datasets").fill("hitze")
    send(page)
    page.get_by_label("Hitzekarte").check()
    send(page)
    page.get_by_label("No, my project is another one").check()
    send(page)
    text = mailbox.wait_for("dora@example.org", "Please confirm your proposal")
    page.goto(link_in(text, "/confirm/"))
    expect(page.get_by_text("Hitzekarte")).to_be_visible()
