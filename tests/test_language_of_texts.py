"""Texts that people wrote say their language, where the page has another."""

from __future__ import annotations

import datetime

import pytest
from babel.dates import format_date
from bs4 import Tag

from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import language
from ckanext.digifarm.lib.language import tag

from .acting import as_portal
from .browsing import Browser, html
from .conftest import ProjectFactory

FULL = {
    "summary": "Kurz gesagt",
    "public_value": "Gut für alle",
    "stage_note": "Läuft schon",
    "notes": "Ein *langer* Text",
    "other_data": "Wetterdaten",
    "deployment": "Ein Befehl",
    "further_information": "Zeitung lesen",
    "operator": "Der Verein",
    "initiators": "Die Gruppe",
    "contact_name": "Das Team",
    "help_wanted": ["content"],
    "content_help": "Texte schreiben",
}

#: What stands on the page of the project, its task and partner.
WRITTEN = [
    "Baumblick",
    *(text for text in FULL.values() if isinstance(text, str)),
    "Fotos machen",
]


@pytest.fixture(scope="module", autouse=True)
def content(shared_app) -> dict[str, str]:
    with changed_config("ckan.locale_default", "de"):
        project = ProjectFactory(title="Baumblick", name="baumblick", **FULL)
        ProjectFactory(
            title="Dutch trees", name="dutch", summary="Bomen", language="nl"
        )
        task = as_portal(
            "digifarm_task_create",
            project=project["id"],
            title="Fotos machen",
            description="Zehn *Bilder*",
        )
        as_portal(
            "digifarm_partner_create",
            title="Lesefreunde",
            kind="association",
            description="Wir lesen vor",
            competences=["Vorlesen"],
        )
    return {"task": f"/civic_project/tasks/take/{task['id']}"}


@pytest.fixture
def browser(shared_app):
    with changed_config("ckan.locale_default", "de"):
        yield Browser(shared_app)


def languages(browser: Browser, path: str, text: str) -> set[str | None]:
    """The languages in which a text stands on a page, in its main part."""
    main = html(browser.get(path)).select_one("[role=main]")
    assert main
    found = [
        node.parent
        for node in main.find_all(string=True)
        if node.strip() == text
    ]
    assert found, text
    return {language_of(element) for element in found}


def language_of(element: Tag) -> str | None:
    marked = element if element.get("lang") else element.find_parent(lang=True)
    return str(marked["lang"]) if marked else None


@pytest.mark.parametrize("text", WRITTEN)
def test_german_texts_of_a_project_say_so_on_an_english_page(text, browser):
    parts = {"Ein *langer* Text": "langer"}
    path = "/en/civic_project/baumblick"
    assert languages(browser, path, parts.get(text, text)) == {"de"}


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("/en/civic_project/", ["Baumblick", "Kurz gesagt"]),
        (
            "/en/civic_project/help-wanted",
            ["Baumblick", "Kurz gesagt", "Texte schreiben"],
        ),
        ("/en/civic_project/help-wanted?view=tasks", ["Fotos machen"]),
        ("/en/partner/", ["Lesefreunde", "Wir lesen vor"]),
        (
            "/en/partner/lesefreunde",
            ["Lesefreunde", "Wir lesen vor", "Vorlesen"],
        ),
        ("/en{task}", ["Bilder"]),
    ],
)
def test_so_they_do_elsewhere(path, texts, content, browser):
    for text in texts:
        assert languages(browser, path.format(**content), text) == {"de"}


def test_words_of_the_page_are_in_its_own(browser):
    for path in ("/en/civic_project/baumblick", "/en/civic_project/"):
        page = html(browser.get(path))
        assert page.html["lang"] == "en"
    path = "/en/civic_project/baumblick"
    assert languages(browser, path, "How to join in") == {"en"}


def test_in_the_language_of_the_page_nothing_is_marked(browser):
    path = "/civic_project/baumblick"
    assert languages(browser, path, "Kurz gesagt") == {"de"}
    main = html(browser.get(path)).select_one("[role=main]")
    assert not main.select("[lang]")


@pytest.mark.parametrize(
    "path", ["/civic_project/dutch", "/en/civic_project/"]
)
def test_an_entry_says_another_one(path, browser):
    assert languages(browser, path, "Bomen") == {"nl"}


@pytest.mark.parametrize(
    ("language", "name"),
    [("de", "de"), ("de_AT", "de-AT"), ("sr@latin", "sr-Latn")],
)
def test_languages_are_named_as_html_names_them(language, name):
    assert tag(language) == name


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("en", "October 1, 2021"),
        ("en_GB", "1 October 2021"),
        ("en_AU", "1 October 2021"),
        ("de", "1. Oktober 2021"),
        ("de_AT", "1. Oktober 2021"),
        ("fr", "1 octobre 2021"),
        ("pt_BR", "1 de outubro de 2021"),
        ("sr@latin", "1. oktobar 2021."),
        # No dialect that Babel knows.
        ("de_XY", "1. Oktober 2021"),
    ],
)
def test_dates_are_written_as_in_the_dialect(spoken, written):
    date = datetime.date(2021, 10, 1)
    locale = language.locale_of(spoken)
    assert format_date(date, "long", locale=locale) == written
