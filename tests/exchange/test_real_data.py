"""The seven projects of DIGIFARM.MS beside the 201 datasets of Münster.

Imported once for all tests here, which only read.
"""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from ckan import model
from ckan.lib.search import rebuild
from ckan.model.types import make_uuid
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.activity.model import Activity
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support
from dev.paths import ROOT

from ..indexing import one_commit

DATA = ROOT.parent / "shared" / "data"

pytestmark = [
    pytest.mark.skipif(
        not DATA.is_dir(), reason=f"The city's data is not there: {DATA}"
    ),
    pytest.mark.usefixtures("portal"),
]

HISTORY_CONTRIBUTIONS = (
    "muensteraner-beitraege-zum-geschichtswettbewerb-des"
    "-bundespraesidenten-seit-1973"
)

#: Which project uses which datasets; the file itself doesn't say.
USES = {
    "Gieß den Kiez": ["digitales-baumkataster-muenster"],
    "Rats-Sitzplan": [
        f"rats-sitzplan-muenster-stand-{month}"
        for month in (
            "januar-2025",
            "september-2024",
            "november-2023",
            "september-2022",
            "november-2021",
        )
    ],
    "Schüler-Geschichtswettbewerb Münster": [HISTORY_CONTRIBUTIONS],
    "Meine Stadt Transparent": [
        "oparl-schnittstelle-zum-ratsinformationsystem-der-stadt-muenster"
    ],
}
LINKS = sum(map(len, USES.values()))

#: Who supports what; "" is a private person.
SUPPORTERS = {
    "Data Inspire Me": [("sponsoring", "Gitlab")],
    "Fair City Guide Münster": [
        ("content", "muensterfair.de"),
        ("technology", ""),
        ("technology", ""),
    ],
    "Gieß den Kiez": [
        ("content", "Grünflächenamt"),
        ("sponsoring", "Stadtbaumfreunde e.V."),
    ],
    "Klimaheroes": [],
    "Meine Stadt Transparent": [
        ("content", "Amt für Bürger- und Ratsservice"),
        ("content", "citeq"),
        ("technology", ""),
    ],
    "Rats-Sitzplan": [
        ("content", ""),
        ("sponsoring", "Github"),
        ("technology", ""),
    ],
    "Schüler-Geschichtswettbewerb Münster": [
        ("content", "Institut für Didaktik der Geschichte"),
        ("sponsoring", "Stadtarchiv Münster"),
        ("technology", "CodeForMünster"),
    ],
}
SUPPORTS = sum(map(len, SUPPORTERS.values()))

HELP_WANTED = {
    "Data Inspire Me": ["content", "technology"],
    "Fair City Guide Münster": ["sponsoring"],
    "Gieß den Kiez": ["technology"],
    "Klimaheroes": ["content", "technology", "sponsoring"],
    "Meine Stadt Transparent": ["sponsoring"],
    "Rats-Sitzplan": [],
    "Schüler-Geschichtswettbewerb Münster": [],
}

PARTNERS = {
    "Amt für Bürger- und Ratsservice": "department",
    "citeq": "department",
    "CodeForMünster": "developers",
    "Github": "company",
    "Gitlab": "company",
    "Grünflächenamt": "department",
    "Institut für Didaktik der Geschichte": "university",
    "muensterfair.de": "other",
    "Stadtarchiv Münster": "department",
    "Stadtbaumfreunde e.V.": "association",
}

NAMES = {
    "Data Inspire Me": "data-inspire-me",
    "Fair City Guide Münster": "fair-city-guide-muenster",
    "Gieß den Kiez": "giess-den-kiez",
    "Klimaheroes": "klimaheroes",
    "Meine Stadt Transparent": "meine-stadt-transparent",
    "Rats-Sitzplan": "interaktiver-rats-sitzplan-muenster",
    "Schüler-Geschichtswettbewerb Münster": (
        "schueler-geschichtswettbewerb-muenster"
    ),
}


def rows():
    """The projects as the city has them, with the datasets they use."""
    projects = json.loads((DATA / "digifarm.json").read_text())
    for project in projects:
        project["datasets"] = USES.get(project["Name"], [])
    return projects


@pytest.fixture(scope="module")
def projects_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("real") / "projects.json"
    file.write_text(json.dumps(rows()))
    return file


@pytest.fixture(scope="module")
def portal(shared_portal, projects_file):
    """The city's portal; the output of the import into it."""
    return run_import(projects_file, "-o", create_datasets())


def create_datasets():
    """Create the datasets; the name of one of their publishers.

    They are rows, because only the projects are to be imported here.
    """
    publishers, tags = {}, {}
    rows = {
        kind: []
        for kind in (
            model.Package,
            model.Resource,
            model.Tag,
            model.PackageTag,
        )
    }
    for line in (DATA / "muenster-datasets.jsonl").read_text().splitlines():
        dataset = json.loads(line)
        title = dataset.pop("organization")
        if title not in publishers:
            publishers[title] = factories.Organization(title=title)
        dataset["owner_org"] = publishers[title]["id"]
        of_dataset = {"package_id": dataset["id"], "state": "active"}
        for position, resource in enumerate(dataset.pop("resources")):
            # Some ids stand in two datasets.
            del resource["id"]
            rows[model.Resource].append(
                {**resource, **of_dataset, "position": position}
            )
        for tag in dataset.pop("tags"):
            if tag not in tags:
                tags[tag] = make_uuid()
                rows[model.Tag].append({"id": tags[tag], "name": tag})
            rows[model.PackageTag].append({**of_dataset, "tag_id": tags[tag]})
        # Their time zone makes Solr refuse the document.
        del dataset["metadata_created"], dataset["metadata_modified"]
        del dataset["license_title"]
        rows[model.Package].append(
            {**dataset, "type": "dataset", "state": "active"}
        )
    for kind, its_rows in rows.items():
        model.Session.execute(sa.insert(kind), its_rows)
    model.Session.commit()
    with one_commit():
        rebuild(defer_commit=True, quiet=True)
    return publishers["Stadt Münster"]["name"]


def run_import(file, *args):
    result = CliRunner().invoke(digifarm, ["import", str(file), *args])
    assert result.exit_code == 0, result.output
    return result


def search(**params):
    return call_action(
        "package_search", fq="+dataset_type:civic_project", **params
    )


def names(found):
    return [package["name"] for package in found["results"]]


def facet(name):
    found = search(**{"facet.field": [name], "facet.limit": -1})
    return found["facets"][name]


def test_all_projects_are_there(portal):
    assert "7 created, 0 updated, 0 unchanged, 0 failed" in portal.stdout
    assert f"{LINKS} links added" in portal.stdout
    assert sorted(names(search())) == sorted(NAMES.values())


def test_the_city_accompanies_its_own_and_all_are_listed_since_then():
    for row in rows():
        project = call_action("package_show", id=NAMES[row["Name"]])
        is_own = row["Digifarm-Projekt"] == "ja"
        assert project["accompanied"] is is_own
        day, month, year = row["Aufnahmedatum"].split(".")
        assert project["listed"] == f"{year}-{month}-{day}"
    assert facet("vocab_accompanied") == {"true": 5}
    assert facet("vocab_origin_community")["Münsterhack"] == 3


def test_whole_texts_are_kept():
    for row in rows():
        project = call_action("package_show", id=NAMES[row["Name"]])
        texts = project["summary"], project.get("notes", "")
        for key in "Kurzbeschreibung", "Langbeschreibung":
            assert any(row[key].strip() in text for text in texts)


@pytest.mark.parametrize(("title", "name"), NAMES.items())
def test_search_by_words_finds_each(title, name):
    assert names(search(q=title))[0] == name


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("Wasserbedarf", "Gieß den Kiez"),
        ("Elasticsearch", "Meine Stadt Transparent"),
        ("Derzeit gestört", "Meine Stadt Transparent"),
        ("Restaurants", "Fair City Guide Münster"),
    ],
)
def test_search_finds_by_description_technology_and_stage(words, title):
    assert NAMES[title] in names(search(q=words))


@pytest.mark.usefixtures("with_request_context")
def test_facets_count():
    assert facet("vocab_stage") == {
        "live": 4,
        "broken": 1,
        "in_progress": 1,
        "wanted_here": 1,
    }
    assert facet("vocab_action_fields") == {
        "environment": 2,
        "lifestyle": 2,
        "participation": 3,
    }
    assert facet("vocab_project_type") == {
        "mobile_app": 2,
        "web_app": 3,
        "website": 2,
    }


@pytest.mark.usefixtures("with_request_context")
def test_facet_of_help_wanted_counts_who_has_no_supporters():
    wanted = {
        area: sum(not row[key] for row in rows())
        for area, key in (
            ("content", "Inhalt"),
            ("technology", "Technik"),
            ("sponsoring", "Sponsor"),
        )
    }
    assert facet("vocab_help_wanted") == wanted


def test_facet_of_technologies_counts_what_the_file_says():
    found = facet("vocab_technologies")
    for technology in "Python", "React", "Relationale Datenbank":
        assert found[technology] == sum(
            technology in row["Technologien"].split(", ") for row in rows()
        )


@pytest.mark.parametrize("row", rows() if DATA.is_dir() else [])
def test_license_status(row):
    project = call_action("digifarm_project_show", id=NAMES[row["Name"]])
    expected = "not_verified" if row["Lizenz"] == "--" else "open"
    assert project["license_status"] == expected


@pytest.mark.parametrize("title", NAMES)
def test_projects_know_their_datasets(title):
    found = call_action("digifarm_dataset_list", project=NAMES[title])
    assert sorted(names(found)) == sorted(USES.get(title, []))
    assert {link["relation"] for link in found["results"]} <= {"uses"}


@pytest.mark.parametrize(
    ("title", "dataset"),
    [(title, dataset) for title in USES for dataset in USES[title]],
)
def test_datasets_know_their_projects(title, dataset):
    found = call_action("digifarm_project_list", dataset=dataset)
    assert names(found) == [NAMES[title]]


def test_searches_for_datasets_find_the_datasets_alone():
    assert call_action("package_search")["count"] == 201
    found = call_action("package_search", q="Klimaheroes OR Sitzplan")
    assert not set(names(found)) & set(NAMES.values())


@pytest.mark.parametrize("title", NAMES)
def test_projects_know_who_supports_them_and_where_help_is_wanted(title):
    project = call_action("digifarm_project_show", id=NAMES[title])
    supporters = [
        (support["area"], (support["partner"] or {"title": ""})["title"])
        for support in project["supporters"]
    ]
    assert sorted(supporters) == SUPPORTERS[title]
    assert project["help_wanted"] == HELP_WANTED[title]


def test_partners_are_in_the_directory_once(portal):
    found = call_action("digifarm_partner_search", limit=100)["results"]
    kinds = [(partner["title"], partner["kind"]) for partner in found]
    assert sorted(kinds) == sorted(PARTNERS.items())
    assert {p["title"]: p["url"] for p in found if p["url"]} == {
        "muensterfair.de": "https://muensterfair.de"
    }
    assert f"{SUPPORTS} supporters added" in portal.stdout


def test_private_persons_stay_unnamed(portal):
    persons = model.Session.query(Support).filter_by(partner_id=None)
    assert {(person.person, person.scope) for person in persons} == {("", "")}
    assert persons.count() == 5
    accounts = [
        part.rpartition("/")[2]
        for row in rows()
        for part in row["Technik"].split(", ")
        if part.startswith(("https://github.com/", "https://gitlab.com/"))
    ]
    assert len(accounts) == 4
    assert not any(account in portal.output for account in accounts)


def test_what_has_no_place_is_reported(portal):
    assert "Digifarm-Projekt" not in portal.stdout
    assert portal.stdout.count("Lizenz: “--” counts as empty") == 1


@pytest.mark.parametrize("args", [(), ("--dry-run",)])
def test_second_import_changes_nothing(projects_file, args):
    def state():
        model.Session.rollback()
        return (
            [call_action("package_show", id=name) for name in NAMES.values()],
            model.Session.query(Activity).count(),
            [link.dictize(with_creator=True) for link in all_links()],
            [
                partner.dictize(with_contact=True)
                for partner in Partner.every()
            ],
            model.Session.query(Support).count(),
            model.Session.query(Event).count(),
        )

    def all_links():
        return model.Session.query(Link).order_by(Link.dataset_id)

    before = state()
    assert len(before[2]) == LINKS
    assert before[4] == SUPPORTS
    result = run_import(projects_file, *args)
    assert (
        "0 created, 0 updated, 7 unchanged, 0 failed; 0 links added,"
        " 0 supporters added" in result.stdout
    )
    assert state() == before


def test_anonymous_reads_the_page_of_a_project(shared_app):
    response = shared_app.get(f"/civic_project/{NAMES['Gieß den Kiez']}")
    assert response.status_code == 200
    assert "Gieß den Kiez" in response.body


def test_anonymous_reads_the_page_of_a_dataset(shared_app):
    [name] = USES["Gieß den Kiez"]
    response = shared_app.get(f"/dataset/{name}")
    assert response.status_code == 200
    assert call_action("package_show", id=name)["title"] in response.body
