"""What a project says of its running costs, its data, its features …"""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckan.tests import factories
from ckanext.digifarm.exchange import files
from ckanext.digifarm.lib.validators import digifarm_lines
from ckanext.digifarm.proposals import proposed

from ..acting import as_portal
from ..browsing import Browser, html, text_of
from ..conftest import ProjectFactory

pytestmark = pytest.mark.usefixtures("shared_app")

FIELDS: dict[str, Any] = {
    "info_url": "https://example.org/ueber",
    "features": ["Sucht, auch ohne Netz", "Druckt <b>"],
    "meeting": "Dienstags in der Bücherei",
    "instances": "per_city",
    "running_costs": "120 Euro im Jahr",
    "costs_covered_until": "2027-12",
    "personal_data": "yes",
    "privacy_url": "https://example.org/datenschutz",
    "origin_community": "Hackathon 2022",
    "origin_place": "Musterstadt",
}


@pytest.fixture(scope="module")
def project(shared_app) -> dict[str, Any]:
    return ProjectFactory(title="Baumblick", **FIELDS)


@pytest.fixture
def page(project, shared_app) -> Any:
    return html(Browser(shared_app).get(f"/civic_project/{project['name']}"))


def refuses(**values: Any) -> dict[str, Any]:
    with pytest.raises(tk.ValidationError) as raised:
        ProjectFactory(**values)
    return raised.value.error_dict


class TestPage:
    def test_has_all_of_it(self, page):
        facts = text_of(page.select_one("#facts"))
        for words in (
            "Page about the project https://example.org/ueber",
            "Personal data Yes – Page about data protection",
            "Where it runs In each city on its own",
            "Running costs 120 Euro im Jahr",
            "Costs are covered until December 2027",
        ):
            assert words in facts
        start = text_of(page.select_one("#start"))
        assert "When and where people meet Dienstags in der Bücherei" in start

    def test_folds_the_features(self, page):
        features = page.select_one("details#features")
        assert not features.has_attr("open")
        assert text_of(features.summary) == "What it can do"
        items = [text_of(item) for item in features.select("li")]
        assert items == FIELDS["features"]

    def test_leads_to_what_comes_from_the_same_place(self, page, shared_app):
        other = ProjectFactory(origin_community="Hackathon 2022")
        ProjectFactory(origin_community="Hackathon 2023")
        link = page.select_one("a[href*='vocab_origin_community']")
        found = html(Browser(shared_app).get(link["href"]))
        titles = {text_of(t) for t in found.select(".digifarm-card h2")}
        assert titles == {"Baumblick", other["title"]}

    def test_shows_no_page_about_data_that_is_not_there(self, shared_app):
        project = ProjectFactory(
            personal_data="none", privacy_url=FIELDS["privacy_url"]
        )
        visitor = Browser(shared_app)
        page = visitor.get(f"/civic_project/{project['name']}")
        facts = text_of(html(page).select_one("#facts"))
        assert "Personal data None" in facts
        assert FIELDS["privacy_url"] not in page.body

    def test_says_nothing_of_what_is_not_known(self, shared_app):
        project = ProjectFactory()
        page = html(
            Browser(shared_app).get(f"/civic_project/{project['name']}")
        )
        said = text_of(page.select_one("[role=main]"))
        for words in (
            "Page about the project",
            "Personal data",
            "Where it runs",
            "Running costs",
            "covered until",
            "people meet",
            "What it can do",
            "comes from there",
        ):
            assert words not in said


class TestPersonalData:
    @pytest.mark.parametrize(
        "nothing", [{}, *[{"privacy_url": n} for n in ("", " ", None)]]
    )
    def test_needs_a_page_about_it(self, nothing):
        wanted = (
            "Please give the address of the page about data protection, as"
            " the application processes personal data"
        )
        refused = refuses(personal_data="yes", **nothing)
        assert refused == {"privacy_url": [wanted]}

    @pytest.mark.parametrize(
        ("stage", "is_needed"),
        [
            ("idea", False),
            ("in_progress", False),
            ("testing", True),
            ("live", True),
            ("wanted_here", True),
            ("paused", True),
            ("broken", True),
            ("completed", False),
            ("ended", False),
        ],
    )
    def test_needs_it_once_people_use_it(self, stage, is_needed):
        said = {"personal_data": "yes", "stage": stage}
        refused = refuses(**said) if is_needed else {}
        assert list(refused) == ["privacy_url"] * is_needed
        if not is_needed:
            assert ProjectFactory(**said)["personal_data"] == "yes"

    @pytest.mark.parametrize("said", [{}, {"personal_data": "none"}])
    def test_that_is_not_there_needs_none(self, said):
        assert not ProjectFactory(**said).get("privacy_url")

    def test_is_asked_for_by_the_form(self, shared_app):
        project = ProjectFactory()
        browser = Browser(shared_app, factories.Sysadmin()["id"])
        form = browser.form(f"/civic_project/edit/{project['name']}")
        response = browser.send(form.with_values(personal_data="yes"))
        page = html(response)
        field = page.select_one("#field-privacy_url")
        assert field["aria-invalid"] == "true"
        assert field.find_parent("details").has_attr("open")
        [link] = page.select(".alert a[href='#field-privacy_url']")
        assert text_of(link) == "Page about data protection"


class TestFeatures:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("Sucht, auch offline\nDruckt", ["Sucht, auch offline", "Druckt"]),
            ("- Sucht\r\n * Druckt\n\n• Malt", ["Sucht", "Druckt", "Malt"]),
            (["Sucht", "Druckt\nMalt"], ["Sucht", "Druckt", "Malt"]),
            ("Sucht\nSucht", ["Sucht"]),
            ("-1 bis 5", ["-1 bis 5"]),
            ("  \n ", []),
            (None, []),
            ([], []),
        ],
    )
    def test_are_one_in_each_line(self, given, kept):
        assert digifarm_lines(given) == kept
        assert ProjectFactory(features=given)["features"] == kept

    @pytest.mark.parametrize(
        "given",
        ["\n".join(map(str, range(51))), ["a" * 101], "a" * 101],
    )
    def test_are_few_and_short(self, given):
        assert refuses(features=given) == {
            "features": [
                "Please give at most 50 lines of at most 100 characters each"
            ]
        }

    @pytest.mark.parametrize("given", [5, True, {"a": "b"}, [["a"]], [5]])
    def test_are_texts(self, given):
        assert set(refuses(features=given)) == {"features"}

    def test_keep_their_commas_in_the_form(self, project, shared_app):
        browser = Browser(shared_app, factories.Sysadmin()["id"])
        form = browser.form(f"/civic_project/edit/{project['name']}")
        assert form["features"] == "\r\n".join(FIELDS["features"])
        browser.send(form)
        shown = as_portal("package_show", id=project["id"])
        assert shown["features"] == FIELDS["features"]

    def test_keep_their_commas_in_a_proposal(self, project):
        said = proposed.in_lists({"features": "Sucht, druckt\nMalt"})
        assert said["features"] == ["Sucht, druckt", "Malt"]

    def test_keep_their_commas_in_a_table(self, project, tmp_path):
        file = tmp_path / "table.csv"
        file.write_text('title;features\nA;"Sucht, druckt\nMalt"')
        [row] = files.read(file).records()
        assert row.fields["features"] == ["Sucht, druckt", "Malt"]


class TestSearch:
    @pytest.mark.parametrize(
        "words",
        ["Netz", "Bücherei", "Euro", "Hackathon", "city", "Stadt"],
    )
    def test_finds_it_by_its_words(self, words, project):
        found = as_portal("package_search", q=words, fq="type:civic_project")
        assert project["name"] in {one["name"] for one in found["results"]}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("personal_data", "yes"),
            ("instances", "per_city"),
            ("origin_community", "Hackathon 2022"),
        ],
    )
    def test_filters_by_it(self, name, value, project, shared_app):
        found = as_portal(
            "package_search",
            fq="type:civic_project",
            **{"facet.field": [f"vocab_{name}"]},
        )
        assert found["facets"][f"vocab_{name}"][value] >= 1
        page = html(Browser(shared_app).get("/civic_project/"))
        [facet] = page.select(
            f"#search-facets a[href*='vocab_{name}={value.replace(' ', '+')}']"
        )
        # They are folded.
        assert not facet.find_parent(class_="module").has_attr("open")


class TestSummary:
    def test_is_whole_on_the_card_which_clamps_it(self, shared_app):
        summary = "Wort " * 43 + "Ende"
        ProjectFactory(title="Langer Satz", summary=summary)
        page = html(Browser(shared_app).get("/civic_project/?q=Langer"))
        text = page.select_one(".digifarm-card .digifarm-summary")
        assert text_of(text) == summary
