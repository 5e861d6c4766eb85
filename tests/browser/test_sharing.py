"""What is passed on, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .content import create_project

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]


@pytest.fixture(scope="module")
def content(portal, server) -> None:
    create_project("Baumblick", summary="Alle Bäume")


def test_the_address_of_a_page_is_copied(visit, server):
    page = visit("/civic_project/baumblick")
    share = page.locator("#share")
    share.get_by_role("button", name="Copy").click()
    expect(share.get_by_role("button", name="Copied")).to_be_visible()
    expect(share.get_by_role("status")).to_have_text("Copied")
    page.goto("/civic_project")
    field = page.locator("input[name=q]:visible").last
    field.focus()
    page.keyboard.press("Control+v")
    expect(field).to_have_value(f"{server}/civic_project/baumblick")


def test_without_a_clipboard_too(visit):
    page = visit("/civic_project/baumblick")
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(); }"
    )
    share = page.locator("#share")
    share.get_by_role("button", name="Copy").click()
    expect(share.get_by_role("button", name="Copied")).to_be_focused()


def test_without_javascript_it_stands_in_a_field(visit, server):
    page = visit("/civic_project/baumblick", java_script_enabled=False)
    field = page.get_by_label("Address of this page")
    expect(field).to_have_value(f"{server}/civic_project/baumblick")
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    page.get_by_text("Show a QR code").click()
    expect(page.locator("#share svg")).to_be_visible()
