"""Support that has an end goes on by one click, or runs out.

The clock of the code is moved; nobody waits.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from ckan import model
from ckanext.digifarm.lib import clock

from ..acting import as_portal
from ..confirmations.calendar import Calendar
from .content import create_project
from .visiting import NARROW, go_until_it_says, link_in, send_all

pytestmark = pytest.mark.browser

PROJECT = "/civic_project/kirschallee"

#: Partners, by the area in which they give help.
PARTNERS = {"technology": "Serverfreunde", "content": "Lesekreis"}

WITHOUT_LOGIN = "/civic_project/confirm/link/"


@pytest.fixture(scope="module")
def calendar(portal, worker) -> Iterator[Calendar]:
    """A project of whose help all ends in 40 days."""
    project = create_project("Kirschallee", stage="live")
    as_portal(
        "package_collaborator_create",
        id=project["id"],
        user_id="owner",
        capacity="editor",
    )
    until = (clock.now() + datetime.timedelta(days=40)).date().isoformat()
    for area, title in PARTNERS.items():
        as_portal(
            "digifarm_partner_create",
            title=title,
            kind="association",
            contact_name=title,
            contact_email=f"{title.lower()}@example.org",
        )
        as_portal(
            "digifarm_support_create",
            project=project["id"],
            area=area,
            partner=title.lower(),
            until=until,
        )
    with pytest.MonkeyPatch.context() as patch:
        found = Calendar(patch)
        found.go_on(0.01)
        send_all(found)
        yield found


def open_mail(
    visit: Any, mailbox: Any, to: str, subject: str, **options: Any
) -> Page:
    """Follow the link of a mail, without an account."""
    text = mailbox.wait_for(to, subject)
    page = visit("/civic_project/about", **options)
    # The mail was written here, where the portal has another address.
    page.goto(urlsplit(link_in(text, WITHOUT_LOGIN)).path)
    return page


def test_both_sides_see_until_when(calendar, visit):
    page = visit(PROJECT)
    for title in PARTNERS.values():
        item = page.locator(".digifarm-holders li", has_text=title)
        expect(item).to_contain_text("until")


def test_it_goes_on_by_a_click_of_who_gives_it(calendar, visit, mailbox):
    address = "serverfreunde@example.org"
    page = open_mail(
        visit, mailbox, address, "by Serverfreunde go on", width=NARROW
    )
    page.get_by_role("link", name="It goes on until a day").click()
    page.get_by_role("button", name="Send this answer").click()
    expect(page.get_by_text("Nothing has been saved yet")).to_be_visible()
    page.get_by_label("Until").fill("12/2999")
    page.get_by_role("button", name="Send this answer").click()
    expect(page.get_by_text("How nice that it goes on!")).to_be_visible()
    item = page.locator(".digifarm-holders li", has_text="Serverfreunde")
    expect(item).to_contain_text("December 2999")
    mailbox.wait_for(model.User.get("owner").email, "it runs until")


def test_what_nobody_answers_runs_out(calendar, visit, mailbox):
    calendar.go_on(42)
    send_all(calendar)
    for to in ("lesekreis@example.org", model.User.get("owner").email):
        text = mailbox.wait_for(to, "it has run out")
        assert "looks for that help again" in text
    page = visit(PROJECT)
    go_until_it_says(page, PROJECT, "Wanted")
    holders = page.locator(".digifarm-holders")
    expect(holders).to_have_count(1)
    expect(holders).to_contain_text("Serverfreunde")
    card = page.locator(".card", has_text="Help with content")
    expect(card).to_contain_text("Wanted")
