"""Where one is, as the main navigation says."""

from __future__ import annotations

import pytest

from ckan.tests import factories

from ..browsing import Browser, html, text_of


def active(browser: Browser, path: str) -> list[str]:
    """The entries of the navigation that a page belongs to."""
    page = browser.get(path)
    assert page.status_code == 200
    entries = html(page).select(".navigation li.active, .main-navbar .active")
    return [text_of(entry) for entry in entries]


@pytest.mark.parametrize(
    "path",
    [
        "/civic_project/",
        "/civic_project/checks",
        "/civic_project/checks/list",
        "/civic_project/handover/{name}",
        "/civic_project/team/{name}",
        "/civic_project/confirm",
        "/partner/",
    ],
)
def test_all_pages_about_projects_say_so(path, shared_app, owned_project):
    path = path.format(name=owned_project["name"])
    admin = Browser(shared_app, factories.Sysadmin()["id"])
    assert active(admin, path) == ["Civic projects"]


@pytest.mark.parametrize("path", ["/dataset/", "/dashboard/projects"])
def test_others_do_not(path, shared_app):
    admin = Browser(shared_app, factories.Sysadmin()["id"])
    assert "Civic projects" not in active(admin, path)
