"""Input as people write it, taken alike by form, API and import."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.lib.munge import munge_title_to_name
from ckan.tests import factories
from ckanext.digifarm.lib import names, text
from ckanext.digifarm.lib.validators import digifarm_words

from ..acting import as_portal
from ..browsing import Browser, html, text_of

pytestmark = pytest.mark.usefixtures("no_commits", "ckan_config")

TITLE = "Nachsichtige Wiese"
NAME = "nachsichtige-wiese"

#: By field: what is typed, and what is stored.
FORGIVEN: list[tuple[str, str, Any]] = [
    ("url", "www.example.org", "https://www.example.org"),
    ("source_url", "github.com/x", "https://github.com/x"),
    ("documentation_url", " //example.org/a ", "https://example.org/a"),
    ("origin_url", "HTTP://example.org", "http://example.org"),
    ("image_url", "example.org/a.png", "https://example.org/a.png"),
    ("started", "01.10.2021", "2021-10-01"),
    ("started", "10/2021", "2021-10"),
    ("started", "Oktober 2021", "2021-10"),
    ("started", "October 2021", "2021-10"),
    ("summary", "Ba\u0308ume", "B\u00e4ume"),
    ("notes", "Mu\u0308nster\n\nStra\u00dfe", "M\u00fcnster\n\nStra\u00dfe"),
    ("technologies", "PostGIS; Python, Ko\u0308ln-GIS", None),
    ("tag_string", "Klima, #OpenData", ["Klima", "OpenData"]),
    ("tag_string", "Klima; Umwelt", ["Klima", "Umwelt"]),
    ("tag_string", "#Klima #Umwelt", ["Klima", "Umwelt"]),
    ("tag_string", "Ba\u0308ume, ba\u0308ume", ["B\u00e4ume", "b\u00e4ume"]),
    ("tag_string", "Klima,, Klima ,", ["Klima"]),
]

WORDS = ["PostGIS", "Python", "K\u00f6ln-GIS"]


@pytest.fixture(scope="module")
def organization(shared_portal) -> dict[str, Any]:
    return factories.Organization(name="nachsicht")


@pytest.fixture
def browser(shared_app) -> Browser:
    return Browser(shared_app, factories.Sysadmin()["id"])


@pytest.fixture(autouse=True)
def _clean(organization) -> Iterator[None]:
    yield
    model.Session.rollback()
    for package in model.Session.query(model.Package).filter_by(
        type="civic_project"
    ):
        as_portal("dataset_purge", id=package.id)


@pytest.fixture(params=["form", "api", "import"])
def store(request, browser, organization, run_import) -> Callable[..., None]:
    """Stores a project in one of the ways."""

    def by_form(**typed: str) -> None:
        form = browser.form("/civic_project/new")
        values = {"title": TITLE, "owner_org": organization["id"], **typed}
        response = browser.send(form.with_values(**values))
        assert response.request.path == f"/civic_project/{NAME}"

    def by_api(**typed: str) -> None:
        as_portal(
            "package_create",
            type="civic_project",
            title=TITLE,
            owner_org=organization["id"],
            **typed,
        )

    def by_import(**typed: str) -> None:
        table = io.StringIO()
        writer = csv.writer(table)
        writer.writerows([["title", *typed], [TITLE, *typed.values()]])
        result = run_import(table.getvalue(), "--organization=nachsicht")
        assert result.exit_code == 0, result.stderr
        again = run_import(table.getvalue(), "--organization=nachsicht")
        assert "unchanged" in again.stdout

    return {"form": by_form, "api": by_api, "import": by_import}[request.param]


@pytest.mark.parametrize(("field", "typed", "stored"), FORGIVEN)
def test_is_stored_alike(field, typed, stored, store):
    if field == "technologies":
        stored = WORDS
    store(**{field: typed})
    project = as_portal("package_show", id=NAME)
    if field == "tag_string":
        assert {tag["name"] for tag in project["tags"]} == {*stored}
    else:
        assert project[field] == stored


def test_rows_of_tags_are_taken_alike(organization):
    project = as_portal(
        "package_create",
        type="civic_project",
        title=TITLE,
        owner_org=organization["id"],
        tags=[{"name": "#OpenData"}, {"name": "Klima, Umwelt"}],
    )
    tags = {tag["name"] for tag in project["tags"]}
    assert tags == {"OpenData", "Klima", "Umwelt"}
    # Who saves it again changes nothing.
    project = as_portal("package_patch", id=project["id"], notes="Neu")
    assert {tag["name"] for tag in project["tags"]} == tags


class TestTagsThatCannotBe:
    LINES = (
        "title,summary,stage,tag_string\n"
        'Hofladen-Finder,Zeigt Hofläden.,idea,"Klima & Umwelt, Essen"\n'
        'Statistik-Werkstatt,Kurse.,idea,"R, #OpenData"\n'
    )

    def test_are_named_beside_the_field(self, browser, organization):
        form = browser.form("/civic_project/new")
        response = browser.send(
            form.with_values(
                title=TITLE,
                owner_org=organization["id"],
                tag_string="Klima & Umwelt, R, Essen",
            )
        )
        words = text_of(html(response).select_one("#field-tag_string-error"))
        assert "“Klima & Umwelt” can’t be a tag" in words
        assert "“R” is too short" in words
        assert "Essen" not in words

    def test_are_left_out_by_an_import_that_says_so(self, run_import):
        result = run_import(self.LINES, "--organization=nachsicht")
        assert result.exit_code == 0, result.stderr
        said = result.stdout + result.stderr
        assert "“Klima & Umwelt” can’t be a tag" in said
        assert "“R” is too short" in said
        for name, tags in (
            ("hofladen-finder", ["Essen"]),
            ("statistik-werkstatt", ["OpenData"]),
        ):
            project = as_portal("package_show", id=name)
            assert [tag["name"] for tag in project["tags"]] == tags
        again = run_import(self.LINES, "--organization=nachsicht")
        assert again.stdout.count("unchanged") >= 2


class TestNamesOfImports:
    def test_are_written_as_in_german(self, run_import):
        run_import("title\nBäume für Gießen", "--organization=nachsicht")
        assert model.Package.get("baeume-fuer-giessen")

    def test_find_what_was_imported_under_another_name(
        self, run_import, organization
    ):
        former = munge_title_to_name("Bäume für alle")
        assert former != names.from_title("Bäume für alle", "")
        as_portal(
            "package_create",
            type="civic_project",
            name=former,
            title="Bäume für alle",
            owner_org=organization["id"],
        )
        result = run_import(
            "title,summary\nBäume für alle,Neu", "--organization=nachsicht"
        )
        assert "updated" in result.stdout
        assert as_portal("package_show", id=former)["summary"] == "Neu"


class TestPartner:
    def test_is_forgiven_alike(self):
        partner = as_portal(
            "digifarm_partner_create",
            title="Bu\u0308ro fu\u0308r Stra\u00dfen",
            kind="other",
            url="www.example.org",
            competences="Python; GIS",
        )
        assert partner["title"] == "B\u00fcro f\u00fcr Stra\u00dfen"
        assert partner["name"] == "buero-fuer-strassen"
        assert partner["url"] == "https://www.example.org"
        assert partner["competences"] == ["Python", "GIS"]


def test_tags_of_a_line():
    line = "#a-b ,C# ; \n x  y #z"
    assert text.tag_names(line) == ["a-b", "C#", "x y", "z"]
    assert text.tag_names("#") == text.tag_names(",;") == []


def test_words_of_a_line():
    assert digifarm_words("a; b,c") == ["a", "b", "c"]


@pytest.mark.parametrize(
    "value", ["e\u0301" * 100, "\u1100\u1161\u11a8", "a\u030a"]
)
def test_texts_are_composed(value):
    assert text.clean(value) == text.composed(value) != value
    with pytest.raises(tk.Invalid):
        text.clean(f"{value}\x00")
