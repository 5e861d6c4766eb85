"""Once a year: four answers by real mails, and silence that a click undoes.

The clock of the code is moved; nobody waits.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from ckan import model

from ..acting import as_portal
from ..confirmations.calendar import Calendar
from .content import create_project
from .visiting import NARROW, WIDE, go_until_it_says, link_in, send_all

pytestmark = pytest.mark.browser

TITLES = (
    "Alles gut",
    "Braucht Rat",
    "Sucht jemanden",
    "Ist vorbei",
    "Schweigt",
    "Gibt es anderswo",
)

WITHOUT_LOGIN = "/civic_project/confirm/link/"


@pytest.fixture(scope="module")
def calendar(portal, worker) -> Iterator[Calendar]:
    """A portal whose projects are a year old."""
    for title in TITLES:
        stage = "wanted_here" if title == "Gibt es anderswo" else "live"
        project = create_project(
            title, stage=stage, help_wanted=["technology"]
        )
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id="owner",
            capacity="editor",
        )
    as_portal("digifarm_task_create", project="schweigt", title="Zählen")
    with pytest.MonkeyPatch.context() as patch:
        found = Calendar(patch)
        found.go_on(366)
        send_all(found)
        yield found


def owner_address() -> str:
    return model.User.get("owner").email


def open_mail(visit: Any, mailbox: Any, words: str, **options: Any) -> Page:
    """Follow a link of the one mail about all projects, without an account."""
    text = mailbox.wait_for(owner_address(), f"and {len(TITLES) - 1} more")
    [question] = [part for part in text.split("- ") if words in part]
    page = visit("/civic_project/about", **options)
    # The mail was written here, where the portal has another address.
    page.goto(urlsplit(link_in(question, WITHOUT_LOGIN)).path)
    return page


def test_everything_is_as_it_says(calendar, visit, mailbox):
    page = open_mail(visit, mailbox, "Is “Alles gut”", width=NARROW)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Is “Alles gut” still as its page says?"
    )
    link = page.url
    page.get_by_role("button", name="Everything is as it says").click()
    expect(page.get_by_text("This page says now")).to_be_visible()
    month = time.strftime("%B %Y", time.gmtime())
    go_until_it_says(page, "/civic_project/alles-gut", f"Confirmed in {month}")
    go_until_it_says(page, "/civic_project?q=alles", f"Confirmed in {month}")
    page.goto(link)
    expect(page.get_by_text("It has been answered")).to_be_visible()


def test_help(calendar, visit, mailbox):
    page = open_mail(visit, mailbox, "Is “Braucht Rat”")
    page.get_by_role("button", name="We need help").click()
    expect(page.get_by_label("Technical help", exact=True)).to_be_checked()
    page.get_by_label("Help with content", exact=True).check()
    page.get_by_label("Help with content – what exactly").fill("Texte")
    page.get_by_role("button", name="Send this answer").click()
    expect(page.get_by_text("This page looks for that help")).to_be_visible()
    go_until_it_says(page, "/civic_project/braucht-rat", "Texte")


def test_somebody_else_should_take_it_over(calendar, visit, mailbox):
    page = open_mail(visit, mailbox, "Is “Sucht jemanden”")
    page.get_by_role("button", name="Somebody else should take it").click()
    page.get_by_label("Caretaker – what exactly").fill("Einmal im Monat")
    page.get_by_role("button", name="Send this answer").click()
    go_until_it_says(page, "/civic_project/sucht-jemanden", "Einmal im Monat")
    page.get_by_role("link", name="Look after this project").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_it_has_ended(calendar, visit, mailbox):
    page = open_mail(visit, mailbox, "Is “Ist vorbei”")
    page.get_by_role("button", name="It has ended").click()
    # Without a choice nothing happens.
    page.get_by_role("button", name="Send this answer").click()
    expect(page.get_by_text("Nothing has been saved yet")).to_be_visible()
    page.get_by_label("What has become of it").select_option("ended")
    page.get_by_label("The reason in your words").fill("Kein Server mehr")
    page.get_by_role("button", name="Send this answer").click()
    go_until_it_says(page, "/civic_project/ist-vorbei", "Kein Server mehr")


def test_what_is_wanted_here(calendar, visit, mailbox):
    page = open_mail(visit, mailbox, "Is “Gibt es anderswo”")
    page.get_by_role("button", name="It is in use here by now").click()
    page.get_by_label("Note on the stage").fill("Seit Mai im Rathaus")
    page.get_by_role("button", name="Send this answer").click()
    go_until_it_says(
        page, "/civic_project/gibt-es-anderswo", "Seit Mai im Rathaus"
    )
    go_until_it_says(page, "/civic_project/gibt-es-anderswo", "Live")


def test_silence_to_the_end(calendar, visit, mailbox):
    """Everybody is asked in turn, and one click of an owner undoes it."""
    for days in (15, 28, 14, 14):
        calendar.go_on(days)
        send_all(calendar)
    mailbox.wait_for(owner_address(), "Once more: Is “Schweigt”")
    editor = model.User.get("editor").email
    mailbox.wait_for(editor, "Do you know how “Schweigt” is doing")
    page = visit("/civic_project/review?part=unconfirmed", "admin")
    expect(
        page.get_by_role("link", name="Schweigt", exact=True)
    ).to_be_visible()

    calendar.go_on(20)
    send_all(calendar)
    mailbox.wait_for(owner_address(), "“Schweigt” counts as not confirmed")
    page = visit("/civic_project/schweigt", width=NARROW)
    go_until_it_says(page, "/civic_project/schweigt", "Nobody has confirmed")
    closed = page.get_by_text("Closed for now", exact=True)
    expect(closed).to_be_visible()
    expect(page.get_by_text("They are closed until")).to_be_visible()
    expect(page.get_by_role("link", name="I’ll do it")).to_have_count(0)
    go_until_it_says(page, "/civic_project?q=schweigt", "Not confirmed")

    page = visit("/civic_project/schweigt", "owner", width=WIDE)
    page.get_by_role("button", name="Everything is as it says").click()
    expect(page.get_by_text("This page says now")).to_be_visible()
    expect(page.locator("#silent")).to_have_count(0)
    expect(page.get_by_role("link", name="I’ll do it")).to_be_visible()
    go_until_it_says(page, "/civic_project?q=schweigt", "Looking for")
