"""A clerk's table comes onto the portal, by a real browser and worker."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from ckan.tests import factories

from ..acting import as_portal
from .axe import violations
from .content import (
    ORGANIZATION,
    ORGANIZATION_TITLE,
    create_person,
    create_project,
)
from .visiting import NARROW, SMALL, WIDE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("content", "worker"),
]

PAGE = "/civic_project/import"

HEAD = [
    "Titel",
    "Kurzbeschreibung",
    "Stand",
    "Beginn",
    "Handlungsfelder",
    "Responsible organisation",
]

#: As a clerk has written it, and how it is right: by cell.
WRONG = {
    "B2": ("x" * 400, "Zeigt, wo Schatten ist"),
    "C3": ("lebt", "In Betrieb"),
    "D4": ("gestern", "03/2024"),
    "E5": ("Wetter", "Umwelt"),
    "F6": ("Niemandsamt", ORGANIZATION_TITLE),
}


@pytest.fixture(scope="module")
def content(portal) -> None:
    create_person("importer")
    factories.Organization(
        name="pruefstelle",
        users=[{"name": "importer", "capacity": "editor"}],
    )
    as_portal(
        "organization_member_create",
        id=ORGANIZATION,
        username="importer",
        role="editor",
    )
    create_project("Baumblick")


def table(*, is_right: bool) -> bytes:
    """A clerk's table with five projects, and one that is there."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEAD)
    for n in range(1, 6):
        sheet.append(
            [
                f"Schattenweg {n}",
                "Zeigt Wege",
                "In Betrieb",
                "2024",
                "Umwelt",
                ORGANIZATION_TITLE,
            ]
        )
    sheet.append(["Baumblick", "Jetzt mit Vögeln", "", "", "", ""])
    for cell, (wrong, right) in WRONG.items():
        sheet[cell] = right if is_right else wrong
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def choose(page: Page, folder: Path, *, is_right: bool) -> None:
    file = folder / "projekte.xlsx"
    file.write_bytes(table(is_right=is_right))
    page.locator("[type=file]").set_input_files(file)
    page.locator("form[enctype] button").click()
    expect(page).to_have_url(re.compile(r"/import/[0-9a-f-]{36}$"))


def check(page: Page, *, has_scripts: bool) -> None:
    """Nothing is wrong with a page, at any width."""
    for width in (WIDE, NARROW, SMALL):
        page.set_viewport_size({"width": width, "height": 900})
        if has_scripts:
            assert violations(page) == []
            wide = "document.documentElement.scrollWidth"
            assert page.evaluate(wide) <= width


@pytest.mark.parametrize("scripts", [True, False], ids=["", "no scripts"])
def test_five_wrong_cells_are_mended(scripts, visit, tmp_path):
    page = visit(PAGE, "importer", java_script_enabled=scripts)
    check(page, has_scripts=scripts)
    page.locator("form[enctype] button").click()
    if scripts:
        # The browser says nothing in its own words.
        expect(page.locator("#field-upload-error")).to_be_visible()
        check(page, has_scripts=scripts)
    choose(page, tmp_path, is_right=False)
    # It comes by itself.
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "What would happen"
    )
    items = page.locator("ol.list-unstyled > li")
    for cell in WRONG:
        expect(items.filter(has_text=f"{cell} (")).to_have_count(1)
    expect(items.filter(has_text="can’t be imported")).to_have_count(5)
    check(page, has_scripts=scripts)
    page.get_by_role("link", name="can’t be imported").click()
    expect(items).to_have_count(5)
    page.get_by_role("button", name="No, upload a corrected file").click()

    choose(page, tmp_path, is_right=True)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "What would happen"
    )
    expect(items.filter(has_text="can’t be imported")).to_have_count(0)
    if scripts:
        expect(items.filter(has_text="will be created")).to_have_count(5)
        page.get_by_role("button", name="Yes, import 6 projects").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Your file is imported"
        )
        expect(items.filter(has_text="created")).to_have_count(5)
        check(page, has_scripts=scripts)
        page.get_by_role("link", name="schattenweg-1").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Schattenweg 1"
        )
        page.goto("/civic_project/baumblick")
        expect(page.get_by_text("Jetzt mit Vögeln").first).to_be_visible()
    else:
        # It is there already.
        expect(items.filter(has_text="stays as it is")).to_have_count(6)
        expect(page.get_by_text("There is nothing to import.")).to_be_visible()
        page.get_by_role("button", name="No, cancel").click()
        expect(page.get_by_text("Cancelled.")).to_be_visible()
