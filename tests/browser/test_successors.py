"""A publisher names the newer dataset, an owner takes it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from ckan import model
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.successors.model import Successor

from ..acting import as_portal
from .content import create_dataset, create_project, link
from .visiting import NARROW, WIDE, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

OLD = "/dataset/haushalt-2025"
PROJECT = "/civic_project/baumblick"


@pytest.fixture(scope="module")
def packages(portal):
    create_dataset("Haushalt 2026", name="haushalt-2026")
    project = create_project("Baumblick")
    as_portal(
        "package_collaborator_create",
        id=project["id"],
        user_id="owner",
        capacity="editor",
    )
    return project, create_dataset("Haushalt 2025", name="haushalt-2025")


@pytest.fixture
def content(packages):
    """A project that is linked with the old dataset, before each test."""
    for table in (Successor, Link):
        model.Session.query(table).delete()
    model.Session.commit()
    link(*packages, note="Auf der Startseite")
    return packages


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_publisher_and_an_owner(width, visit):
    page = visit(OLD, "editor", width=width)
    page.get_by_role("link", name="Say which dataset replaces").click()
    tab_to(page.get_by_role("combobox", name="The newer dataset"))
    page.keyboard.type("haushalt")
    # Not the dataset itself.
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#successor")).to_have_text(
        "Replaced by Haushalt 2026"
    )
    page.locator("#successor").get_by_role("link").click()
    expect(page.locator("#predecessors")).to_contain_text("Haushalt 2025")

    page = visit(PROJECT, "owner", width=width)
    newer = page.locator(".digifarm-newer")
    expect(newer).to_contain_text("There is a newer one: Haushalt 2026")
    page.get_by_role("button", name="Use the new one: Haushalt 2026").click()
    expect(newer).to_have_count(0)
    links = page.locator("#links")
    expect(links).to_contain_text("Haushalt 2026")
    expect(links).to_contain_text("Auf der Startseite")
    expect(links.get_by_role("link", name="Haushalt 2025")).to_have_count(0)
