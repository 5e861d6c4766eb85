"""How somebody comes to look after a project, and what they see then."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .content import create_person, create_project
from .visiting import link_in, take_time

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

PROJECT = "/civic_project/baumblick"


@pytest.fixture(scope="module")
def content(portal, worker) -> None:
    create_person("carer", email="carer@example.org")
    create_project(
        "Baumblick", help_wanted=["technology"], source_license="CC-BY-4.0"
    )
    create_project("Wiesenblick", help_wanted=["care"])


def test_whoever_is_accepted_to_look_after_a_project_owns_it(visit, mailbox):
    page = visit(PROJECT, "carer")
    expect(page.get_by_text("Nobody is named yet")).to_be_visible()
    page.get_by_role("link", name="Look after this project").click()
    expect(page.get_by_label("Area")).to_have_value("care")
    page.get_by_label("I agree").check()
    take_time(page)
    page.get_by_role("button", name="Offer support").click()
    expect(page.get_by_text("The answer comes by mail")).to_be_visible()

    editor = visit("/dashboard/projects", "editor")
    row = editor.locator("article, .card", has_text="Baumblick").first
    expect(row).to_contain_text("1 offer of support waits for an answer")
    expect(row).to_contain_text("not an open-source licence")
    row.get_by_role("link", name="Answer").click()
    editor.locator("summary", has_text="Accept").click()
    editor.get_by_role("button", name="Accept the offer").click()
    expect(editor.get_by_text("has been accepted")).to_be_visible()

    text = mailbox.wait_for("carer@example.org", "it is settled")
    assert "look after the entry from now on" in text
    page.goto("/dashboard/projects")
    expect(page.get_by_text("You look after it", exact=True)).to_be_visible()
    page.goto(PROJECT)
    expect(page.get_by_text("Nobody is named yet")).to_have_count(0)
    page.goto("/civic_project/edit/baumblick")
    page.locator("#field-source_license").fill("EUPL-1.2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("EUPL-1.2")).to_be_visible()
    page.goto("/dashboard/projects")
    expect(page.get_by_text("open-source licence")).to_have_count(0)


def test_who_has_no_account_claims_the_project(visit, mailbox):
    page = visit("/civic_project/wiesenblick")
    care = page.locator("#care")
    expect(care.get_by_text("Wanted", exact=True)).to_be_visible()
    care.get_by_role("link", name="Look after this project").click()
    page.get_by_label("Your name").fill("Kim")
    page.get_by_label("Your e-mail address").fill("kim@example.org")
    page.get_by_label("I agree").check()
    take_time(page)
    page.get_by_role("button", name="Offer support").click()
    text = mailbox.wait_for("kim@example.org", "Please confirm")
    page.goto(link_in(text, "/confirm/"))
    page.get_by_role("button", name="Confirm the offer").click()
    editor = visit("/civic_project/support/wiesenblick", "editor")
    editor.locator("summary", has_text="Accept").click()
    editor.get_by_role("button", name="Accept the offer").click()
    text = mailbox.wait_for("kim@example.org", "it is settled")
    claim = link_in(text, "/claim/")
    reader = visit("/dashboard/projects", "reader")
    expect(reader.get_by_text("You don’t look after any")).to_be_visible()
    reader.goto(claim)
    reader.get_by_role("button", name="I look after this project").click()
    expect(reader.get_by_text("You look after this project")).to_be_visible()
    again = visit("/dashboard/projects", "carer")
    again.goto(claim)
    expect(again.get_by_text("has been used already")).to_be_visible()
    expect(again.get_by_text("Somebody has taken on")).to_be_visible()
