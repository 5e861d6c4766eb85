"""Either side links on its page, by keyboard too."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ckan import model
from ckanext.digifarm.links.model import Link

from ..acting import as_portal
from .content import create_dataset, create_project, link
from .visiting import NARROW, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

PROJECT = "/civic_project/baumblick"
DATASET = "/dataset/baumkataster"


@pytest.fixture(scope="module")
def packages(portal):
    create_dataset("Baumhöhen", name="baumhoehen")
    create_dataset("Geheime Akten", name="geheim", private=True)
    project = create_project("Baumblick")
    as_portal(
        "package_collaborator_create",
        id=project["id"],
        user_id="owner",
        capacity="editor",
    )
    return project, create_dataset("Baumkataster", name="baumkataster")


@pytest.fixture
def content(packages):
    """A project and datasets that are not linked, before each test."""
    model.Session.query(Link).delete()
    model.Session.commit()
    return packages


def combobox(page: Page):
    return page.locator("#links").get_by_role("combobox")


def chosen(page: Page):
    return page.locator("#chosen-linked")


def options(page: Page):
    return page.get_by_role("option")


def open_form(page: Page, summary: str):
    page.locator("summary", has_text=summary).click()
    return combobox(page)


@pytest.mark.parametrize(
    ("path", "summary", "typed", "title", "side"),
    [
        (PROJECT, "Link datasets", "baumk", "Baumkataster", "the project"),
        (
            DATASET,
            "Link civic projects",
            "bau",
            "Baumblick",
            "the publisher of the data",
        ),
    ],
)
def test_links_and_unlinks_by_keyboard(
    path, summary, typed, title, side, visit
):
    page = visit(path, "editor")
    tab_to(page.locator("summary", has_text=summary))
    page.keyboard.press("Enter")
    tab_to(combobox(page))
    page.keyboard.type(typed)
    expect(options(page)).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(options(page).first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(chosen(page).get_by_label(title)).to_be_checked()
    expect(combobox(page)).to_have_value("")
    expect(combobox(page)).to_have_attribute("aria-expanded", "false")
    tab_to(page.get_by_label("It uses the data"))
    page.keyboard.press("ArrowDown")
    tab_to(page.get_by_label("How?"))
    page.keyboard.type("Jeder Baum ein Punkt")
    page.keyboard.press("Enter")

    expect(page.get_by_text("The link has been saved.")).to_be_visible()
    links = page.locator("#links")
    expect(links.get_by_role("link", name=title)).to_be_visible()
    for words in (
        "Jeder Baum ein Punkt",
        "The project provides this data",
        f"Linked by {side}",
    ):
        expect(links).to_contain_text(words)

    # Removing asks once.
    tab_to(page.locator("summary", has_text="Remove"))
    page.keyboard.press("Enter")
    tab_to(page.get_by_role("button", name=f"Remove the link: {title}"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("The link has been removed.")).to_be_visible()
    expect(page.get_by_role("button", name="Remove the link")).to_have_count(0)


def test_a_click_picks_a_suggestion(visit):
    page = visit(PROJECT, "editor", width=NARROW)
    field = open_form(page, "Link datasets")
    field.press_sequentially("baum")
    expect(options(page)).to_have_count(2)
    options(page).filter(has_text="Baumhöhen").click()
    page.get_by_role("button", name="Create links").click()
    expect(page.locator("#links")).to_contain_text("Baumhöhen")


def test_the_arrows_go_round_and_escape_closes(visit):
    page = visit(PROJECT, "editor")
    field = open_form(page, "Link datasets")
    field.press_sequentially("baum")
    expect(options(page)).to_have_count(2)
    for selected in (1, 0, 1):
        field.press("ArrowUp")
        expect(options(page).nth(selected)).to_have_attribute(
            "aria-selected", "true"
        )
    chosen = options(page).nth(1).get_attribute("id")
    expect(field).to_have_attribute("aria-activedescendant", chosen)
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).not_to_have_attribute("aria-activedescendant", chosen)
    expect(field).to_have_value("baum")
    field.press("ArrowDown")
    expect(options(page)).to_have_count(2)


def test_a_screen_reader_hears_what_was_found(visit):
    page = visit(PROJECT, "editor")
    field = open_form(page, "Link datasets")
    status = page.locator("[data-module=digifarm-picker] [role=status]")
    field.press_sequentially("baumk")
    expect(status).to_have_text("Suggestions: 1")
    field.fill("zzz")
    expect(status).to_have_text("Nothing matches. Please try other words.")


def test_several_are_linked_at_once_by_keyboard(visit):
    page = visit(PROJECT, "editor")
    field = open_form(page, "Link datasets")
    for typed in ("baumk", "baumh"):
        field.press_sequentially(typed)
        expect(options(page)).to_have_count(1)
        field.press("ArrowDown")
        field.press("Enter")
    field.press("Enter")
    expect(page.get_by_text("2 links have been saved.")).to_be_visible()
    for title in ("Baumhöhen", "Baumkataster"):
        expect(page.locator("#links")).to_contain_text(title)


def test_words_that_nothing_was_picked_for_are_asked_about(visit):
    page = visit(PROJECT, "editor")
    field = open_form(page, "Link datasets")
    field.press_sequentially("baumk")
    options(page).first.click()
    field.fill("baumh")
    page.get_by_role("button", name="Create links").click()
    expect(chosen(page).get_by_label("Baumkataster")).to_be_checked()
    chosen(page).get_by_label("Baumkataster").uncheck()
    page.get_by_label("Baumhöhen").check()
    page.get_by_role("button", name="Save the links").click()
    expect(page.locator("#links")).to_contain_text("Baumhöhen")
    expect(page.locator("#links")).not_to_contain_text("Baumkataster")


@pytest.mark.parametrize(("user", "count"), [("editor", 1), ("owner", 0)])
def test_what_is_private_is_offered_to_its_readers_only(user, count, visit):
    page = visit(PROJECT, user)
    field = open_form(page, "Link datasets")
    status = page.locator("[data-module=digifarm-picker] [role=status]")
    field.press_sequentially("geheime")
    expect(status).not_to_be_empty()
    expect(options(page)).to_have_count(count)


def test_readers_see_links_but_no_buttons(content, visit):
    link(*content, note="Jeder Baum ein Punkt")
    for path, title in ((PROJECT, "Baumkataster"), (DATASET, "Baumblick")):
        for user in (None, "reader"):
            page = visit(path, user)
            links = page.locator("#links")
            expect(links.get_by_role("link", name=title)).to_be_visible()
            expect(links).to_contain_text("Jeder Baum ein Punkt")
            expect(links.get_by_role("button")).to_have_count(0)
            expect(links.locator("summary")).to_have_count(0)


def test_german(content, visit):
    link(*content)
    page = visit(f"/de{PROJECT}", "editor")
    links = page.locator("#links")
    expect(links).to_contain_text("Das Projekt nutzt diese Daten")
    field = open_form(page, "Datensätze verknüpfen")
    field.press_sequentially("baumh")
    options(page).first.click()
    links.get_by_role("button", name="Verknüpfen", exact=True).click()
    expect(links).to_contain_text("Baumhöhen")
    assert "/de/" in page.url
