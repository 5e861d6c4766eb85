"""What search engines read of projects, and that it keeps to schema.org."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import ckantoolkit as tk
import pytest
import yaml
from click.testing import CliRunner

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.cli import digifarm
from dev.counting import counting
from dev.paths import ROOT

from ..acting import as_portal
from ..browsing import Browser, html
from ..indexing import one_commit
from .schemaorg import FILE, terms

pytestmark = pytest.mark.usefixtures("portal")

REAL = ROOT.parent / "shared" / "data" / "digifarm.json"

DEMO = yaml.safe_load(
    (ROOT / "dev" / "demo" / "projects.yaml").read_text(encoding="utf-8")
)

#: What of an entry of the demo is no field of the project.
MORE = {
    *("datasets", "ending", "handover", "is_confirmed", "picture", "tasks"),
}

needs_terms = pytest.mark.skipif(
    not FILE.exists(), reason=f"The terms of schema.org are not there: {FILE}"
)


@pytest.fixture(scope="module")
def organization(shared_portal) -> dict[str, Any]:
    users = [
        {"name": factories.User(name="lea")["name"], "capacity": "editor"}
    ]
    return factories.Organization(
        name="office", title="Amt für Bäume", users=users
    )


@pytest.fixture(scope="module")
def portal(shared_app, organization) -> None:
    """The demo's projects, with the datasets that they use."""
    with one_commit():
        for name in sorted(
            {
                link["dataset"]
                for one in DEMO
                for link in one.get("datasets", [])
            }
        ):
            as_portal(
                "package_create",
                name=name,
                title=name.title(),
                notes=f"**Viel** über {name}",
                owner_org=organization["id"],
            )
        for entry in DEMO:
            data = {k: v for k, v in entry.items() if k not in MORE}
            data |= {"type": "civic_project", "owner_org": organization["id"]}
            data["tags"] = [{"name": tag} for tag in entry.get("tags", [])]
            as_portal("package_create", **data)
            for link in entry.get("datasets", []):
                as_portal(
                    "digifarm_link_create", project=entry["name"], **link
                )
    if REAL.exists():
        words = ["import", str(REAL), "--organization", organization["id"]]
        result = CliRunner().invoke(digifarm, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output


@pytest.fixture
def data_of(shared_app):
    """What a page tells search engines."""

    def data_of(path: str, user: str | None = None) -> dict[str, Any] | None:
        page = Browser(shared_app, user).get(path)
        assert page.status_code == 200, path
        found = html(page).select('script[type="application/ld+json"]')
        assert len(found) <= 1
        return json.loads(found[0].string) if found else None

    return data_of


def new_project(**fields: Any) -> dict[str, Any]:
    return as_portal(
        "package_create",
        **{
            "type": "civic_project",
            "owner_org": "office",
            "title": "Baumblick",
            "stage": "live",
            **fields,
        },
    )


def software_of(data: dict[str, Any]) -> dict[str, Any]:
    return data["@graph"][0]


def names_of_all() -> list[str]:
    packages = model.Session.query(model.Package).filter_by(
        type="civic_project", private=False, state="active"
    )
    return [package.name for package in packages]


@needs_terms
@pytest.mark.parametrize("language", ["", "/de"])
def test_all_projects_keep_to_schema_org(language, data_of):
    names = names_of_all()
    assert len(names) >= len(DEMO) - 1
    wrong = {
        name: terms().complaints(
            data_of(f"{language}/civic_project/{name}") or {}
        )
        for name in names
    }
    assert {name: said for name, said in wrong.items() if said} == {}


@needs_terms
@pytest.mark.parametrize(
    "path",
    ["/civic_project/", "/de/civic_project/?q=baum", "/civic_project/?q=nix"],
)
def test_lists_keep_to_schema_org(path, data_of):
    assert terms().complaints(data_of(path)) == []


@needs_terms
@pytest.mark.skipif(not REAL.exists(), reason=f"They are not there: {REAL}")
def test_the_seven_real_projects_are_among_them(data_of):
    titles = {one["Name"] for one in json.loads(REAL.read_text("utf-8"))}
    found = {
        software_of(data_of(f"/civic_project/{name}"))["name"]
        for name in names_of_all()
    }
    assert titles <= found


@needs_terms
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"@type": "Software"}, "no type: Software"),
        ({"@type": "WebApplication", "nix": "x"}, "no property:"),
        ({"@type": "WebApplication", "codeRepository": "x"}, "not of this"),
        ({"@type": "WebApplication", "license": "MIT"}, "no value:"),
        ({"@type": "WebApplication", "softwareHelp": "text"}, "no value:"),
        (
            {"@type": "WebApplication", "isBasedOn": {"@type": "Offer"}},
            "no value:",
        ),
        ({"@type": "WebApplication", "offers": [{"@type": "X"}]}, "no value:"),
    ],
)
def test_what_does_not_keep_to_it_is_found(wrong, said):
    found = terms().complaints({"@context": "https://schema.org", **wrong})
    assert any(said in one for one in found), found


def test_a_project_says_what_it_is(data_of):
    dataset = as_portal(
        "package_create",
        name="eichen",
        title="Eichen",
        owner_org="office",
        notes="*Alle* Eichen",
    )
    project = new_project(
        summary="Alle Bäume",
        project_type="mobile_app",
        url="https://app.example.org",
        source_url="https://git.example.org/baum",
        source_license="MIT",
        documentation_url="https://docs.example.org",
        collaboration_url="https://talk.example.org",
        technologies=["Python"],
        features=["Zeigt Bäume"],
        tags=[{"name": "Bäume"}],
    )
    as_portal("digifarm_link_create", project=project["id"], dataset="eichen")
    data = data_of(f"/civic_project/{project['name']}")
    site = tk.config["ckan.site_url"]
    page = f"{site}/civic_project/{project['name']}"
    software, code = data["@graph"]
    assert {**software, "image": ""} == {
        "@type": "MobileApplication",
        "@id": f"{page}#software",
        "name": "Baumblick",
        "description": "Alle Bäume",
        "url": "https://app.example.org",
        "mainEntityOfPage": page,
        "image": "",
        "creativeWorkStatus": "Live",
        "license": "https://spdx.org/licenses/MIT.html",
        "keywords": ["Bäume"],
        "featureList": ["Zeigt Bäume"],
        "softwareHelp": {
            "@type": "CreativeWork",
            "url": "https://docs.example.org",
        },
        "publisher": {
            "@type": "Organization",
            "name": "Amt für Bäume",
            "url": f"{site}/organization/office",
        },
        "isBasedOn": [
            {
                "@type": "Dataset",
                "@id": f"{site}/dataset/{dataset['name']}",
                "name": "Eichen",
                "description": "Alle Eichen",
                "url": f"{site}/dataset/{dataset['name']}",
            }
        ],
        "isAccessibleForFree": True,
        "offers": {"@type": "Offer", "price": "0", "priceCurrency": "EUR"},
    }
    assert software["image"].startswith(site)
    assert code == {
        "@type": "SoftwareSourceCode",
        "@id": f"{page}#code",
        "name": "Baumblick",
        "codeRepository": "https://git.example.org/baum",
        "license": "https://spdx.org/licenses/MIT.html",
        "discussionUrl": "https://talk.example.org",
        "keywords": ["Python"],
        "targetProduct": {"@id": f"{page}#software"},
    }
    german = data_of(f"/de/civic_project/{project['name']}")
    assert [node["@id"] for node in german["@graph"]] == [
        f"{page}#software",
        f"{page}#code",
    ]


@pytest.mark.parametrize(
    "fields",
    [{"stage": "idea"}, {"stage": "broken", "url": "https://b.example.org"}],
)
def test_what_can_not_be_used_is_not_offered(fields, data_of):
    project = new_project(**fields)
    [software] = data_of(f"/civic_project/{project['name']}")["@graph"]
    assert "offers" not in software


@pytest.mark.parametrize("relation", ["uses", "provides"])
@pytest.mark.parametrize("private", [True, False])
def test_only_public_datasets_that_are_used(relation, private, data_of):
    project = new_project()
    dataset = as_portal(
        "package_create",
        name=f"d-{relation}-{private}".lower(),
        owner_org="office",
        private=private,
    )
    as_portal(
        "digifarm_link_create",
        project=project["id"],
        dataset=dataset["id"],
        relation=relation,
    )
    software = software_of(data_of(f"/civic_project/{project['name']}", "lea"))
    is_said = relation == "uses" and not private
    assert ("isBasedOn" in software) == is_said


def test_nothing_of_what_is_private_or_deleted(data_of):
    project = new_project(private=True, title="Geheim")
    path = f"/civic_project/{project['name']}"
    assert data_of(path, "lea") is None
    listed = data_of("/civic_project/?q=Geheim", "lea")
    assert listed["mainEntity"] == {"@type": "ItemList"}
    as_portal("package_patch", id=project["id"], private=False)
    assert data_of(path, "lea")
    listed = data_of("/civic_project/?q=Geheim")
    assert [
        one["name"] for one in listed["mainEntity"]["itemListElement"]
    ] == ["Geheim"]
    as_portal("package_delete", id=project["id"])
    assert data_of(path, "lea") is None


def test_a_list_says_what_is_on_it(shared_app, data_of):
    page = html(Browser(shared_app).get("/civic_project/?q=baum"))
    shown = [link["href"] for link in page.select(".digifarm-card a")]
    data = data_of("/civic_project/?q=baum")
    site = tk.config["ckan.site_url"]
    found = data["mainEntity"]
    assert found["numberOfItems"] == len(shown) > 0
    assert [one["url"] for one in found["itemListElement"]] == [
        f"{site}{path}" for path in shown
    ]
    assert [one["position"] for one in found["itemListElement"]] == [
        *range(1, len(shown) + 1)
    ]


@pytest.mark.ckan_config("ckan.datasets_per_page", 1)
def test_each_page_of_a_list_says_which_part_it_is(ckan_config, data_of):
    names = [new_project(title="Quittenkarte")["name"] for _ in range(2)]
    found = [
        data_of(f"/civic_project/?q=quittenkarte&page={number}")["mainEntity"]
        for number in (1, 2)
    ]
    assert [one["numberOfItems"] for one in found] == [2, 2]
    items = [item for one in found for item in one["itemListElement"]]
    assert [item["position"] for item in items] == [1, 2]
    shown = {urlsplit(item["url"]).path for item in items}
    assert shown == {f"/civic_project/{name}" for name in names}


BAD = "</script><!-- <script> & ' \" \u2028 \u2029 ]]>"


def test_no_text_ends_the_script(shared_app, data_of):
    project = new_project(
        title=BAD.replace("\u2028 \u2029 ", ""),
        features=[BAD.replace("\u2028 \u2029 ", "")],
    )
    as_portal(
        "package_create", name="bad", title=BAD, notes=BAD, owner_org="office"
    )
    as_portal("digifarm_link_create", project=project["id"], dataset="bad")
    path = f"/civic_project/{project['name']}"
    software = software_of(data_of(path))
    assert software["name"] == project["title"]
    assert software["isBasedOn"][0]["name"] == BAD
    body = Browser(shared_app).get(path).body
    written = body.partition("application/ld+json")[2].partition("</script>")[
        0
    ]
    assert "targetProduct" not in written
    for characters in ("<", "&", "\u2028", "\u2029"):
        assert characters not in written.partition(">")[2]
    assert json.loads(written.partition(">")[2]) == data_of(path)


def test_it_loads_nothing(shared_app, monkeypatch):
    browser = Browser(shared_app)
    for path in ("/civic_project/", f"/civic_project/{DEMO[0]['name']}"):
        browser.get(path)
        with counting() as with_data:
            browser.get(path)
        with monkeypatch.context() as patch:
            for name in ("of_project", "of_list"):
                patch.setattr(
                    f"ckanext.digifarm.sharing.jsonld.{name}",
                    lambda *_: None,
                )
            with counting() as without:
                browser.get(path)
        assert len(with_data.sql) == len(without.sql)
        assert len(with_data.solr) == len(without.solr)
