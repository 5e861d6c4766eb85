"""Everything that matters works without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .content import create_dataset, create_project, link

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("portal")]


@pytest.fixture
def open_page(visit):
    """Opens a page in a browser without JavaScript."""

    def open_page(path: str, user: str | None = None) -> Page:
        return visit(path, user, java_script_enabled=False)

    return open_page


@pytest.fixture(scope="module")
def content(portal) -> None:
    project = create_project(
        "Baumblick", help_wanted=["care"], action_fields=["environment"]
    )
    create_project("Marktplan", help_wanted=["content"])
    link(project, create_dataset("Baumkataster", name="baumkataster"))
    create_dataset("Parkbänke", name="parkbaenke")


@pytest.mark.usefixtures("content")
class TestVisitors:
    def test_search_filter_and_read(self, open_page):
        page = open_page("/civic_project")
        page.get_by_role("link", name="A caretaker").click()
        pills = page.get_by_role("list", name="Active filters")
        expect(pills.get_by_role("link")).to_have_count(1)
        page.get_by_label("Search civic projects").fill("baumblick")
        page.get_by_role("main").get_by_role("button", name="Search").click()
        page.get_by_role("link", name="Baumblick").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Baumblick")
        page.get_by_role("link", name="Baumkataster").click()
        expect(page.locator("#links")).to_contain_text("Baumblick")

    def test_order(self, open_page):
        page = open_page("/civic_project")
        page.get_by_label("Order by").select_option("Newest first")
        page.get_by_role("main").get_by_role("button", name="Search").click()
        expect(page.locator(".card-title")).to_have_text(
            ["Marktplan", "Baumblick"]
        )
