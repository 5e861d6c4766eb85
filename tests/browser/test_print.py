"""The page of a project on paper."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from ckan import model
from ckanext.digifarm.confirmations.achievements import Achievement
from ckanext.digifarm.projects import fields, stages
from ckanext.digifarm.statistics.groups import ALL
from ckanext.digifarm.statistics.model import Counted, Figure
from ckanext.digifarm.statistics.numbers import ALIVE, OVER, Kind, Number

from ..acting import as_portal
from .content import (
    ALL_FIELDS,
    count,
    create_dataset,
    create_project,
    link,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

#: So many rows a report can have.
ROWS = 35

#: As long as what was achieved may be.
LONG = ("Einwohnerinnen und Einwohner aller Stadtteile " * 7)[:299] + "."

#: What leads on from a page, and does so on no paper.
LEADS_ON = (
    ".masthead",
    ".account-masthead",
    ".site-footer",
    ".breadcrumb",
    ".page-header",
    ".secondary",
    "form",
    ".btn",
)


@pytest.fixture(scope="module")
def content(portal, server) -> None:
    picture = f"{server}/base/images/ckan-logo.png"
    usual = create_project("Baumblick", image_url=picture, **ALL_FIELDS)
    long = create_project(
        "Langer Text", **{**ALL_FIELDS, "notes": "Viele Worte davon. " * 200}
    )
    create_project("Nur ein Titel")
    dataset = create_dataset("Baumkataster", name="baumkataster")
    for project in (usual, long):
        link(project, dataset, note="Zeigt jeden Baum")
        for area in ("content", "care"):
            as_portal(
                "digifarm_support_create",
                project=project["id"],
                area=area,
                person="Kim",
                consent=True,
                scope="Ein Jahr",
            )
        for title in ("Bilder beschreiben", "Bäume zählen"):
            as_portal(
                "digifarm_task_create", project=project["id"], title=title
            )


@pytest.fixture
def on_paper(visit) -> Callable[..., Page]:
    def on_paper(path: str, user: str | None = None) -> Page:
        page = visit(path, user)
        page.emulate_media(media="print")
        return page

    return on_paper


def sheets(page: Page) -> int:
    """On how many sheets of A4 a page is printed."""
    page.emulate_media(media=None)
    printed: Any = page.pdf(prefer_css_page_size=True)
    assert re.search(rb"/MediaBox \[0 0 59[45]\S* 84[12]\S*\]", printed)
    return len(re.findall(rb"/Type /Page\b(?!s)", printed))


@pytest.mark.parametrize(
    ("name", "most"),
    [("nur-ein-titel", 1), ("baumblick", 2), ("langer-text", 2)],
)
@pytest.mark.parametrize("language", ["", "/de"])
def test_takes_a_sheet_or_two(name, most, language, visit):
    page = visit(f"{language}/civic_project/{name}")
    assert sheets(page) <= most


@pytest.mark.parametrize("language", ["", "/de"])
def test_the_report_of_a_year_takes_one_sheet(language, content, visit):
    count()
    page = visit(f"{language}/civic_project/statistics/2025")
    expect(page.get_by_role("table").first).to_be_visible()
    assert sheets(page) == 1


@pytest.mark.parametrize("language", ["", "/de"])
def test_so_does_one_of_all_there_can_be(language, content, visit):
    count()
    _happen_all()
    page = visit(f"{language}/civic_project/statistics/2025")
    rows = page.locator(".digifarm-report tbody th")
    assert rows.count() == ROWS
    expect(page.locator(".digifarm-achievements")).to_contain_text(LONG)
    assert sheets(page) == 1


def _happen_all() -> None:
    """Let all that can be counted happen, and much be achieved."""
    model.Session.execute(sa.delete(Figure))
    keys = {
        number: fields.areas()
        for number in Number
        if number.value.startswith(("help_", "supports"))
    }
    keys[Number.PROJECTS] = [c["value"] for c in fields.choices("stage")]
    keys[Number.PROJECTS_OVER] = [*stages.OVER]
    keys[Number.AFTER_ONE_YEAR] = keys[Number.AFTER_TWO_YEARS] = [ALIVE, OVER]
    keys[Number.HELPED] = ["yes", "partly", "no"]
    for number in Number:
        if number.value.startswith("reasons_"):
            keys[number] = ["no_time", "other", "rights", "unsuitable"]
    for year in (2024, 2025):
        month = datetime.date(year, 12, 1)
        amounts = {
            Counted(number, key, ALL, days): 1234
            for number in Number
            for key in keys.get(number, [""])
            for days in ([21, 321] if number.kind is Kind.DURATION else [0])
        }
        Figure.write(month, amounts)
    projects = model.Session.query(model.Package).filter_by(
        type="civic_project"
    )
    for project in projects:
        model.Session.merge(
            Achievement(project_id=project.id, year=2025, text=LONG)
        )
    model.Session.commit()


@pytest.mark.parametrize("user", [None, "editor"])
def test_shows_what_it_is_and_leads_nowhere(user, on_paper):
    page = on_paper("/civic_project/baumblick", user)
    for selector in LEADS_ON:
        for element in page.locator(selector).all():
            expect(element).to_be_hidden()
    main = page.get_by_role("main")
    for words in ("Baumblick", "Eine Karte", "Technical help", "Kim"):
        expect(main).to_contain_text(words)


def test_says_where_it_is_found(on_paper, server):
    page = on_paper("/civic_project/baumblick")
    block = page.locator(".digifarm-printed")
    expect(block).to_be_visible()
    expect(block).to_contain_text(f"{server}/civic_project/baumblick")
    expect(block.locator("svg")).to_be_visible()
    page.emulate_media(media="screen")
    expect(block).to_be_hidden()


def test_other_pages_are_printed_as_before(on_paper):
    page = on_paper("/dataset/baumkataster")
    expect(page.locator(".page-header").first).to_be_visible()
