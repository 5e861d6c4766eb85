"""A project on a sheet of paper; tests/browser prints it."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest
import segno
from bs4 import Tag

from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import paging

from ..acting import as_portal
from ..browsing import Browser, html, text_of

pytestmark = pytest.mark.usefixtures("shared_app")


@pytest.fixture(scope="module")
def organization(shared_portal) -> dict[str, Any]:
    users = [
        {"name": factories.User(name="lea")["name"], "capacity": "editor"}
    ]
    return factories.Organization(name="office", users=users)


@pytest.fixture
def new_project(organization):
    def new_project(**fields: Any) -> dict[str, Any]:
        return as_portal(
            "package_create",
            **{
                "type": "civic_project",
                "owner_org": organization["id"],
                "title": "Baumblick",
                "stage": "live",
                **fields,
            },
        )

    return new_project


@pytest.fixture
def sheet(shared_app):
    def sheet(
        project: dict[str, Any], user: str | None = None, prefix: str = ""
    ) -> Tag:
        page = Browser(shared_app, user).get(
            f"{prefix}/civic_project/factsheet/{project['name']}"
        )
        assert page.status_code == 200
        return html(page).select_one("main")

    return sheet


@pytest.mark.parametrize("prefix", ["", "/de"])
def test_it_leads_to_the_project(prefix, new_project, sheet):
    project = new_project()
    found = sheet(project, prefix=prefix)
    path = f"{prefix}/civic_project/{project['name']}"
    address = f"{tk.config['ckan.site_url']}{path}"
    code = segno.make_qr(address, mask=4).svg_inline(border=2)
    assert found.select_one("svg path")["d"] in code
    assert address.partition("://")[2] in text_of(found)
    assert found.select("a, form, button") == []


def test_it_says_what_it_is_about(new_project, sheet):
    project = new_project(
        summary="Alle Bäume",
        public_value="Alle finden\n\nSchatten.",
        notes="**Eine** Karte",
        help_wanted=["technology"],
        technology_help="Ein *Entwurf*",
        contact_name="Die Baumgruppe",
        contact_email="baum@example.org",
        meeting="Montags im Garten",
    )
    as_portal(
        "package_create", name="eichen", title="Eichen", owner_org="office"
    )
    as_portal("digifarm_link_create", project=project["id"], dataset="eichen")
    for person in ("Kim", ""):
        as_portal(
            "digifarm_support_create",
            project=project["id"],
            area="content",
            person=person,
            consent=True,
        )
    as_portal("digifarm_task_create", project=project["id"], title="Zählen")
    said = text_of(sheet(project))
    for words in (
        *("Civic project · Live", "Baumblick", "Alle Bäume"),
        *("What residents gain", "Alle finden Schatten.", "Eine Karte"),
        *("City data Eichen", "Supported by Kim A private person"),
        *("Technical help Ein Entwurf", "Small tasks Zählen"),
        *("Montags im Garten", "Die Baumgruppe, baum@example.org"),
    ):
        assert words in said


def test_what_there_is_not_is_left_out(new_project, sheet):
    with changed_config("ckanext.digifarm.contact_email", None):
        found = sheet(new_project(title="Leer"))
    assert [text_of(h) for h in found.select("h1, h2")] == [
        "Leer",
        "Have a look, ask, join in",
    ]
    assert found.select(".fa-envelope, .fa-calendar") == []
    lead = text_of(found.select_one(".digifarm-sheet-lead"))
    assert lead == "A civic project: open-source software for the city"


def test_without_a_contact_the_city_is_asked(new_project, sheet):
    with changed_config("ckanext.digifarm.contact_email", "stadt@example.org"):
        assert "stadt@example.org" in text_of(sheet(new_project()))


@pytest.mark.parametrize("stage", ["completed", "ended", "paused"])
def test_who_looks_for_nothing_asks_for_nothing(stage, new_project, sheet):
    project = new_project(help_wanted=["care"])
    as_portal("digifarm_task_create", project=project["id"], title="Zählen")
    assert sheet(project).select(".digifarm-sheet-help")
    as_portal("package_patch", id=project["id"], stage=stage)
    assert sheet(project).select(".digifarm-sheet-help") == []


@pytest.mark.parametrize(
    ("fields", "heading"),
    [
        ({"stage": "live"}, "Have a look, ask, join in"),
        ({"stage": "paused"}, "Have a look, ask"),
        ({"stage": "ended"}, "Have a look, ask"),
    ],
)
def test_nobody_is_invited_where_nobody_can_join(
    fields, heading, new_project, sheet
):
    found = sheet(new_project(**fields))
    assert text_of(found.select_one(".digifarm-sheet-foot h2")) == heading


def test_an_editor_prints_no_private_data(new_project, sheet):
    project = new_project()
    as_portal(
        "package_create",
        name="geheime-daten",
        title="Geheime Daten",
        owner_org="office",
        private=True,
    )
    as_portal(
        "digifarm_link_create", project=project["id"], dataset="geheime-daten"
    )
    path = f"/civic_project/{project['name']}"
    assert "Geheime Daten" not in text_of(sheet(project, "lea")), path


def supported(project: dict[str, Any], *persons: str) -> None:
    """Let people support a project who are named."""
    for person in persons:
        as_portal(
            "digifarm_support_create",
            project=project["id"],
            area="content",
            person=person,
            consent=True,
        )


def test_more_than_has_room_is_counted(new_project, sheet):
    project = new_project()
    supported(project, *(f"Kim {number}" for number in range(6)))
    said = text_of(sheet(project))
    assert said.count("Kim") == 3
    assert "and 3 more" in said


@pytest.mark.parametrize(
    ("num", "more"), [(20, "and 17 more"), (21, "and many more")]
)
def test_more_than_a_page_has_is_not_counted(num, more, new_project, sheet):
    project = new_project()
    supported(project, *(f"Kim {number}" for number in range(num)))
    said = text_of(sheet(project))
    assert said.count("Kim") == 3
    assert more in said


def test_what_is_left_out_for_an_editor_is_not_counted(
    new_project, sheet, monkeypatch
):
    monkeypatch.setattr(paging, "PER_PAGE", 6)
    project = new_project()
    for number in range(8):
        name = f"daten-{number}"
        as_portal(
            "package_create",
            name=name,
            title=f"Daten {number}",
            owner_org="office",
            private=number in {0, 7},
        )
        as_portal("digifarm_link_create", project=project["id"], dataset=name)
    said = text_of(sheet(project, "lea"))
    assert "and many more" in said


def test_names_that_begin_alike_are_others(new_project, sheet):
    project = new_project()
    supported(project, *(f"{'Kim ' * 20}{number}" for number in range(3)))
    assert len(sheet(project).select("li")) == 3


def test_long_texts_end_between_words(new_project, sheet):
    project = new_project(public_value="Ein langer Text. " * 50)
    said = text_of(sheet(project).select_one(".digifarm-sheet-text"))
    assert 400 < len(said) <= 500
    assert said.endswith("…")
    assert said[:-1].endswith(("Ein", "langer", "Text"))


def test_an_address_that_nobody_types_is_left_out(new_project, sheet):
    labels = ".".join([62 * "b"] * 2)
    project = new_project(
        contact_name="Die Gruppe", contact_email=f"kim@{labels}.example.org"
    )
    line = sheet(project).select_one(".digifarm-sheet-line")
    assert text_of(line) == "Die Gruppe"


def test_who_may_read_the_project_may_print_it(new_project, sheet, shared_app):
    project = new_project(private=True)
    path = f"/civic_project/factsheet/{project['name']}"
    assert Browser(shared_app).get(path).status_code == 404
    assert "Baumblick" in text_of(sheet(project, "lea"))
    as_portal("package_patch", id=project["id"], private=False)
    assert sheet(project)
    as_portal("package_delete", id=project["id"])
    assert Browser(shared_app).get(path).status_code == 404
    assert Browser(shared_app, "lea").get(path).status_code == 404


@pytest.mark.parametrize("name", ["there-is-none", "%00", "a b", "office"])
def test_there_is_none_of_what_is_no_project(name, shared_app):
    path = f"/civic_project/factsheet/{name}"
    assert Browser(shared_app).get(path).status_code == 404


def test_a_dataset_has_none(organization, shared_app):
    as_portal("package_create", name="daten", owner_org="office")
    path = "/civic_project/factsheet/daten"
    assert Browser(shared_app).get(path).status_code == 404


def test_texts_are_text(new_project, sheet):
    bad = "<script>alert(1)</script>"
    project = new_project(
        title=bad, summary=bad, public_value=bad, contact_name=bad, meeting=bad
    )
    found = sheet(project)
    assert found.select("script") == []
    assert text_of(found).count("alert(1)") == 5


def test_the_project_leads_to_it(new_project, shared_app):
    project = new_project()
    page = html(Browser(shared_app).get(f"/civic_project/{project['name']}"))
    [link] = [a for a in page.select("#share a") if "Print" in text_of(a)]
    assert text_of(link) == "Print fact sheet"
    assert link["href"] == f"/civic_project/factsheet/{project['name']}"
