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


@pytest.fixture(scope="module")
def content(portal, worker) -> None:
    create_project("Baumblick")


def editor_address() -> str:
    return model.User.get("editor").email


def take(page: Page, who: str, address: str) -> None:
    """Take the task of the page, up to the mail."""
    page.get_by_role("link", name=f"I’ll do it: {TITLE}").click()
    page.get_by_label("Your name").fill(who)
    page.get_by_label("Your e-mail address").fill(address)
    page.get_by_label("I agree").check()
    take_time(page)
    page.get_by_role("button", name="I’ll do it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Almost done")


def test_a_task_is_added_taken_given_back_taken_and_done(visit, mailbox):
    owner = visit("/civic_project/tasks/baumblick", "editor")
    owner.locator("#field-title").fill(TITLE)
    owner.get_by_role("button", name="Add the task").click()
    expect(owner.get_by_text("has been saved")).to_be_visible()

    page = visit("/civic_project/help-wanted")
    take(page, "Ada", "ada@example.org")
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

    page.goto(PROJECT)
    take(page, "Bo", "bo@example.org")
    text = mailbox.wait_for("bo@example.org", "Would you like to take")
    page.goto(link_in(text, "/confirm/"))
    page.get_by_role("button", name="Yes, I’ll do it").click()
    mailbox.wait_for("bo@example.org", "Your task")

    owner.goto("/civic_project/tasks/baumblick")
    expect(owner.get_by_text("bo@example.org")).to_be_visible()
    owner.locator("summary", has_text="Done").click()
    owner.get_by_label("A word to whoever").fill("Wunderbar!")
    owner.get_by_role("button", name="Mark the task as done").click()
    expect(owner.get_by_text("How nice!")).to_be_visible()
    assert "> Wunderbar!" in mailbox.wait_for("bo@example.org", "thank you!")
    page.goto("/civic_project/help-wanted")
    expect(page.get_by_text(TITLE)).to_have_count(0)
    page.goto(PROJECT)
    expect(page.get_by_text("1 task is done")).to_be_visible()
