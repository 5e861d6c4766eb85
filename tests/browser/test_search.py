"""Visitors find projects by words, filters and order."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .content import create_project

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("projects")]


@pytest.fixture(scope="module")
def projects(portal) -> None:
    for title, help_wanted, action_fields in (
        ("Zebrastreifen", ["technology", "care"], ["mobility"]),
        ("Apfelbäume", ["technology"], ["environment", "participation"]),
        ("Marktplan", ["content"], ["environment"]),
    ):
        create_project(
            title,
            summary=f"Alles über {title}",
            help_wanted=help_wanted,
            action_fields=action_fields,
        )


def cards(page: Page):
    return page.locator(".digifarm-card .card-title")


def filters(page: Page):
    return page.get_by_role("list", name="Active filters").get_by_role("link")


def facet(page: Page, name: str):
    return page.locator("#search-facets").get_by_role("link", name=name)


def test_filters_are_added_and_removed(visit):
    page = visit("/civic_project")
    expect(page.get_by_text("3 civic projects")).to_be_visible()
    expect(facet(page, "Technical help")).to_contain_text("2")
    facet(page, "Technical help").click()
    expect(cards(page)).to_have_count(2)
    facet(page, "Environment").click()
    expect(cards(page)).to_have_text(["Apfelbäume"])
    expect(page.get_by_text("1 civic project", exact=True)).to_be_visible()
    expect(filters(page)).to_have_text(
        [re.compile("Technical help"), re.compile("Environment")]
    )
    expect(facet(page, "Environment")).to_have_attribute(
        "aria-current", "true"
    )

    filters(page).filter(has_text="Technical help").click()
    expect(filters(page)).to_have_count(1)
    expect(cards(page)).to_have_count(2)
    page.go_back()
    expect(filters(page)).to_have_count(2)
    expect(cards(page)).to_have_text(["Apfelbäume"])
    facet(page, "Environment").click()
    expect(filters(page)).to_have_text(re.compile("Technical help"))
    expect(cards(page)).to_have_count(2)


def test_values_of_one_filter_narrow_the_list(visit):
    page = visit("/civic_project")
    facet(page, "Environment").click()
    facet(page, "Participation").click()
    expect(cards(page)).to_have_text(["Apfelbäume"])
    expect(filters(page)).to_have_count(2)


def test_words_are_searched_within_the_filters(visit):
    page = visit("/civic_project?vocab_action_fields=environment")
    search = page.get_by_label("Search civic projects")
    search.fill("marktplan")
    search.press("Enter")
    expect(cards(page)).to_have_text(["Marktplan"])
    expect(filters(page)).to_have_text(
        [re.compile("marktplan"), re.compile("Environment")]
    )
    expect(search).to_have_value("marktplan")
    filters(page).filter(has_text="Environment").click()
    expect(page).to_have_url(re.compile("q=marktplan"))
    search.fill("Zebrastreifen")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(cards(page)).to_have_text(["Zebrastreifen"])


def test_nothing_that_matches_is_said(visit):
    page = visit("/civic_project?q=nirgends")
    expect(page.get_by_role("status")).to_have_text(
        re.compile("No civic project matches")
    )
    expect(cards(page)).to_have_count(0)


@pytest.mark.parametrize("query", ['"offen', "a:b:", "((", "*"])
def test_any_characters_can_be_searched(query, visit):
    page = visit("/civic_project")
    search = page.get_by_label("Search civic projects")
    search.fill(query)
    search.press("Enter")
    expect(page).to_have_url(re.compile(r"[?&]q="))
    expect(page.get_by_role("status")).to_be_visible()
    expect(search).to_have_value(query)


def test_the_order_is_chosen(visit):
    page = visit("/civic_project?vocab_help_wanted=technology")
    order = page.get_by_label("Order by")
    button = page.get_by_role("main").get_by_role("button", name="Search")
    order.select_option("Title")
    button.click()
    expect(cards(page)).to_have_text(["Apfelbäume", "Zebrastreifen"])
    order.select_option("Newest first")
    button.click()
    expect(cards(page)).to_have_text(["Apfelbäume", "Zebrastreifen"])
    expect(order).to_have_value("metadata_created desc")
    expect(filters(page)).to_have_count(1)


def test_the_main_navigation_leads_to_the_list(visit):
    page = visit("/about")
    page.get_by_role("navigation").get_by_role(
        "link", name="Civic projects"
    ).click()
    expect(cards(page)).to_have_count(3)
    expect(page).to_have_title(re.compile("^Civic projects"))


@pytest.mark.parametrize("place", [".card-text", ".card-footer"])
def test_a_card_leads_to_its_project_wherever_it_is_clicked(place, visit):
    page = visit("/civic_project?q=zebrastreifen")
    box = page.locator(f".digifarm-card {place}").bounding_box()
    page.mouse.click(box["x"] + 2, box["y"] + 2)
    expect(page).to_have_url(re.compile("/civic_project/zebrastreifen"))
