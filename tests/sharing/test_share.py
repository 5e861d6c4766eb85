"""A page is passed on without anybody else learning of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import ckantoolkit as tk
import pytest
import segno
from bs4 import Tag

from ckan.tests import factories

from ..acting import as_portal
from ..browsing import Browser, html, text_of

pytestmark = pytest.mark.usefixtures("shared_app")


@pytest.fixture(scope="module")
def organization(shared_portal) -> dict[str, Any]:
    users = [
        {"name": factories.User(name="lea")["name"], "capacity": "editor"}
    ]
    return factories.Organization(users=users)


@pytest.fixture
def project(organization) -> dict[str, Any]:
    return as_portal(
        "package_create",
        type="civic_project",
        owner_org=organization["id"],
        title="Bäume & mehr",
        summary="Wo Bäume stehen? 100 % davon",
        stage="live",
    )


@pytest.fixture
def share(shared_app):
    def share(path: str, user: str | None = None) -> Tag | None:
        page = Browser(shared_app, user).get(path)
        assert page.status_code == 200
        return html(page).select_one("#share")

    return share


def address_in(share: Tag) -> str:
    field = share.select_one("input[readonly]")
    assert share.select_one(f"label[for={field['id']}]")
    return str(field["value"])


@pytest.mark.parametrize("prefix", ["", "/de"])
def test_the_address_can_be_copied_and_read_by_phones(prefix, project, share):
    path = f"{prefix}/civic_project/{project['name']}"
    found = share(f"{path}?utm_source=mail")
    address = f"{tk.config['ckan.site_url']}{path}"
    assert address_in(found) == address
    code = segno.make_qr(address, mask=4).svg_inline(border=2)
    assert found.select_one("svg path")["d"] in code
    picture = found.select_one("svg")
    assert picture["role"] == "img"
    assert picture["aria-label"].endswith(f" {address}")


def test_a_mail_says_what_it_is_about(project, share):
    found = share(f"/civic_project/{project['name']}")
    [mail] = found.select('a[href^="mailto:"]')
    said = parse_qs(urlsplit(mail["href"]).query)
    assert said == {
        "subject": ["Bäume & mehr"],
        "body": [f"{project['summary']}\r\n\r\n{address_in(found)}"],
    }
    assert "+" not in mail["href"]


def test_nobody_else_is_asked(project, share):
    found = share(f"/civic_project/{project['name']}")
    site = tk.config["ckan.site_url"]
    assert found.select("script, iframe, img, form") == []
    assert all(
        link["href"].startswith(("mailto:", "/", site))
        for link in found.select("a")
    )


def test_without_javascript_there_is_no_button_that_does_nothing(
    project, share
):
    [button] = share(f"/civic_project/{project['name']}").select("button")
    assert button.has_attr("hidden")


def test_what_is_not_public_is_not_passed_on(project, share):
    path = f"/civic_project/{project['name']}"
    as_portal("package_patch", id=project["id"], private=True)
    assert share(path, "lea") is None
    as_portal("package_patch", id=project["id"], private=False)
    as_portal("package_delete", id=project["id"])
    assert share(path, "lea") is None


def test_partners_and_tasks_are_passed_on_too(project, share):
    partner = as_portal(
        "digifarm_partner_create", title="Lesefreunde", kind="association"
    )
    found = share(f"/partner/{partner['id']}")
    site = tk.config["ckan.site_url"]
    assert address_in(found) == f"{site}/partner/{partner['name']}"
    task = as_portal(
        "digifarm_task_create", project=project["id"], title="Zählen"
    )
    path = f"/civic_project/tasks/take/{task['id']}"
    assert address_in(share(path)) == f"{site}{path}"


def test_its_heading_says_what_it_is_for(project, share):
    found = share(f"/civic_project/{project['name']}")
    assert text_of(found.h2) == "Pass it on"
