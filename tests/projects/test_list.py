"""The list of projects: its order, its filters, and what nothing finds."""

from __future__ import annotations

import pytest

from ckan.tests import factories
from ckan.tests.helpers import changed_config
from dev.counting import counting

from ..acting import as_portal
from ..browsing import Browser, html, text_of
from ..conftest import ProjectFactory
from ..indexing import one_commit

pytestmark = pytest.mark.usefixtures("shared_app")

LIST = "/civic_project/"


@pytest.fixture
def browser(shared_app) -> Browser:
    return Browser(shared_app)


@pytest.fixture(scope="module", autouse=True)
def projects(shared_portal) -> None:
    """Projects of all kinds, made in an order that says nothing."""
    full = {"summary": "Ein Satz", "notes": "Ein Text"}
    organization = factories.Organization(name="amt", title="Amt für Bäume")
    with one_commit():
        for title, fields in (
            (
                "Beendet, sucht noch",
                {"stage": "ended", "help_wanted": ["care"]},
            ),
            ("Idee, voll", {"stage": "idea", **full}),
            ("Läuft, leer", {"stage": "live", "summary": ""}),
            ("Läuft, voll", {"stage": "live", **full}),
            ("Ruht, voll", {"stage": "paused", **full}),
            (
                "Idee, sucht",
                {"stage": "idea", "help_wanted": ["care"], **full},
            ),
            ("Idee, leer", {"stage": "idea", "summary": ""}),
        ):
            ProjectFactory(title=title, owner_org=organization["id"], **fields)


def titles(browser: Browser, path: str) -> list[str]:
    page = html(browser.get(path))
    return [text_of(tag) for tag in page.select("#results .card-title")]


class TestOrder:
    def test_first_what_lives_or_seeks_and_says_something(self, browser):
        assert titles(browser, LIST) == [
            "Idee, sucht",
            "Läuft, voll",
            "Läuft, leer",
            "Idee, voll",
            "Idee, leer",
            "Ruht, voll",
            "Beendet, sucht noch",
        ]

    def test_is_named_for_what_it_is(self, browser):
        page = html(browser.get(LIST))
        chosen = page.select_one("#field-project-sort option")
        assert text_of(chosen) == "Active or looking for help first"
        page = html(browser.get(f"{LIST}?q=voll"))
        chosen = page.select_one("#field-project-sort option")
        assert text_of(chosen) == "Relevance"

    def test_what_was_chosen_counts(self, browser):
        assert titles(browser, f"{LIST}?sort=title_string+asc") == sorted(
            titles(browser, LIST)
        )

    def test_an_empty_choice_is_none(self, browser):
        assert titles(browser, f"{LIST}?sort=&q=") == titles(browser, LIST)

    def test_others_who_ask_for_all_packages_get_cores(self, shared_app):
        found = as_portal(
            "package_search", fq="dataset_type:(dataset OR civic_project)"
        )
        assert found["sort"] == "score desc, metadata_modified desc"


class TestUnknownParameters:
    @pytest.mark.parametrize(
        "query", ["utm_source=brief&utm_medium=mail", "fbclid=x", "foo=bar"]
    )
    def test_are_no_filters_and_in_no_link(self, query, browser):
        response = browser.get(f"{LIST}?{query}&vocab_stage=live")
        page = html(response)
        assert len(page.select("#results .card-title")) == 2
        name = query.split("=")[0]
        links = [
            tag["href"]
            for tag in page.select("[role=main] a, [role=main] form")
            if tag.get("href")
        ]
        assert not [link for link in links if name in link]
        assert not page.select(f"[role=main] input[name={name}]")

    def test_are_in_no_link_to_other_pages(self, browser):
        with changed_config("ckan.datasets_per_page", 3):
            page = html(browser.get(f"{LIST}?utm_source=x&vocab_stage=idea"))
            page = html(browser.get(f"{LIST}?utm_source=x"))
        links = [tag["href"] for tag in page.select(".pagination a")]
        assert links
        assert not [link for link in links if "utm_source" in link]

    @pytest.mark.parametrize(
        ("query", "count"),
        [("groups=gibtesnicht", 0), ("organization=amt", 7), ("ext_x=1", 7)],
    )
    def test_what_core_knows_still_counts(self, query, count, browser):
        assert len(titles(browser, f"{LIST}?{query}")) == count

    def test_other_lists_stay_as_they_are(self, browser):
        response = browser.get("/dataset/?foo=bar")
        assert "foo" in response.get_data(as_text=True)


class TestNothingFound:
    def test_filters_are_named_in_words_and_can_go(self, browser):
        path = f"{LIST}?q=nirgends&vocab_help_wanted=content&vocab_stage=live"
        page = html(browser.get(path))
        chips = [text_of(tag) for tag in page.select(".digifarm-filters a")]
        assert chips[0].startswith("Words: nirgends")
        assert chips[1].startswith("Help wanted: Help with content")
        assert chips[2].startswith("Stage: Live")
        [link] = page.select(
            ".digifarm-search-state a:-soup-contains('Remove all filters')"
        )
        assert link["href"].endswith("/civic_project/?q=nirgends")

    @pytest.mark.parametrize(
        "query", ["organization=amt", "organization=amt&vocab_stage=ended"]
    )
    def test_one_organization_is_named_as_one(self, query, browser):
        page = html(browser.get(f"{LIST}?{query}"))
        [chip, *_] = page.select(".digifarm-filters a")
        assert text_of(chip).startswith("Organization: ")

    def test_what_matches_one_of_the_filters_comes_close(self, browser):
        path = f"{LIST}?vocab_help_wanted=care&vocab_stage=live"
        assert {*titles(browser, path)} == {
            "Idee, sucht",
            "Läuft, leer",
            "Läuft, voll",
        }

    def test_words_without_the_filters_come_close(self, browser):
        path = f"{LIST}?q=Idee&vocab_stage=live"
        assert len(titles(browser, path)) == 3

    def test_a_mistyped_word_is_guessed(self, browser):
        page = html(browser.get(f"{LIST}?q=Beendt"))
        guess = page.select_one("#results .lead")
        assert text_of(guess) == "Did you mean Beendet ?"
        assert guess.a["href"].endswith("?q=Beendet")
        assert titles(browser, f"{LIST}?q=Beendt") == ["Beendet, sucht noch"]

    @pytest.mark.parametrize(
        "query", ["xyzxyz", "((", "a:b:", "*", "-x", '"x', "\\", "AND"]
    )
    def test_anything_may_be_typed(self, query, browser):
        assert browser.get(LIST, query_string={"q": query}).status_code == 200

    def test_costs_one_search_more(self, browser):
        browser.get(f"{LIST}?q=nirgends")
        with counting() as cost:
            browser.get(f"{LIST}?q=nirgends")
        assert len(cost.solr) == 2
        with counting() as cost:
            browser.get(f"{LIST}?q=Idee")
        assert len(cost.solr) == 1


class TestEmptyListOfDatasets:
    def test_says_that_there_is_a_project(self, browser):
        page = html(browser.get("/dataset/?q=beendet"))
        found = page.select_one(".digifarm-found")
        assert text_of(found) == "1 civic project found"
        assert found.a["href"] == "/civic_project/?q=beendet"
        page = html(browser.get("/de/dataset/?q=beendet"))
        assert page.select_one(".digifarm-found a")["href"].startswith("/de/")

    def test_says_nothing_where_there_is_none(self, browser):
        page = html(browser.get("/dataset/?q=nirgends"))
        assert not page.select(".digifarm-found")

    def test_says_nothing_of_private_ones(self, browser):
        ProjectFactory(title="Heimlichtuerei", private=True)
        page = html(browser.get("/dataset/?q=heimlichtuerei"))
        assert not page.select(".digifarm-found")

    def test_costs_a_search_only_where_it_is_empty(self, browser):
        factories.Dataset(title="Tabelle der Bänke")
        for query, searches in (("bänke", 1), ("nirgends", 2), ("", 1)):
            browser.get(f"/dataset/?q={query}")
            with counting() as cost:
                page = html(browser.get(f"/dataset/?q={query}"))
            assert len(cost.solr) == searches, query
        assert not page.select(".digifarm-found")
