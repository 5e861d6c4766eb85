"""Everybody reads the numbers, on pages and as tables."""

from __future__ import annotations

import csv
import io
import json
from unittest import mock

import pytest

from ckan import model
from ckanext.digifarm.lib import clock
from ckanext.digifarm.statistics import aggregating

from ..browsing import html, text_of
from . import story

PAGE = "/civic_project/statistics"
NOW = story.noon("2025-12-15")

pytestmark = pytest.mark.usefixtures("no_numbers")


@pytest.fixture
def told(no_numbers):
    story.write()
    with mock.patch.object(clock, "now", return_value=NOW):
        aggregating.rebuild()
        model.Session.commit()
        yield


def test_page(told, app):
    page = app.get(f"{PAGE}?since=2024-01&until=2024-12")
    text = text_of(html(page))
    assert "The numbers begin in Jan 2024." in text
    assert "1 of 2 (50 %) at the end" in text


def test_nothing_was_counted_yet(app):
    assert "Nothing has been counted yet." in text_of(html(app.get(PAGE)))


def test_report(told, app):
    page = app.get(f"{PAGE}/2025")
    assert "Civic projects in 2025" in text_of(html(page))
    app.get(f"{PAGE}/2023", status=404)
    app.get(f"{PAGE}/2026", status=404)


@pytest.mark.parametrize(
    "query",
    ["since=abc", "since=2024-13", "step=day", "until=%00", "since=0000-01"],
)
def test_what_is_wrong_is_said(told, app, query):
    page = app.get(f"{PAGE}?{query}")
    assert 'aria-invalid="true"' in page.text or "Step" in text_of(html(page))
    app.get(f"{PAGE}/export.csv?{query}", status=400)


def test_table(told, app):
    response = app.get(f"{PAGE}/export.csv?since=2024-01&until=2024-03")
    rows = [*csv.DictReader(io.StringIO(response.text))]
    assert [row["period"] for row in rows] == ["2024-01", "2024-02", "2024-03"]
    assert [row["projects_alive"] for row in rows] == ["1", "2", "3"]
    assert [row["help_days.technology.median"] for row in rows] == [
        "",
        "",
        "60",
    ]


def test_the_page_leads_to_what_it_shows(told, app):
    page = html(app.get(f"{PAGE}?since=2024-01&until=2024-03"))
    links = page.select("a[href*='export.']")
    assert [(link.text, link["href"]) for link in links] == [
        (label, f"{PAGE}/export.{end}")
        for label, end in (
            ("CSV", "csv?since=2024-01&until=2024-03"),
            ("CSV for Excel", "csv?since=2024-01&until=2024-03&excel=1"),
            ("JSON", "json?since=2024-01&until=2024-03"),
        )
    ]


def test_json(told, app):
    response = app.get(f"{PAGE}/export.json?since=2024-01&until=2024-03")
    found = json.loads(response.text)
    values = {n["number"]: n["values"] for n in found["numbers"]}
    assert values["projects_alive"] == [1, 2, 3]


@pytest.mark.parametrize("origin", ["Hackathon", "Zukunftstag"])
def test_what_is_asked_for_can_be_chosen(origin, told, app):
    """Even where it is none of those that are offered."""
    page = html(app.get(PAGE, query_string={"origin": origin}))
    [select] = page.select("#field-origin")
    options = [option["value"] for option in select.select("option")]
    assert options == ["", *sorted({"Hackathon", origin})]
    [marked] = select.select("option[selected]")
    assert marked["value"] == origin


@pytest.mark.parametrize("name", ["organization", "action_field"])
def test_so_it_is_with_all_that_is_asked_for(name, told, app):
    page = html(app.get(PAGE, query_string={name: "of-few-projects"}))
    [marked] = page.select(f"#field-{name} option[selected]")
    assert marked["value"] == "of-few-projects"
