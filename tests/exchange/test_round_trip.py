"""What is exported is the same on another portal, and stays so."""

from __future__ import annotations

import datetime
import json
from importlib import import_module
from types import SimpleNamespace

import ckantoolkit as tk
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.exchange import (
    columns,
    documents,
    exporting,
    files,
    tables,
)
from ckanext.digifarm.projects import text
from ckanext.digifarm.projects.validation import validated
from dev.paths import ROOT

from ..acting import as_portal
from ..conftest import ProjectFactory
from . import generated


def command(*args):
    result = CliRunner().invoke(digifarm, args)
    assert not result.exception, result.output + str(result.exception)
    return result


#: How a table is exported that Excel opens in German.
EXCEL = ("csv", "--excel", "--language", "de")


def exported(path, format_, *options):
    result = command("export", "--private", "--format", format_, *options)
    path.write_bytes(result.stdout_bytes)
    return path


def projects():
    """What is exported, but for what holds on one portal only."""
    document = command("export", "--private", "--format", "json").stdout
    found = json.loads(document)["projects"]
    for project in found:
        del project["here"]
    return found


def empty():
    """Let the portal forget its projects and partners; datasets stay."""
    model.Session.remove()
    tables = [
        f'DELETE FROM "{table.name}"'
        for table in reversed(tk.BaseModel.metadata.sorted_tables)
        if table.name.startswith("digifarm_")
        and not table.name.endswith("alembic_version")
    ]
    projects = "(SELECT id FROM package WHERE type = 'civic_project')"
    more = [
        f"DELETE FROM package_tag WHERE package_id IN {projects}",
        f"DELETE FROM member WHERE table_id IN {projects}",
        "DELETE FROM package WHERE type = 'civic_project'",
    ]
    model.Session.execute(sa.text(";".join([*tables, *more])))
    model.Session.commit()


def check(path, format_, *options):
    before = projects()
    count = len(before)
    file = exported(path / f"projects.{format_}", format_, *options)
    empty()
    assert projects() == []
    result = command("import", str(file))
    assert f"{count} created, 0 updated, 0 unchanged" in result.stdout
    for one, other in zip(projects(), before, strict=True):
        assert one == other
    result = command("import", str(file))
    assert f"0 created, 0 updated, {count} unchanged, 0 failed" in (
        result.stdout
    )
    assert "0 links added, 0 supporters added" in result.stdout
    assert projects() == before


@pytest.fixture
def content(empty_portal):
    """A public and a private project, with all that can be exported."""
    organization = factories.Organization(title="Ein Amt")
    trees = factories.Dataset(name="trees")
    private = factories.Dataset(
        owner_org=organization["id"], private=True, name="secret"
    )
    project = ProjectFactory(
        name="baumblick",
        title="=Baum|blick",
        owner_org=organization["id"],
        stage="live",
        notes="  Code\n\n- x\\n | y\r\n\r\nEnde ",
        features=["[zeigt] Bäume", "zählt sie, auch; einzeln"],
        technologies=["Python", "[Go]"],
        help_wanted=["content", "care"],
        sdgs=["9", "11"],
        accompanied=True,
        open_source_intended=True,
        source_license="GPL v3",
        tags=[{"name": "Grün"}, {"name": "Stadt"}],
        started="10/2021",
    )
    ProjectFactory(
        name="anders-als-der-titel",
        owner_org=organization["id"],
        private=True,
        stage="idea",
    )
    for dataset, relation, note in (
        (trees, "provides", "@wo | sie; stehen"),
        (private, "uses", ""),
    ):
        as_portal(
            "digifarm_link_create",
            project=project["id"],
            dataset=dataset["id"],
            relation=relation,
            note=note,
        )
    partners = [
        as_portal(
            "digifarm_partner_create",
            title=title,
            name=name,
            kind=kind,
            url=url,
        )["id"]
        for title, name, kind, url in (
            ("Verein | Bäume, e. V.", "anders", "association", ""),
            ("Kim", "kim", "other", "https://example.org/kim"),
        )
    ]
    for area, params in (
        ("content", {"partner": partners[0], "scope": "Gießen | Zählen"}),
        ("content", {"partner": partners[1], "until": "2099"}),
        ("technology", {"partner": partners[1], "since": "2020-05"}),
        ("technology", {}),
        ("technology", {"person": "Robin", "consent": True}),
    ):
        as_portal(
            "digifarm_support_create",
            project=project["id"],
            area=area,
            **params,
        )
    as_portal(
        "digifarm_task_create",
        project=project["id"],
        title="Zählen",
        description="Erst\n\n dann | \\n",
        skills=["Zählen", "Laufen"],
        effort="hour",
        url="https://example.org/1",
        for_beginners=True,
    )
    as_portal("digifarm_task_create", project=project["id"], title="Gießen")


@pytest.mark.usefixtures("content")
class TestAll:
    @pytest.mark.parametrize("how", [("json",), ("csv",), EXCEL])
    def test_is_the_same_elsewhere(self, tmp_path, how):
        check(tmp_path, *how)

    def test_changes_are_taken_over(self, tmp_path):
        file = exported(tmp_path / "projects.json", "json")
        document = json.loads(file.read_text())
        project = document["projects"][1]
        project["private"] = True
        project["fields"]["summary"] = "Anders"
        project["tasks"][1]["description"] = "Anders"
        file.write_text(json.dumps(document))
        assert "0 created, 1 updated, 1 unchanged" in (
            command("import", str(file)).stdout
        )
        del project["here"]
        assert projects()[1] == project

    @pytest.mark.parametrize("how", [("json",), ("csv",), EXCEL])
    def test_an_old_file_says_what_it_would_take_back(self, tmp_path, how):
        file = exported(tmp_path / f"projects.{how[0]}", *how)
        assert OLD not in command("import", str(file)).stdout
        change("baumblick", summary="Inzwischen")
        said = command("import", "--dry-run", str(file)).stdout
        assert "1 updated, 1 unchanged" in said
        assert said.count(OLD) == 1
        assert OLD in said.partition("baumblick")[2]
        # Another project that has changed is as the file says.
        change("anders-als-der-titel")
        assert command("import", str(file)).stdout.count(OLD) == 1
        assert "2 unchanged" in command("import", str(file)).stdout

    @pytest.mark.parametrize("how", [("json",), ("csv",)])
    def test_another_portals_time_says_nothing(self, tmp_path, how):
        file = exported(tmp_path / f"projects.{how[0]}", *how)
        change("baumblick", summary="Inzwischen")
        text = file.read_text(encoding="utf-8")
        file.write_text(
            text.replace(tk.config["ckan.site_url"], "https://example.org"),
            encoding="utf-8",
        )
        said = command("import", "--dry-run", str(file)).stdout
        assert "1 updated, 1 unchanged" in said
        assert OLD not in said

    @pytest.mark.parametrize("when", ["gestern", "", "2026-13-01"])
    def test_a_time_that_is_none_says_nothing(self, tmp_path, when):
        file = exported(tmp_path / "projects.json", "json")
        document = json.loads(file.read_text())
        for project in document["projects"]:
            project["here"]["modified"] = when
        file.write_text(json.dumps(document))
        change("baumblick", summary="Inzwischen")
        said = command("import", "--dry-run", str(file)).stdout
        assert "1 updated, 1 unchanged" in said
        assert OLD not in said


#: What is said of a file that is older than what it would change.
OLD = "Last changed: this file is older than the last change"


def change(name, **fields):
    """Change a project a minute later."""
    as_portal("package_patch", id=name, **fields)
    package = model.Package.by_name(name)
    package.metadata_modified += datetime.timedelta(minutes=1)
    model.Session.commit()


#: So many projects are made up, and so many of them written.
GENERATED, WRITTEN = 500, 20


def test_whatever_a_project_holds_is_written(no_commits, tmp_path):
    """As JSON first, then as a table, twice."""
    for name in "trees", "parks", "lamps":
        if not model.Package.get(name):
            factories.Dataset(name=name)
    empty()
    made_up = tmp_path / "made-up.json"
    made_up.write_text(json.dumps(generated.document(WRITTEN)))
    organization = factories.Organization()["name"]
    result = CliRunner().invoke(
        digifarm, ["import", str(made_up), "-o", organization]
    )
    assert result.stderr == ""
    assert f"{WRITTEN} created" in result.stdout
    check(tmp_path, "csv")


CORE = [*model.package_table.c.keys()]


def stored(project, organization):
    """What the portal makes of a project that is new."""
    values = {
        **project["fields"],
        "name": project["name"],
        "owner_org": organization,
        "private": project["private"],
        "tags": [{"name": tag} for tag in project["tags"]],
        "type": "civic_project",
    }
    context = {"ignore_auth": True, "user": "", "session": model.Session}
    return validated(text.tidied(values), None, context)


def exported_of(values, project):
    """What would be exported of it, were it stored."""
    core = {name: values.get(name) for name in CORE}
    extras = {one["key"]: one["value"] for one in values["extras"]}
    row = SimpleNamespace(**{**core, "extras": extras})
    tasks = [
        {
            **dict.fromkeys(columns.TASK_PARTS, ""),
            "skills": [],
            **text.tidied(task),
        }
        for task in project["tasks"]
    ]
    return {
        **project,
        "organization": {"name": "", "title": ""},
        "fields": dict(exporting.fields_of(row)),
        "supporters": [
            {
                **dict.fromkeys(columns.SUPPORT_TEXTS, ""),
                **support,
                "partner": support["partner"]
                and {"url": "", "name": "", **support["partner"]},
            }
            for support in project["supporters"]
        ],
        "tasks": [
            {**t, "for_beginners": bool(t["for_beginners"])} for t in tasks
        ],
        "here": {},
    }


def test_whatever_a_project_holds_is_read_as_it_was(no_commits, tmp_path):
    """Many more, but for the writing, which takes long."""
    empty()
    organization = factories.Organization()["id"]
    projects = generated.document(GENERATED)["projects"]
    values = [stored(project, organization) for project in projects]
    found = [*map(exported_of, values, projects)]
    table, document = tmp_path / "projects.csv", tmp_path / "projects.json"
    table.write_bytes("".join(tables.lines(found)).encode())
    excel = tmp_path / "excel.csv"
    excel.write_bytes("".join(tables.lines(found, "de")).encode())
    document.write_text("".join(documents.lines(found)))
    as_table = [*files.read(table).records()]
    as_json = [*files.read(document).records()]
    assert [*files.read(excel).records()] == as_table
    assert len(as_table) == len(as_json) == GENERATED
    for one, other, project, before in zip(
        as_table, as_json, found, values, strict=True
    ):
        # What is made up may look as if its letters were garbled.
        reports = [said for said in one.reports if "garbled" not in said]
        assert (one.errors, reports) == ({}, [])
        other.fields.pop("owner_org", None)
        assert one.fields == other.fields
        assert one.links == [
            {k: link[k] for k in ("dataset", "relation", "note")}
            for link in other.links
        ]
        assert of_supporters(one) == of_supporters(other)
        assert one.tasks == other.tasks == project["tasks"]
        again = {**project, "fields": {**one.fields}}
        for apart in "name", "private", "tags":
            again["fields"].pop(apart, None)
        assert said(stored(again, organization)) == said(before)


def said(values):
    """What the portal would store, without what is blank."""
    extras = {one["key"]: one["value"] for one in values["extras"]}
    found = {**values, **extras, "extras": None}
    return {
        name: value
        for name, value in found.items()
        if not (isinstance(value, str) and not value.strip())
    }


def of_supporters(record):
    """Those of a table stand by area."""
    found = [
        (s.area, s.title, s.kind, s.url, s.name, sorted(s.texts.items()))
        for s in record.supporters
    ]
    return sorted(found)


#: What of the demo an export tells.
TOLD = {
    "digifarm_link_create",
    "digifarm_partner_create",
    "digifarm_support_create",
    "digifarm_task_create",
    "group_create",
    "organization_create",
    "package_create",
    "package_patch",
}


@pytest.fixture
def load(monkeypatch):
    """The script that loads the demo."""
    monkeypatch.syspath_prepend(ROOT / "dev" / "demo")
    return import_module("load")


@pytest.fixture
def demo(load, empty_portal, ckan_config, monkeypatch, tmp_path):
    """The demo's projects, with their pictures and all that belongs to them.

    Without what has happened to them in the meantime.
    """
    pictures = tmp_path / "storage" / "uploads" / "civic_project"
    pictures.mkdir(parents=True)
    monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path))
    factories.Sysadmin(name=load.AUTHOR)
    for item in load.items():
        if item.action in TOLD:
            load.create(item)


def test_the_demo_is_the_same_elsewhere(demo, load, tmp_path):
    found = projects()
    assert len(found) == len(load.content("projects"))
    assert sum(len(one["tasks"]) for one in found) >= 5
    assert sum(len(one["supporters"]) for one in found) >= 5
    assert sum(len(one["datasets"]) for one in found) >= 5
    check(tmp_path, "json")
    check(tmp_path, "csv")
