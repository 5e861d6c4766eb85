"""The telephone of the city's team stands beside its address, on pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ckan.tests.helpers import changed_config

from .acting import as_user
from .browsing import Browser, html
from .conftest import ProjectFactory
from .offering import empty_tables
from .outbox import waiting_mails

pytestmark = pytest.mark.usefixtures("shared_app")

EMAIL = "stadt@example.org"
PHONE = "+49 (0)251 / 000-00"
ADDRESS = "tel:+49025100000"

#: Pages that name the city's address.
PAGES = ["/civic_project/about", "/partner/", "/partner/link/nothing"]


@pytest.fixture(autouse=True)
def city(shared_app) -> Iterator[None]:
    with (
        changed_config("ckanext.digifarm.contact_email", EMAIL),
        changed_config("ckanext.digifarm.contact_phone", PHONE),
    ):
        yield


def links(shared_app: Any, path: str) -> list[str]:
    """Where the links lead by which one writes to somebody, or calls them."""
    page = html(Browser(shared_app).get(path))
    found = page.select("a[href^='mailto:'], a[href^='tel:']")
    found = [a for a in found if not a["href"].startswith("mailto:?")]
    return [str(link["href"]) for link in found]


@pytest.mark.parametrize("path", PAGES)
def test_it_stands_beside_the_address(path, shared_app):
    assert links(shared_app, path) == [f"mailto:{EMAIL}", ADDRESS]
    with changed_config("ckanext.digifarm.contact_phone", None):
        assert links(shared_app, path) == [f"mailto:{EMAIL}"]
    with changed_config("ckanext.digifarm.contact_email", None):
        assert links(shared_app, path) == []


def test_people_read_it_as_it_is_written(shared_app):
    page = html(Browser(shared_app).get(PAGES[0]))
    assert page.select_one(f"a[href='{ADDRESS}']").get_text() == PHONE


def test_a_project_that_has_a_contact_of_its_own_shows_that(shared_app):
    own = ProjectFactory(contact_email="team@example.org")
    other = ProjectFactory()
    path = "/civic_project/{name}"
    assert links(shared_app, path.format(**own)) == ["mailto:team@example.org"]
    assert links(shared_app, path.format(**other)) == [
        f"mailto:{EMAIL}",
        ADDRESS,
    ]


def test_mails_do_not_have_it():
    empty_tables()
    as_user(
        "",
        "digifarm_partner_register",
        title="Radclub",
        kind="association",
        contact_name="Kim",
        contact_email="kim@example.org",
        consent=True,
    )
    [mail] = waiting_mails()
    assert PHONE not in mail.subject + mail.body
