"""The life of a task, with real mails that a real worker sends."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ckan import model

from .content import create_project
from .visiting import link_in, take_time

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

PROJECT = "/civic_project/baumblick"
TITLE = "Alternativtexte für 30 Fotos"
OTHER = "Bäume zählen"


@pytest.fixture(scope="module")
def content(portal, worker) -> None:
    create_project("Baumblick")


def editor_address() -> str:
    return model.User.get("editor").email


def add(owner: Page, title: str) -> None:
    """Add a task to the project."""
    owner.goto("/civic_project/tasks/baumblick")
    owner.locator("#field-title").fill(title)
    owner.get_by_role("button", name="Add the task").click()
    expect(owner.get_by_text("has been saved")).to_be_visible()


def take(page: Page, title: str, who: str, address: str) -> None:
    """Take a task of the page, up to the mail."""
    page.get_by_role("link", name=f"I’ll do it: {title}").click()
    page.get_by_label("Your name").fill(who)
    page.get_by_label("Your e-mail address").fill(address)
    page.get_by_label("I agree").check()
    take_time(page)
    page.get_by_role("button", name="I’ll do it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Almost done")


def report(page: Page, words: str) -> None:
    """Say on the page of one's task that it is done."""
    page.locator("summary", has_text="I’m done").click()
    page.get_by_label("A word to the people").fill(words)
    page.get_by_role("button", name="I’m done").click()
    expect(page.get_by_text("You said on")).to_be_visible()


def look_at_print(page: Page, heading: str) -> None:
    """Look at what the page that thanks is on paper."""
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.get_by_text("by the people of the project")).to_be_visible()
    for selector in (".masthead", ".site-footer"):
        expect(page.locator(selector)).to_be_hidden()
    page.emulate_media(media="screen")


def test_a_task_is_added_taken_and_given_back(visit, mailbox):
    add(visit("/civic_project/tasks/baumblick", "editor"), OTHER)
    page = visit("/civic_project/help-wanted?view=tasks")
    take(page, OTHER, "Ada", "ada@example.org")
    text = mailbox.wait_for("ada@example.org", "Would you like to take")
    page.goto(PROJECT)
    expect(page.get_by_text("Somebody is at it")).to_have_count(0)
    page.goto(link_in(text, "/confirm/"))
    page.get_by_role("button", name="Yes, I’ll do it").click()
    expect(page.get_by_text("is yours now").first).to_be_visible()
    page.goto(PROJECT)
    expect(page.get_by_text("Somebody is at it")).to_be_visible()
    assert "ada@example.org" not in page.content()

    told = mailbox.wait_for(editor_address(), "Somebody does it")
    assert "ada@example.org" in told
    own = mailbox.wait_for("ada@example.org", "Your task")
    page.goto(link_in(own, "/link/"))
    page.locator("summary", has_text="Give it back").click()
    page.get_by_role("button", name="Give it back").click()
    expect(page.get_by_text("open again")).to_be_visible()
    mailbox.wait_for(editor_address(), "Open again")
    page.goto(link_in(own, "/link/"))
    expect(page.get_by_text("can’t be used").first).to_be_visible()


def test_a_volunteer_finds_a_task_does_it_and_is_thanked(visit, mailbox):
    owner = visit("/civic_project/tasks/baumblick", "editor")
    add(owner, TITLE)
    page = visit("/civic_project/help-wanted?view=tasks")
    take(page, TITLE, "Bo", "bo@example.org")
    text = mailbox.wait_for("bo@example.org", "Would you like to take")
    page.goto(link_in(text, "/confirm/"))
    page.get_by_role("button", name="Yes, I’ll do it").click()
    own = mailbox.wait_for("bo@example.org", "Your task")
    page.goto(link_in(own, "/link/"))
    report(page, "Alle beschrieben")
    told = mailbox.wait_for(editor_address(), "Please look at it")
    assert "> Alle beschrieben" in told

    owner.goto("/civic_project/tasks/baumblick")
    expect(owner.get_by_text("bo@example.org")).to_be_visible()
    expect(owner.get_by_text("Alle beschrieben")).to_be_visible()
    owner.locator("summary", has_text="Confirm that it is done").click()
    owner.get_by_label("A word to whoever").fill("Wunderbar!")
    owner.get_by_role("button", name="Confirm that it is done").click()
    expect(owner.get_by_text("How nice!")).to_be_visible()
    text = mailbox.wait_for("bo@example.org", "thank you!")
    assert "> Wunderbar!" in text
    page.goto(link_in(text, "/thanks/"))
    look_at_print(page, "Thank you, Bo")
    page.goto("/civic_project/help-wanted?view=tasks")
    expect(page.get_by_text(TITLE)).to_have_count(0)
    page.goto(PROJECT)
    expect(page.get_by_text("1 task is done")).to_be_visible()
