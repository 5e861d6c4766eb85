"""Everything that matters works without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .content import create_dataset, create_project, link, picture
from .visiting import take_time

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
        page.get_by_role("link", name="Baumblick", exact=True).click()
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


@pytest.mark.usefixtures("content")
class TestEditors:
    def test_write_a_project_and_mend_a_mistake(self, open_page):
        page = open_page("/civic_project/new", "editor")
        page.get_by_label("Summary").fill("Ohne Skript")
        page.get_by_label("Mobility").check()
        page.get_by_role("button", name="Save the").click()
        expect(page.get_by_role("alert")).to_contain_text("Title")
        expect(page.get_by_label("Mobility")).to_be_checked()
        page.get_by_label("Title").fill("Fahrplan")
        page.locator("summary", has_text="Picture").click()
        page.get_by_label("Upload a picture").set_input_files(picture())
        page.get_by_role("button", name="Save the").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Fahrplan")
        expect(page.locator(".digifarm-hero")).to_have_count(1)

    @pytest.mark.parametrize(
        ("path", "summary", "words", "title"),
        [
            (
                "/civic_project/marktplan",
                "Link datasets",
                "park",
                "Parkbänke",
            ),
            (
                "/dataset/parkbaenke",
                "Link civic projects",
                "baum",
                "Baumblick",
            ),
        ],
    )
    def test_search_pick_and_link(
        self, path, summary, words, title, open_page
    ):
        page = open_page(path, "editor")
        page.locator("summary", has_text=summary).click()
        page.get_by_label(re.compile("^Add (datasets|civic)")).fill(words)
        page.get_by_label("How?").fill("Ohne Skript")
        page.get_by_role("button", name="Create links").click()
        page.get_by_label(title).check()
        page.get_by_role("button", name="Save the links").click()
        links = page.locator("#links")
        expect(links.get_by_role("link", name=title)).to_be_visible()
        expect(links).to_contain_text("Ohne Skript")
        page.locator("summary", has_text="Remove").click()
        page.get_by_role("button", name=f"Remove the link: {title}").click()
        expect(page.get_by_text("The link has been removed")).to_be_visible()

    def test_link_several_and_say_why_one_is_removed(self, open_page):
        page = open_page("/civic_project/marktplan", "editor")
        page.locator("summary", has_text="Link datasets").click()
        for words, title in (("park", "Parkbänke"), ("baumk", "Baumkataster")):
            page.get_by_label("Add datasets").fill(words)
            page.get_by_role("button", name="links").click()
            page.get_by_label(title).check()
        page.get_by_role("button", name="Save the links").click()
        expect(page.get_by_text("2 links have been saved.")).to_be_visible()
        page = open_page("/dataset/parkbaenke", "editor")
        page.locator("summary", has_text="Remove").click()
        page.get_by_label("Why?").fill("Andere Bänke")
        page.get_by_role("button", name="Remove the link").click()
        expect(page.get_by_text("The link has been removed")).to_be_visible()

    def test_add_and_move_tasks_that_others_take(self, open_page):
        page = open_page("/civic_project/tasks/baumblick", "editor")
        for title in ("Zählen", "Malen"):
            page.get_by_label("Title").fill(title)
            page.get_by_label("Effort").select_option("An afternoon")
            page.get_by_role("button", name="Add the task").click()
        page.get_by_role("button", name="Up: Malen").click()
        page = open_page(
            "/civic_project/help-wanted?view=tasks&effort=afternoon", "reader"
        )
        cards = page.locator(".card-title")
        expect(cards).to_have_count(2)
        page.get_by_role("link", name="I’ll do it: Malen").click()
        page.get_by_label("I agree").check()
        take_time(page)
        page.get_by_role("button", name="I’ll do it").click()
        expect(page.get_by_text("It is yours since")).to_be_visible()

    @pytest.mark.parametrize("has_script", [True, False])
    @pytest.mark.parametrize(
        "field", ["url", "source_url", "info_url", "image_alt"]
    )
    def test_a_link_leads_to_the_field(self, field, has_script, visit):
        """Also where the part of the form that has it is folded."""
        path = f"/civic_project/edit/marktplan#field-{field}"
        page = visit(path, "editor", java_script_enabled=has_script)
        expect(page.locator(f"#field-{field}")).to_be_focused()
        expect(page.locator(f"#field-{field}")).to_be_visible()

    def test_only_what_is_wanted_is_asked_for(self, open_page):
        page = open_page(
            "/civic_project/confirm/baumblick?answer=help", "editor"
        )
        care = page.get_by_label("Caretaker – what exactly")
        content = page.get_by_label("Help with content – what exactly")
        expect(care).to_be_visible()
        expect(content).to_be_hidden()
        page.get_by_label("Help with content", exact=True).check()
        expect(content).to_be_visible()
        content.fill("Texte für alle")
        page.get_by_role("button", name="Send this answer").click()
        page.goto(
            f"{page.url.rpartition('/civic_project')[0]}"
            "/civic_project/baumblick"
        )
        expect(page.locator("#help")).to_contain_text("Texte für alle")

    def test_record_and_end_a_support(self, open_page):
        page = open_page("/civic_project/support/baumblick", "editor")
        page.get_by_label("Area").select_option("A caretaker")
        page.get_by_label("Or the name of a private person").fill("Kim")
        page.get_by_label("This person has agreed").check()
        page.get_by_role("button", name="Record the support").click()
        expect(page.get_by_text("The support has been saved")).to_be_visible()
        page.locator("summary", has_text="End …").click()
        page.get_by_role("button", name="End the support").click()
        expect(page.get_by_text("The support has ended")).to_be_visible()
