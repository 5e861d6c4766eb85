"""What becomes of an organisation's data: who learns what of it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import ckantoolkit as tk
import pytest
from bs4 import BeautifulSoup

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.lib import jobs
from ckanext.digifarm.links import use_counts
from dev.counting import counting
from dev.paths import ROOT

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..conftest import ProjectFactory
from ..indexing import one_commit

pytestmark = pytest.mark.usefixtures("shared_portal")

#: What real datasets look like, where somebody has put them.
REAL = ROOT.parent / "shared" / "data"

TITLES = {
    "trees": "Bäume der Stadt",
    "benches": "Benches",
    "fountains": "=SUM(Fountains)",
    "unused": "Ampeln",
    "hidden": "Hidden trees",
}


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, str]:
    names = ("editor", "member", "stranger", "collaborator")
    return {
        **{name: factories.User()["name"] for name in names},
        "sysadmin": factories.Sysadmin()["name"],
        "anonymous": "",
    }


@pytest.fixture(scope="module")
def office(people) -> dict[str, Any]:
    return factories.Organization(
        name="office",
        users=[
            {"name": people["editor"], "capacity": "editor"},
            {"name": people["member"], "capacity": "member"},
        ],
    )


@pytest.fixture(scope="module")
def datasets(office, people) -> dict[str, dict[str, Any]]:
    """Three that are used, one that isn't, and a private one."""
    with one_commit():
        made = {
            name: factories.Dataset(
                name=name,
                title=title,
                owner_org=office["id"],
                private=name == "hidden",
            )
            for name, title in TITLES.items()
        }
        draft = factories.Dataset(name="draft", owner_org=office["id"])
        as_portal("package_patch", id=draft["id"], state="draft")
        gone = factories.Dataset(name="gone", owner_org=office["id"])
        other = factories.Dataset(
            name="elsewhere", owner_org=factories.Organization()["id"]
        )
    made |= {"draft": draft, "gone": gone, "elsewhere": other}
    as_portal(
        "package_collaborator_create",
        id=made["hidden"]["id"],
        user_id=people["collaborator"],
        capacity="editor",
    )
    return made


@pytest.fixture(scope="module")
def projects(office, datasets) -> dict[str, dict[str, Any]]:
    """Public ones and a private one, all of them linked."""
    links = {
        "baumblick": ["trees", "benches", "hidden", "gone", "elsewhere"],
        "sitzplan": ["trees", "benches", "draft"],
        "durstig": ["trees"],
        "schatten": ["trees"],
        "only-hidden": ["hidden"],
        "secret": ["trees", "benches", "fountains", "hidden", "unused"],
        "deleted": ["unused", "trees"],
        "late": ["fountains"],
    }
    made = {}
    with one_commit():
        for name, its in links.items():
            made[name] = ProjectFactory(
                name=name,
                title=f"Title of {name}",
                owner_org=office["id"],
                private=name == "secret",
            )
            for dataset in its:
                as_portal(
                    "digifarm_link_create",
                    project=name,
                    dataset=datasets[dataset]["id"],
                )
        as_portal("package_delete", id="deleted")
        as_portal("package_delete", id="gone")
    jobs.run(kinds=[use_counts.JOB])
    return made


@pytest.fixture(autouse=True)
def content(projects) -> None:
    model.Session.rollback()


def use(user: str, **data: Any) -> dict[str, Any]:
    return as_user(user, "digifarm_data_use", organization="office", **data)


def names(found: dict[str, Any]) -> list[str]:
    return [dataset["name"] for dataset in found["results"]]


OUTSIDERS = ["anonymous", "stranger", "member", "collaborator"]
INSIDERS = ["editor", "sysadmin"]


class TestAction:
    @pytest.mark.parametrize("role", OUTSIDERS)
    def test_everybody_sees_what_is_public(self, role, people):
        found = use(people[role])
        assert names(found) == ["trees", "benches", "fountains", "unused"]
        assert found["count"] == 4
        assert found["totals"] == {"datasets": 4, "used": 3, "projects": 5}
        numbers = [one["num_projects"] for one in found["results"]]
        assert numbers == [4, 2, 1, 0]

    @pytest.mark.parametrize("role", INSIDERS)
    def test_editors_see_their_private_datasets_too(self, role, people):
        found = use(people[role])
        assert names(found) == [
            "trees",
            "hidden",
            "benches",
            "fountains",
            "unused",
        ]
        assert found["count"] == 5
        # But no private project counts, although they may read it.
        assert found["totals"] == {"datasets": 5, "used": 4, "projects": 6}
        numbers = [one["num_projects"] for one in found["results"]]
        assert numbers == [4, 2, 2, 1, 0]

    @pytest.mark.parametrize("role", OUTSIDERS + INSIDERS)
    def test_no_private_project_is_named(self, role, people):
        for more in ({}, {"q": "secret"}, {"used": False}):
            said = json.dumps(use(people[role], **more))
            assert "secret" not in said
            assert "deleted" not in said
        assert "unused" in names(use(people[role], used=False))

    @pytest.mark.parametrize("role", OUTSIDERS)
    def test_nobody_else_learns_of_private_datasets(
        self, role, people, datasets
    ):
        for more in (
            {},
            {"q": "hidden"},
            {"q": datasets["hidden"]["id"]},
            {"used": True},
            {"sort": "newest"},
        ):
            found = use(people[role], **more)
            assert "hidden" not in json.dumps(found)
            assert found["totals"]["projects"] == 5
        assert use(people[role], q="hidden")["count"] == 0
        assert use(people["editor"], q="hidden")["count"] == 1

    @pytest.mark.parametrize("role", OUTSIDERS + INSIDERS)
    def test_the_numbers_alone_are_the_same(self, role, people):
        numbers = as_user(
            people[role], "digifarm_data_use_count", organization="office"
        )
        totals = use(people[role])["totals"]
        assert numbers == {
            "datasets": totals["datasets"],
            "used": totals["used"],
        }
        with pytest.raises(tk.ObjectNotFound):
            as_user(people[role], "digifarm_data_use_count", organization="x")

    def test_the_newest_projects_are_named(self):
        [trees, *_] = use("")["results"]
        assert [project["name"] for project in trees["projects"]] == [
            "schatten",
            "durstig",
            "sitzplan",
        ]
        assert trees["projects"][0]["title"] == "Title of schatten"
        assert trees["since"] < trees["newest"]

    def test_as_many_projects_as_wanted_are_named(self):
        for named, expected in ((0, 0), (1, 1), (4, 4), (1000, 4)):
            [trees, *_] = use("", named=named)["results"]
            assert len(trees["projects"]) == expected

    def test_the_newest_links(self):
        newest = [
            (link["project"]["name"], link["dataset"]["name"])
            for link in use("")["newest"]
        ]
        assert newest == [
            ("late", "fountains"),
            ("schatten", "trees"),
            ("durstig", "trees"),
            ("sitzplan", "benches"),
            ("sitzplan", "trees"),
        ]

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ({"sort": "title"}, ["fountains", "unused", "benches", "trees"]),
            ({"sort": "newest"}, ["fountains", "trees", "benches", "unused"]),
            ({"used": True}, ["trees", "benches", "fountains"]),
            ({"used": False}, ["unused"]),
            ({"q": "BÄUME stadt"}, ["trees"]),
            ({"q": "benches trees"}, []),
            ({"q": "%"}, []),
            ({"q": "_"}, []),
            ({"q": "'"}, []),
            ({"limit": 1, "offset": 1}, ["benches"]),
        ],
    )
    def test_order_filters_and_parts(self, asked, expected):
        found = use("", **asked)
        assert names(found) == expected
        if "limit" in asked:
            assert found["count"] == 4
        else:
            assert found["count"] == len(expected)

    def test_beyond_the_end_the_number_stays(self):
        found = use("", offset=100)
        assert (found["count"], found["results"]) == (4, [])

    @pytest.mark.parametrize(
        ("asked", "field"),
        [
            ({"sort": "size"}, "sort"),
            ({"q": "x" * 201}, "q"),
            ({"q": ["x"]}, "q"),
            ({"limit": -1}, "limit"),
            ({"named": "x"}, "named"),
            ({"offset": "x"}, "offset"),
        ],
    )
    def test_bad_input_names_the_parameter(self, asked, field):
        with pytest.raises(tk.ValidationError) as error:
            use("", **asked)
        assert list(error.value.error_dict) == [field]

    def test_an_organisation_that_is_not_there(self):
        with pytest.raises(tk.ObjectNotFound):
            as_user("", "digifarm_data_use", organization="nothing")
        group = factories.Group()
        with pytest.raises(tk.ObjectNotFound):
            as_user("", "digifarm_data_use", organization=group["name"])
        gone = factories.Organization()
        as_portal("organization_delete", id=gone["id"])
        with pytest.raises(tk.ObjectNotFound):
            as_user("", "digifarm_data_use", organization=gone["id"])

    def test_what_the_search_hides_is_left_out(self, monkeypatch):
        """Other plugins may hide what core would show."""
        monkeypatch.setattr(
            "ckanext.digifarm.links.data_use_actions.readable_ids",
            lambda context, ids: set(),
        )
        found = use("")
        assert (found["results"], found["newest"]) == ([], [])


@pytest.fixture
def reader(shared_app) -> Browser:
    return Browser(shared_app, None)


@pytest.fixture
def editor(shared_app, people) -> Browser:
    return Browser(shared_app, model.User.get(people["editor"]).id)


PAGE = "/organization/data-use/office"


def page_of(browser: Browser, path: str) -> BeautifulSoup:
    response = browser.get(path)
    assert response.status_code == 200
    return html(response)


class TestPages:
    def test_the_page(self, reader):
        page = text_of(page_of(reader, PAGE).select_one(".primary"))
        assert "3 of 4 datasets are linked with 5 civic projects." in page
        assert "Bäume der Stadt" in page
        assert "4 civic projects:" in page
        assert "and 1 more" in page

    @pytest.mark.parametrize(
        "path", [PAGE, f"{PAGE}?q=hidden", "/organization/office"]
    )
    def test_readers_find_nothing_private(self, path, reader):
        body = reader.get(path).body
        assert "Hidden trees" not in body
        assert "Title of secret" not in body
        assert "Title of only-hidden" not in body or path.endswith("office")

    def test_editors_find_their_private_datasets(self, editor):
        page = page_of(editor, PAGE)
        assert "Hidden trees" in page.text
        assert "Title of secret" not in page.text

    def test_the_part_of_the_organisations_page(self, reader, editor):
        part = page_of(reader, "/organization/office").select_one("#data-use")
        assert "3 of 4 datasets are linked" in text_of(part)
        assert part.select_one(f"a[href='{PAGE}']")
        part = page_of(editor, "/organization/office").select_one("#data-use")
        assert "4 of 5 datasets are linked" in text_of(part)

    def test_an_organisation_without_datasets_has_no_such_part(self, reader):
        name = factories.Organization()["name"]
        page = page_of(reader, f"/organization/{name}")
        assert page.select_one("#data-use") is None
        page = page_of(reader, f"/organization/data-use/{name}")
        assert "has no datasets yet" in page.text

    def test_filters_stay_chosen(self, reader):
        path = f"{PAGE}?q=a&used=false&sort=title"
        page = page_of(reader, path)
        assert page.select_one("#field-data-use-q")["value"] == "a"
        for name, value in (("used", "false"), ("sort", "title")):
            chosen = page.select_one(f"[name={name}] option[selected]")
            assert chosen["value"] == value
        titles = [h.text.strip() for h in page.select(".digifarm-used h3")]
        assert titles == ["Ampeln"]

    @pytest.mark.parametrize(
        "query",
        ["sort=size", "used=maybe", "q=%00", "page=99"],
    )
    def test_odd_addresses_are_answered(self, query, reader):
        assert reader.get(f"{PAGE}?{query}").status_code == 200
        for kind in ("csv", "json"):
            answer = reader.get(f"{PAGE}/export.{kind}?{query}")
            assert answer.status_code == 200

    @pytest.mark.parametrize("id_", ["nothing", "%00", "data-use", "x" * 500])
    def test_what_is_not_there_is_not_found(self, id_, reader):
        for path in ("", "/export.csv", "/export.json"):
            answer = reader.get(f"/organization/data-use/{id_}{path}")
            assert answer.status_code == 404

    def test_in_german_addresses_keep_their_language(self, reader):
        page = page_of(reader, f"/de{PAGE}?used=true")
        links = [a["href"] for a in page.select("a[href*='export']")]
        assert links == [
            f"/de{PAGE}/export.csv?q=&used=true",
            f"/de{PAGE}/export.csv?q=&used=true&excel=1",
            f"/de{PAGE}/export.json?q=&used=true",
        ]

    def test_an_organisation_may_be_called_like_the_page(self, reader):
        factories.Organization(name="data-use")
        assert reader.get("/organization/data-use").status_code == 200
        path = "/organization/data-use/data-use"
        assert reader.get(path).status_code == 200


class TestExports:
    def rows(self, browser: Browser, query: str = "") -> list[dict[str, str]]:
        answer = browser.get(f"{PAGE}/export.csv{query}")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "office-data-use.csv" in answer.headers["Content-Disposition"]
        text = answer.get_data().decode("utf-8")
        return [*csv.DictReader(io.StringIO(text, newline=""))]

    def test_a_table(self, reader):
        rows = self.rows(reader)
        assert [row["name"] for row in rows] == [
            "trees",
            "benches",
            "fountains",
            "unused",
        ]
        assert rows[0]["title"] == "Bäume der Stadt"
        assert rows[0]["num_projects"] == "4"
        assert rows[0]["projects"] == (
            "Title of schatten; Title of durstig; Title of sitzplan;"
            " Title of baumblick"
        )
        assert rows[0]["address"] == "http://test.ckan.net/dataset/trees"
        assert rows[3]["since"] == ""

    def test_more_projects_than_an_export_names(self, reader, monkeypatch):
        for module in ("data_use", "data_use_views"):
            monkeypatch.setattr(
                f"ckanext.digifarm.links.{module}.MOST_NAMED", 2
            )
        assert self.rows(reader)[0]["projects"] == (
            "Title of schatten; Title of durstig; …"
        )

    def test_formulas_are_defused(self, reader):
        assert self.rows(reader)[2]["title"] == "'=SUM(Fountains)"

    def test_the_same_as_json(self, reader):
        answer = reader.get(f"{PAGE}/export.json?used=true&sort=title")
        expected = use("", used=True, sort="title", named=50)["results"]
        assert answer.json == expected

    def test_filters_hold_for_exports(self, reader):
        rows = self.rows(reader, "?used=false")
        assert [row["name"] for row in rows] == ["unused"]

    def test_private_datasets_are_for_editors(self, reader, editor):
        for kind in ("csv", "json"):
            path = f"{PAGE}/export.{kind}"
            assert "hidden" not in reader.get(path).body
            assert "hidden" in editor.get(path).body
            assert "secret" not in editor.get(path).body

    def test_nothing_is_left_out(self, reader, monkeypatch):
        monkeypatch.setattr("ckanext.digifarm.links.data_use_views.MOST", 3)
        assert len(self.rows(reader)) == 4


@pytest.mark.parametrize("role", ["anonymous", "editor"])
def test_costs_are_the_same_for_many_datasets(
    role, people, office, shared_app
):
    """The other counts are those of tests/test_counts.py."""
    browser = Browser(
        shared_app, people[role] and model.User.get(people[role]).id
    )

    def cost() -> tuple[int, int, int]:
        browser.get(PAGE)
        with counting() as cost:
            assert browser.get(PAGE).status_code == 200
        ours = [one for one in cost.sql if "digifarm_link" in one]
        return len(ours), len(cost.sql), len(cost.solr)

    before = cost()
    assert before[0] == 1
    assert before[2] == 1
    rows = [
        {
            "id": f"{role}-{number}",
            "name": f"{role}-{number}",
            "title": f"Many {number}",
            "type": "dataset",
            "state": "active",
            "owner_org": office["id"],
            "private": False,
        }
        for number in range(300)
    ]
    model.Session.execute(model.package_table.insert(), rows)
    model.Session.commit()
    try:
        assert cost() == before
        assert use("")["totals"]["datasets"] == 304
    finally:
        made = model.package_table.c.title.like("Many %")
        model.Session.execute(model.package_table.delete().where(made))
        model.Session.commit()


@pytest.mark.skipif(not REAL.exists(), reason="They are not here")
def test_real_datasets_and_projects(reader):
    lines = (REAL / "muenster-datasets.jsonl").read_text(encoding="utf-8")
    datasets = [json.loads(line) for line in lines.splitlines()]
    projects = json.loads((REAL / "digifarm.json").read_text(encoding="utf-8"))
    organization = factories.Organization(name="stadt-muenster")
    with one_commit():
        for one in datasets:
            as_portal(
                "package_create",
                name=one["name"],
                title=one["title"],
                notes=one["notes"],
                owner_org=organization["id"],
            )
        for number, one in enumerate(projects):
            project = ProjectFactory(title=one["Name"])
            for dataset in datasets[: number + 1]:
                as_portal(
                    "digifarm_link_create",
                    project=project["id"],
                    dataset=dataset["name"],
                )
    jobs.run(kinds=[use_counts.JOB])
    path = "/organization/data-use/stadt-muenster"
    page = page_of(reader, path)
    used = len(projects)
    assert (
        f"{used} of {len(datasets)} datasets are linked with {used} civic"
        " projects." in page.text
    )
    answer = reader.get(f"{path}/export.csv")
    rows = [*csv.DictReader(io.StringIO(answer.body, newline=""))]
    assert {row["name"] for row in rows} == {one["name"] for one in datasets}
    assert [int(row["num_projects"]) for row in rows[:used]] == [
        *range(used, 0, -1)
    ]
    assert rows[used]["num_projects"] == "0"
    for one in projects[-3:]:
        assert one["Name"] in rows[0]["projects"]
    first, *_ = datasets[0]["title"].split()
    found = page_of(reader, f"{path}?q={first}")
    assert datasets[0]["title"] in found.text
