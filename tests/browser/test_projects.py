"""Editors and owners write, change, delete and restore a project."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from ..acting import as_portal, as_user
from .content import ALL_FIELDS, create_project, picture
from .visiting import NARROW, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("portal")]


@pytest.fixture
def project():
    """A project that fills all fields, and is gone after the test."""
    project = create_project("Baumblick", **ALL_FIELDS)
    yield project
    as_portal("dataset_purge", id=project["id"])


def save(page: Page) -> None:
    page.get_by_role("button", name="Save the").click()


def unfold(page: Page, part: str) -> None:
    page.locator("summary", has_text=part).click()


class TestNew:
    def test_leads_from_the_list_to_the_page_of_the_project(self, visit):
        page = visit("/civic_project", "editor")
        page.get_by_role("link", name="Add a civic project").click()
        page.get_by_label("Title").fill("Sitzordnung im Rat")
        page.get_by_label("Summary").fill("Wer sitzt neben wem?")
        page.get_by_label("Stage", exact=True).select_option("Being tested")
        page.get_by_label("Participation").check()
        page.get_by_label("Technical help", exact=True).check()
        page.get_by_label("Technical help – what exactly").fill("**Tests**")
        page.get_by_label("Another licence").check()
        page.get_by_label("Its name, short name or address").fill("GPL v3")
        unfold(page, "Picture")
        page.get_by_label("Upload a picture").set_input_files(picture())
        page.get_by_label("What the picture shows").fill("Ein Sitzplan")
        save(page)

        expect(page).to_have_url(re.compile("/civic_project/sitzordnung"))
        main = page.get_by_role("main")
        expect(main.get_by_role("heading", level=1)).to_have_text(
            "Sitzordnung im Rat"
        )
        for words in ("Wer sitzt neben wem?", "Being tested", "GPL-3.0-only"):
            expect(main).to_contain_text(words)
        expect(page.locator("#help strong")).to_have_text("Tests")
        shown = main.get_by_role("img", name="Ein Sitzplan")
        assert shown.evaluate("image => image.naturalWidth") == 160

    def test_keeps_what_was_typed_and_leads_to_the_mistake(self, visit):
        page = visit("/civic_project/new", "editor")
        page.get_by_label("Title").fill("Ohne Datum")
        page.get_by_label("Economy").check()
        unfold(page, "Where it comes from")
        page.get_by_label("Started", exact=True).fill("gestern")
        save(page)
        summary = page.get_by_role("alert")
        expect(summary).to_be_focused()
        expect(page.get_by_label("Title")).to_have_value("Ohne Datum")
        expect(page.get_by_label("Economy")).to_be_checked()
        summary.get_by_role("link", name="Started").click()
        started = page.get_by_label("Started", exact=True)
        expect(started).to_be_visible()
        expect(started).to_have_value("gestern")
        expect(started).to_have_accessible_description(
            re.compile("Please give a date such as")
        )
        started.fill("2024-02")
        save(page)
        expect(page.get_by_text("February 2024")).to_be_visible()

    def test_works_by_keyboard_alone(self, visit):
        page = visit("/civic_project/new", "editor")
        tab_to(page.get_by_label("Title"))
        page.keyboard.type("Nur mit Tasten")
        tab_to(page.get_by_label("Mobility"))
        page.keyboard.press("Space")
        tab_to(page.locator("summary", has_text="Picture"))
        page.keyboard.press("Enter")
        tab_to(page.get_by_label("What the picture shows"))
        tab_to(page.get_by_role("button", name="Save the"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Nur mit Tasten"
        )
        expect(page.locator(".digifarm-project")).to_contain_text("Mobility")

    def test_asks_strangers_to_log_in(self, visit):
        page = visit("/civic_project/new")
        expect(page).to_have_url(re.compile("/user/login"))


@pytest.mark.usefixtures("project")
class TestEdit:
    def test_shows_what_was_changed_and_keeps_the_rest(self, visit):
        page = visit("/civic_project/baumblick", "editor")
        before = page.locator("#facts").inner_text()
        page.get_by_role("link", name="Manage").click()
        page.get_by_label("Summary").fill("Neu gesagt")
        page.get_by_label("Funding and sponsoring", exact=True).uncheck()
        save(page)
        expect(page.get_by_text("The project has been saved.")).to_be_visible()
        expect(page.locator(".lead").first).to_have_text("Neu gesagt")
        funding = page.locator("#help .card", has_text="Funding")
        expect(funding).to_contain_text("100 Euro")
        expect(funding).not_to_contain_text("Wanted")
        assert page.locator("#facts").inner_text() == before

    def test_by_an_owner_who_is_in_no_organisation(self, project, visit):
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id="owner",
            capacity="editor",
        )
        page = visit("/civic_project/edit/baumblick", "owner")
        page.get_by_label("Title").fill("Baumblick 2")
        save(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Baumblick 2"
        )

    def test_replaces_and_removes_the_picture(self, visit):
        for label, count in (("Upload a picture", 1), ("Remove", 0)):
            page = visit("/civic_project/edit/baumblick", "editor")
            unfold(page, "Picture")
            if count:
                page.get_by_label(label).set_input_files(picture())
            else:
                page.get_by_label("Remove the picture").check()
            save(page)
            expect(page.locator(".digifarm-hero")).to_have_count(count)


@pytest.mark.usefixtures("project")
class TestDelete:
    def test_and_restore(self, visit):
        page = visit("/civic_project/edit/baumblick", "editor")
        page.get_by_role("link", name="Delete").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Delete “Baumblick”?"
        )
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_text("has been deleted")).to_be_visible()
        expect(page.locator(".digifarm-card")).not_to_contain_text(
            ["Baumblick"]
        )
        page.goto("/civic_project/baumblick")
        page.get_by_role("button", name="Restore").click()
        expect(page.get_by_text("“Baumblick” is back")).to_be_visible()

    def test_may_be_thought_over(self, visit):
        page = visit("/civic_project/delete/baumblick", "editor")
        page.get_by_role("link", name="Cancel").click()
        expect(page).to_have_url(re.compile("/civic_project/baumblick$"))
        expect(page.get_by_text("has been deleted")).to_have_count(0)


@pytest.mark.usefixtures("project")
class TestHistory:
    def test_old_versions_are_shown_and_compared(self, visit):
        for title in ("Baumblick", "Baumblick neu"):
            as_user("admin", "package_patch", id="baumblick", title=title)
        page = visit("/civic_project/baumblick", "editor")
        page.get_by_role("link", name="Activity Stream").click()
        page.get_by_role("link", name="View this version").last.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Baumblick")
        expect(page.locator("#facts")).to_contain_text("Das Rechenzentrum")
        for words in ("Resource", "dataset", "data files"):
            expect(page.get_by_role("main")).not_to_contain_text(words)
        page.get_by_role("link", name="Show the current version").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Baumblick neu"
        )
        page.get_by_role("link", name="Activity Stream").click()
        page.get_by_role("link", name="Changes").first.click()
        expect(page.get_by_role("article")).to_contain_text(
            "Changed title to Baumblick neu (previously Baumblick)"
        )


@pytest.mark.usefixtures("project")
class TestGerman:
    def test_page(self, visit):
        page = visit("/de/civic_project/baumblick")
        expect(page.locator("html")).to_have_attribute("lang", "de")
        main = page.get_by_role("main")
        for heading in ("Wer hilft", "Mitmachen"):
            expect(
                main.get_by_role("heading", name=heading).first
            ).to_be_visible()
        for words in ("Jemand, der sich kümmert", "Umwelt", "Oktober 2021"):
            expect(main).to_contain_text(words)
        for words in (
            "Resource",
            "Ressource",
            "Help wanted",
            "Datensatz ",
            "Wanted",
        ):
            expect(main).not_to_contain_text(words)

    def test_form_and_its_mistakes(self, visit):
        page = visit("/de/civic_project/new", "editor")
        page.get_by_label("Kurzbeschreibung").fill("Ohne Titel")
        page.get_by_role("button", name="Speichern").click()
        expect(page.get_by_role("alert")).to_contain_text("Titel")
        page.get_by_label("Titel").fill("Mit Titel")
        page.get_by_role("button", name="Speichern").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Mit Titel")
        expect(page).to_have_url(re.compile("/de/civic_project/mit-titel"))


@pytest.mark.usefixtures("project")
class TestPhone:
    def test_comes_to_the_point_first(self, visit):
        page = visit("/civic_project/baumblick", width=NARROW)
        sidebar = page.locator("aside.secondary").bounding_box()
        content = page.locator(".digifarm-project").first.bounding_box()
        assert content["y"] < sidebar["y"]

    @pytest.mark.parametrize(
        ("path", "user"),
        [
            ("/civic_project", None),
            ("/civic_project/baumblick", "editor"),
            ("/civic_project/edit/baumblick", "editor"),
            ("/civic_project/about", None),
            ("/de/civic_project/baumblick", None),
        ],
    )
    def test_nothing_sticks_out(self, path, user, visit):
        page = visit(path, user, width=NARROW)
        page.evaluate(
            "document.querySelectorAll('details').forEach(d => d.open = true)"
        )
        sticking_out = page.get_by_role("main").evaluate(
            """main => [...main.querySelectorAll('*')]
                .filter(e => e.getBoundingClientRect().right > innerWidth)
                .map(e => e.outerHTML.slice(0, 100))"""
        )
        assert sticking_out == []
