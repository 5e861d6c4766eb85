"""Where projects appear on pages that are not their own."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from ..acting import as_user
from .content import ORGANIZATION, create_dataset, create_project, link

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]


@pytest.fixture(scope="module")
def content(portal) -> None:
    wanted = create_project("Baumblick", help_wanted=["technology"])
    create_project("Fertig", stage="live")
    dataset = create_dataset("Baumkataster", name="baumkataster")
    create_dataset("Parkbänke", name="parkbaenke")
    link(wanted, dataset, note="Jeder Baum ein Punkt")


def test_home_shows_who_looks_for_help(visit):
    page = visit("/")
    part = page.locator(".digifarm-part")
    expect(part).to_contain_text("These projects look for support")
    expect(part.locator(".card-title")).to_have_text(["Baumblick"])
    part.get_by_role("link", name="Baumblick").click()
    expect(page).to_have_url(re.compile("/civic_project/baumblick"))


def test_organisation_has_a_part_for_its_projects(visit):
    page = visit(f"/organization/{ORGANIZATION}")
    part = page.locator(".digifarm-part")
    expect(part.locator(".card-title")).to_have_count(2)
    expect(page.get_by_text("2 datasets found")).to_be_visible()


def test_dataset_lists_hold_datasets_and_say_who_uses_them(visit):
    page = visit("/dataset")
    expect(page.get_by_text("2 datasets found")).to_be_visible()
    expect(page.locator("#search-results")).not_to_contain_text("Fertig")
    item = page.locator(".dataset-item", has_text="Baumkataster")
    expect(item).to_contain_text("1 civic project with this data")
    other = page.locator(".dataset-item", has_text="Parkbänke")
    expect(other).not_to_contain_text("with this data")


def test_dataset_says_who_uses_it(visit):
    page = visit("/dataset/baumkataster")
    section = page.locator("#links")
    expect(section.get_by_role("heading").first).to_have_text(
        "Civic projects with this data"
    )
    expect(section).to_contain_text("Jeder Baum ein Punkt")
    section.get_by_role("link", name="Baumblick").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Baumblick")
    expect(page.locator("#links")).to_contain_text("Baumkataster")


def test_dataset_that_nobody_uses_asks_for_projects(visit):
    page = visit("/dataset/parkbaenke")
    section = page.locator("#links")
    expect(section).to_contain_text("No civic project is linked yet.")
    expect(section.get_by_role("link")).to_have_text(
        ["Propose a project with this data"]
    )


def test_who_deletes_a_dataset_is_warned(visit):
    page = visit("/dataset/delete/baumkataster", "editor")
    warning = page.get_by_role("alert")
    expect(warning).to_contain_text("may stop working without it")
    expect(warning.get_by_role("link")).to_have_text(
        ["Baumblick", "Name a successor first"]
    )
    page.goto("/dataset/delete/parkbaenke")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_old_version_of_a_dataset_shows_no_buttons(visit):
    as_user("admin", "package_patch", id="baumkataster", notes="Alle Bäume")
    page = visit("/dataset/activity/baumkataster", "editor")
    page.get_by_role("link", name="View this version").first.click()
    expect(page.locator("#links summary")).to_have_count(0)
