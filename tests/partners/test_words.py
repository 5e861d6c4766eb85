"""Partners are found by the words that people type, as projects are."""

from __future__ import annotations

import pytest

from ckan.tests.helpers import changed_config
from dev.counting import counting

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of

#: Titles with descriptions and competences.
PARTNERS = {
    "Freunde der Bäume": ("Wir pflanzen.", []),
    "Busfreunde Musterstadt": ("Wir fahren mit Bussen.", []),
    "Spielplatzrunde": ("Spielplätze für alle", ["Rutschen"]),
    "Stadtratsfraktion": ("Beschlüsse verstehen", []),
    "Radwerkstatt": ("Wir richten Fahrräder.", ["Fahrrad", "Lastenräder"]),
    "Schreibwerk": ("Leichte Sprache, auch im Haushalt", ["Redaktion"]),
    "Trees and Friends": ("We plant trees.", ["libraries"]),
}

FOUND = {
    "Baeume": "Freunde der Bäume",
    "Baum": "Freunde der Bäume",
    "bäumen": "Freunde der Bäume",
    "Bus": "Busfreunde Musterstadt",
    "Busse": "Busfreunde Musterstadt",
    "Spielplaetze": "Spielplatzrunde",
    "Spielplatz": "Spielplatzrunde",
    "Stadtrat": "Stadtratsfraktion",
    "Beschluss": "Stadtratsfraktion",
    "Beschluß": "Stadtratsfraktion",
    "Fahrräder": "Radwerkstatt",
    "Werkstatt": "Radwerkstatt",
    "Werkstätten": "Radwerkstatt",
    "radw": "Radwerkstatt",
    "werksta": "Radwerkstatt",
    "RÄDER": "Radwerkstatt",
    "Sprachen": "Schreibwerk",
    "tree": "Trees and Friends",
    "libraries": "Trees and Friends",
    "Vorträge": "Radwerkstatt",
    "100%": None,
    "_": None,
}


@pytest.fixture(scope="module", autouse=True)
def partners(shared_app) -> None:
    for title, (description, competences) in PARTNERS.items():
        as_portal(
            "digifarm_partner_create",
            title=title,
            kind="association",
            description=description,
            offer="Ein Vortrag" if title == "Radwerkstatt" else "",
            competences=competences,
        )


@pytest.fixture(autouse=True)
def german(shared_app):
    with changed_config("ckan.locale_default", "de"):
        yield


def search(query: str) -> tuple[list[str], str]:
    found = as_user("", "digifarm_partner_search", q=query)
    return [one["title"] for one in found["results"]], found["meant"]


@pytest.mark.parametrize(("query", "title"), FOUND.items())
def test_a_word_in_any_form_finds_a_partner(query, title):
    titles, _ = search(query)
    assert titles == ([title] if title else [])


def test_all_words_must_be_there():
    assert search("Baum pflanzen")[0] == ["Freunde der Bäume"]
    assert search("Baum Bus")[0] == []


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("Fahrad", "Fahrrad"),
        ("Spielplatzrund", ""),
        ("Redaktoin", "Redaktion"),
        ("Freunde der Baäume", "Freunde der Bäume"),
        ("nirgends", ""),
        ("Fahrad nirgends", ""),
    ],
)
def test_a_mistyped_word_is_guessed(query, meant):
    assert search(query)[1] == meant


def test_the_page_offers_the_guess(shared_app):
    page = html(Browser(shared_app).get("/en/partner/?q=Fahrad"))
    guess = page.select_one("[role=main] .lead + form ~ .lead")
    assert text_of(guess) == "Did you mean Fahrrad ?"
    assert guess.a["href"] == "/en/partner/?q=Fahrrad"


def test_a_statement_more_where_nothing_is_found(shared_app):
    with counting() as found:
        search("Fahrrad")
    with counting() as guessed:
        search("Fahrad")
    assert len(guessed.sql) <= len(found.sql) + 1
