"""The list of projects, on a phone, by keyboard, with many entries."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from ckan.tests import factories

from ..acting import as_portal
from ..indexing import one_commit
from .axe import violations
from .content import ALL_FIELDS, create_project
from .visiting import NARROW, SMALL, WIDE, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

#: More than a page has.
MANY = 45

#: What sticks out of a page that can be scrolled sideways.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? []
    : [...document.querySelectorAll('*')]
        .filter(e => e.getBoundingClientRect().right > innerWidth)
        .map(e => e.outerHTML.slice(0, 100))"""

LONG = "Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung"


@pytest.fixture(scope="module")
def content(portal) -> None:
    # Without it, nobody can propose a project.
    factories.Organization(name="pruefstelle", title="Prüfstelle")
    with one_commit():
        for number in range(MANY):
            create_project(
                f"Projekt {number}",
                name=f"projekt-{number}",
                stage="live",
                help_wanted=["care"],
            )
            as_portal(
                "digifarm_partner_create",
                title=f"Partner {number}",
                kind="association",
            )
        long = {
            **ALL_FIELDS,
            **dict.fromkeys(
                ("notes", "public_value", "content_help"), f"{LONG} {LONG}"
            ),
            "summary": LONG,
            "operator": LONG,
            "technologies": [LONG],
            "tags": [{"name": LONG}],
            "source_url": f"https://code.example.org/{LONG.lower()}",
        }
        project = create_project(LONG, name="lang", **long)
    for number in range(MANY):
        as_portal(
            "digifarm_task_create",
            project=project["id"],
            title=f"{LONG} {number}",
            skills=[LONG],
        )
    as_portal(
        "digifarm_partner_create",
        title=LONG,
        name="lang",
        kind="association",
        description=LONG,
        url=f"https://example.org/{LONG.lower()}",
        competences=[LONG],
        areas=["care"],
    )


PAGES = (
    "/civic_project",
    "/de/civic_project?page=2",
    "/civic_project?q=nirgends&vocab_stage=live",
    "/civic_project?q=Grundst%C3%BCcksverkehrsgenehmigungszust%C3%A4ndigkeit",
    "/civic_project/lang",
    "/de/civic_project/lang",
    "/civic_project/help-wanted",
    "/de/civic_project/about",
    "/partner",
    "/partner?page=2",
    "/partner/lang",
    "/partner/register",
    "/de/civic_project/propose",
    "/civic_project/support/offer/lang",
)


def summary(page: Page):
    return page.locator("#search-facets > summary")


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_with_many_entries(path, visit):
    assert violations(visit(path)) == []


@pytest.mark.parametrize("width", [SMALL, NARROW])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways(path, width, visit):
    page = visit(path, width=width)
    for is_open in (False, True):
        page.evaluate(
            "open => document.querySelectorAll('details')"
            ".forEach(d => d.open = open)",
            is_open,
        )
        assert page.evaluate(TOO_WIDE) == []


class TestFilters:
    @pytest.mark.parametrize("java_script_enabled", [True, False])
    def test_open_above_the_results_on_a_phone(
        self, java_script_enabled, visit
    ):
        page = visit(
            "/civic_project",
            width=NARROW,
            java_script_enabled=java_script_enabled,
        )
        link = page.locator("#search-facets").get_by_role(
            "link", name="Live 4"
        )
        expect(link).to_be_hidden()
        summary(page).click()
        expect(link).to_be_visible()
        first = page.locator(".digifarm-card").first.bounding_box()
        assert link.bounding_box()["y"] < first["y"]
        assert summary(page).bounding_box()["y"] < first["y"]
        link.click()
        expect(page).to_have_url(re.compile("vocab_stage=live"))
        expect(page).not_to_have_url(re.compile("#"))
        expect(link).to_be_hidden()
        expect(page.get_by_role("status")).to_be_in_viewport()

    def test_are_beside_the_results_on_a_wide_screen(self, visit):
        page = visit("/civic_project", width=WIDE)
        link = page.locator("#search-facets").get_by_role(
            "link", name="Live 4"
        )
        expect(link).to_be_visible()
        expect(summary(page)).to_be_hidden()
        card = page.locator(".digifarm-card").first.bounding_box()
        assert link.bounding_box()["x"] < card["x"]


def test_the_keyboard_gets_to_the_results_at_once(visit):
    page = visit("/civic_project")
    link = page.get_by_role("link", name="To the results")
    tab_to(link)
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    first = page.locator(".digifarm-card a").first
    expect(first).to_be_focused()


def test_links_to_other_pages_have_names(visit):
    page = visit("/civic_project?page=2")
    pages = page.get_by_role("navigation", name="Pages")
    for name in ("Previous page", "Page 1", "Page 3", "Next page"):
        expect(pages.get_by_role("link", name=name)).to_be_visible()
    here = pages.get_by_role("link", name="Page 2")
    expect(here).to_have_attribute("aria-current", "page")
    pages.get_by_role("link", name="Next page").click()
    expect(page).to_have_url(re.compile("page=3"))
    expect(page.locator(".digifarm-card").first).to_be_visible()
