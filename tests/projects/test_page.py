"""What the page of a project says first, and what of the help it needs."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest
import segno
from bs4 import Tag

from ckan.tests.helpers import call_action, changed_config

from ..acting import as_portal
from ..browsing import Browser, html, text_of
from ..conftest import create_owned_project

pytestmark = pytest.mark.usefixtures("shared_app")

ALL_AREAS = ("content", "technology", "sponsoring", "care")


@pytest.fixture
def project(people) -> dict[str, Any]:
    return create_owned_project(people)


@pytest.fixture
def open_page(shared_app):
    def open_page(project: dict[str, Any], query: str = "") -> Tag:
        path = f"/civic_project/{project['name']}{query}"
        response = Browser(shared_app).get(path)
        assert response.status_code == 200
        return html(response).select_one("[role=main]")

    return open_page


def change(project: dict[str, Any], **fields: Any) -> None:
    as_portal("package_patch", id=project["id"], **fields)


def record(project: dict[str, Any], area: str, **data: Any) -> None:
    call_action(
        "digifarm_support_create", project=project["id"], area=area, **data
    )


def cards(page: Tag) -> dict[str, Tag]:
    """The cards of the areas, by what they offer, in order."""
    found = {}
    for card in page.select("#help .card"):
        link = card.select_one("a[href*='/support/offer/']")
        found[link["href"].rpartition("area=")[2]] = card
    return found


def is_wanted(card: Tag) -> bool:
    badge = card.select_one(".badge")
    return badge is not None and text_of(badge) == "Wanted"


class TestHelp:
    def test_a_card_tells_who_gives_it_since_when_and_what_it_is(
        self, project, open_page
    ):
        """Also where nobody is looked for any more."""
        change(project, technology_help="Der **Server**", help_wanted=[])
        record(
            project,
            "technology",
            person="Kim",
            consent=True,
            scope="Betrieb bis 2027",
            since="2021-10",
        )
        [card] = cards(open_page(project)).values()
        assert not is_wanted(card)
        said = text_of(card)
        for words in (
            "Technical help",
            "Der Server",
            "Kim",
            "Betrieb bis 2027",
            "since October 2021",
        ):
            assert words in said
        assert text_of(card.select_one("a.btn")) == "Offer support"

    def test_what_is_wanted_comes_first(self, project, open_page):
        record(project, "content", person="Kim", consent=True)
        change(project, help_wanted=["sponsoring"], sponsoring_help="Geld")
        found = cards(open_page(project))
        assert [*found] == ["sponsoring", "content"]
        assert [is_wanted(card) for card in found.values()] == [True, False]

    def test_more_may_be_wanted_of_what_is_given(self, project, open_page):
        record(project, "content", person="Kim", consent=True)
        change(project, help_wanted=["content"])
        [card] = cards(open_page(project)).values()
        assert is_wanted(card)
        assert "Kim" in text_of(card)

    def test_a_caretaker_is_wanted_once_and_first(self, project, open_page):
        change(project, help_wanted=[*ALL_AREAS], care_help="Ab Mai")
        page = open_page(project)
        found = cards(page)
        assert [*found] == ["care", "content", "technology", "sponsoring"]
        links = page.select("a[href*='area=care']")
        assert [text_of(link) for link in links] == ["Look after this project"]
        assert text_of(page).count("somebody who looks after it") == 1
        assert "Ab Mai" in text_of(page.select_one("#care"))

    def test_who_was_looked_for_is_so_no_longer(self, project, open_page):
        change(project, help_wanted=["care"], care_help="Wer macht das?")
        assert "Wer macht das?" in text_of(cards(open_page(project))["care"])
        change(project, help_wanted=[])
        record(project, "care", person="Kim", consent=True)
        said = text_of(cards(open_page(project))["care"])
        assert "Kim" in said
        assert "Wer macht das?" not in said

    def test_many_supporters_leave_the_texts_on_each_page(
        self, project, open_page
    ):
        change(project, content_help="Texte", technology_help="Ein Pi")
        for number in range(21):
            name = f"Person {number:02}"
            record(project, "content", person=name, consent=True)
        for query in ("", "?supporters=2"):
            found = cards(open_page(project, query))
            assert [*found] == ["content", "technology"]
            assert "Texte" in text_of(found["content"])

    def test_nothing_is_offered_to_what_is_deleted(
        self, project, people, shared_app
    ):
        change(project, help_wanted=["care"], care_help="Ab Mai")
        as_portal("package_delete", id=project["id"])
        editor = Browser(shared_app, people["project_editor"])
        page = editor.get(f"/civic_project/{project['name']}")
        assert "Ab Mai" in page.body
        assert "/support/offer/" not in page.body


class TestFirst:
    """What stands first for whoever comes."""

    def buttons(self, page: Tag) -> list[tuple[str, bool]]:
        """The words of the buttons on top; whether each is the main one."""
        return [
            (text_of(link), "btn-primary" in link["class"])
            for link in page.select_one(".digifarm-actions").select("a")
        ]

    @pytest.mark.parametrize("stage", ["live", "testing", "in_progress", ""])
    def test_is_to_try_what_works(self, stage, project, open_page):
        change(
            project,
            url="https://a.example.org",
            stage=stage,
            help_wanted=["care"],
        )
        assert self.buttons(open_page(project))[:2] == [
            ("Try it", True),
            ("How you can help", False),
        ]

    @pytest.mark.parametrize("stage", ["broken", "wanted_here"])
    def test_is_to_help_where_it_does_not(self, stage, project, open_page):
        change(
            project,
            url="https://a.example.org",
            stage=stage,
            help_wanted=["technology"],
        )
        page = open_page(project)
        assert self.buttons(page)[:2] == [
            ("How you can help", True),
            ("Go to the project", False),
        ]
        assert "Try it" not in text_of(page)

    @pytest.mark.parametrize("stage", ["broken", "ended"])
    def test_nothing_shouts_where_nothing_is_wanted(
        self, stage, project, open_page
    ):
        change(project, url="https://a.example.org", stage=stage)
        assert self.buttons(open_page(project)) == [
            ("Go to the project", False),
            ("Ask the team", False),
        ]

    def test_what_it_is_comes_before_what_it_wants(self, project, open_page):
        change(
            project,
            notes="Eine Karte aller Bäume",
            public_value="Bäume überleben",
            help_wanted=["care"],
        )
        said = text_of(open_page(project))
        order = [
            "Bäume überleben",
            "Eine Karte aller Bäume",
            "Who helps, and what is wanted",
            "Ask a question",
        ]
        places = [said.index(words) for words in order]
        assert places == sorted(places)


class TestOnPaper:
    """What only a printed page shows; see tests/browser, too."""

    @pytest.mark.parametrize("language", ["", "/de"])
    def test_it_says_where_it_is_found(self, language, project, shared_app):
        path = f"{language}/civic_project/{project['name']}"
        page = html(Browser(shared_app).get(path))
        block = page.select_one(".digifarm-printed")
        assert "d-none" in block["class"]
        address = f"{tk.config['ckan.site_url']}{path}"
        assert address in text_of(block)
        code = segno.make_qr(address, mask=4)
        assert block.select_one("path")["d"] in code.svg_inline(border=2)


class TestContact:
    def test_a_form_stands_beside_the_address(self, project, open_page):
        change(project, contact_email="baum@example.org")
        contact = open_page(project).select_one("#contact")
        assert [text_of(link) for link in contact.select("a")][:2] == [
            "Ask the team",
            "baum@example.org",
        ]

    def test_a_form_is_there_without_one(self, project, open_page):
        with changed_config("ckanext.digifarm.contact_email", None):
            contact = open_page(project).select_one("#contact")
        assert "Ask the team" in text_of(contact)
        assert "@" not in text_of(contact)
