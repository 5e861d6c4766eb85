"""The demo content says nothing that a portal would refuse."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from ckan.model.license import LicenseRegister
from ckanext.digifarm.projects import licences, stages
from ckanext.digifarm.projects.licences import LicenseStatus
from dev.paths import ROOT

DEMO = ROOT / "dev" / "demo"
PARTNER_FILE = ROOT / "ckanext" / "digifarm" / "partner.yaml"
SCHEMA_FILE = ROOT / "ckanext" / "digifarm" / "civic_project.yaml"

KILOBYTE = 1024
LARGEST_PICTURE = 60 * KILOBYTE
LARGEST_TOTAL = 600 * KILOBYTE
PICTURE_SIZE = (1200, 675)

#: Keys of a project that are no fields of the schema file.
OTHER_KEYS = {
    "datasets",
    "ending",
    "handover",
    "is_confirmed",
    "picture",
    "private",
    "tags",
    "tasks",
}


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def names(entries: list[dict[str, Any]]) -> set[str]:
    return {entry["name"] for entry in entries}


def each(entries: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "entry", entries, ids=[entry["name"] for entry in entries]
    )


ORGANIZATIONS = read(DEMO / "organizations.yaml")
GROUPS = read(DEMO / "groups.yaml")
DATASETS = read(DEMO / "datasets.yaml")
PROJECTS = read(DEMO / "projects.yaml")
PARTNERS = read(DEMO / "partners.yaml")
ACCOUNTS = read(DEMO / "accounts.yaml")
FIELDS = {
    field["field_name"]: field for field in read(SCHEMA_FILE)["dataset_fields"]
}
CHOICES = {
    name: [choice["value"] for choice in field["choices"]]
    for name, field in FIELDS.items()
    if "choices" in field
}
REASONS = {
    reason["value"] for reason in read(SCHEMA_FILE)["reasons"]["stopping"]
}
PICTURES = {path.stem: path for path in (DEMO / "pictures").glob("*.png")}


def values(project: dict[str, Any], field: str) -> list[str]:
    value = project.get(field, [])
    return value if isinstance(value, list) else [value]


def license_status(project: dict[str, Any]) -> LicenseStatus:
    return licences.license_status(
        project.get("source_license"),
        project.get("open_source_intended", False),
        project["stage"],
        also_open={"CC0-1.0"},
    )


@pytest.mark.parametrize(
    "entries", [ORGANIZATIONS, GROUPS, DATASETS + PROJECTS, PARTNERS, ACCOUNTS]
)
def test_no_name_is_given_twice(entries):
    assert len(names(entries)) == len(entries)


@pytest.mark.parametrize(
    "field",
    ["stage", "action_fields", "project_type", "complexity", "help_wanted"],
)
def test_every_choice_occurs(field):
    used = {value for project in PROJECTS for value in values(project, field)}
    assert used == set(CHOICES[field])


def test_licences_of_most_kinds_occur():
    assert {license_status(project) for project in PROJECTS} >= {
        LicenseStatus.OPEN,
        LicenseStatus.ANNOUNCED,
        LicenseStatus.NOT_VERIFIED,
    }


def test_some_projects_are_unusual():
    assert any(project.get("private") for project in PROJECTS)
    assert any("picture" not in project for project in PROJECTS)
    assert any(len(project["title"]) > 150 for project in PROJECTS)


@each(PROJECTS)
def test_project_has_only_fields_of_the_schema_file(entry):
    assert entry.keys() - OTHER_KEYS <= FIELDS.keys()


@each(PROJECTS)
def test_project_has_what_is_required(entry):
    required = {
        name
        for name, field in FIELDS.items()
        if "not_empty" in field["validators"]
        or "scheming_required" in field["validators"]
    }
    assert required <= entry.keys()
    assert entry["owner_org"] in names(ORGANIZATIONS)


@each(PROJECTS)
def test_choices_of_project_exist(entry):
    for field, choices in CHOICES.items():
        assert set(values(entry, field)) <= set(choices)


@each(PROJECTS)
def test_project_that_is_over_says_why(entry):
    assert ("ending" in entry) == stages.is_over(entry.get("stage"))
    if "ending" in entry:
        assert entry["ending"].keys() == {
            "since",
            "reason_code",
            "reason",
            "takeover",
        }
        assert entry["ending"]["reason_code"] in REASONS


@each(PROJECTS)
def test_texts_of_project_are_not_too_long(entry):
    for name, field in FIELDS.items():
        limit = re.search(r"digifarm_max_length\((\d+)\)", field["validators"])
        if limit:
            assert len(entry.get(name, "")) <= int(limit[1]), name


@each(PROJECTS)
def test_help_is_explained_where_it_is_wanted(entry):
    explained = {
        area for area in CHOICES["help_wanted"] if f"{area}_help" in entry
    }
    assert explained == set(entry.get("help_wanted", []))


@each(PROJECTS)
def test_addresses_of_project_are_invented(entry):
    for name, field in FIELDS.items():
        if "digifarm_http_url" in field["validators"] and name in entry:
            assert entry[name].startswith("https://example.org/"), name
    assert entry.get("contact_email", "@example.org").endswith("@example.org")


@each(PROJECTS)
def test_start_of_project_is_text(entry):
    # Without quotes YAML makes a day a date and a year a number.
    assert isinstance(entry.get("started", ""), str)


@each(PROJECTS)
def test_licence_of_project_is_an_spdx_expression(entry):
    license_ = entry.get("source_license")
    assert license_ is None or licences.normalize(license_) == license_


@each(PROJECTS)
def test_picture_of_project_is_described(entry):
    assert ("picture" in entry) == ("image_alt" in entry)
    if "picture" in entry:
        with Image.open(PICTURES[entry["picture"]]) as picture:
            assert picture.size == PICTURE_SIZE


@each(PROJECTS)
def test_links_of_project_name_datasets_once(entry):
    linked = [link["dataset"] for link in entry.get("datasets", [])]
    assert set(linked) <= names(DATASETS)
    assert len(set(linked)) == len(linked)


@each(PROJECTS)
def test_links_of_project_say_how(entry):
    for link in entry.get("datasets", []):
        assert link["note"]
        assert link.get("relation", "uses") in {"uses", "provides"}
        assert link.get("linked_from", "project") in {"project", "dataset"}


def test_links_are_of_all_kinds():
    links = [
        link for project in PROJECTS for link in project.get("datasets", [])
    ]
    projects_of = Counter(link["dataset"] for link in links)
    assert any(link.get("relation") == "provides" for link in links)
    assert max(projects_of.values()) > 1
    assert max(len(p.get("datasets", [])) for p in PROJECTS) > 1
    assert names(DATASETS) - projects_of.keys(), "no dataset is unused"


@each(DATASETS)
def test_dataset_fits_into_the_portal(entry):
    assert entry["owner_org"] in names(ORGANIZATIONS)
    assert set(entry["groups"]) <= names(GROUPS)
    assert entry["license_id"] in LicenseRegister()
    assert all({"name", "format"} == set(r) for r in entry["resources"])


@each(ACCOUNTS)
def test_account_has_a_role(entry):
    assert entry["role"]
    assert entry.get("organizations", {}).keys() <= names(ORGANIZATIONS)
    assert set(entry.get("projects", [])) <= names(PROJECTS)


def test_pictures_are_small():
    sizes = [path.stat().st_size for path in PICTURES.values()]
    assert max(sizes) <= LARGEST_PICTURE
    assert sum(sizes) <= LARGEST_TOTAL


def test_pictures_are_used_and_have_a_drawing():
    used = {
        entry["picture"]
        for entry in ORGANIZATIONS + GROUPS + PROJECTS
        if "picture" in entry
    }
    assert used | {"logo"} == PICTURES.keys()
    assert used <= {path.stem for path in (DEMO / "drawings").glob("*.svg")}


@each(PARTNERS)
def test_partner_is_of_the_schema_file(entry):
    schema = read(PARTNER_FILE)["partner_fields"]
    names_of_fields = {field["field_name"] for field in schema}
    assert entry.keys() - {"supports"} <= names_of_fields
    [kinds] = [f["choices"] for f in schema if f["field_name"] == "kind"]
    assert entry["kind"] in {choice["value"] for choice in kinds}
    assert set(entry.get("areas", [])) <= set(CHOICES["help_wanted"])
    assert set(entry.get("action_fields", [])) <= set(CHOICES["action_fields"])
    assert entry["contact_email"].endswith("@example.org")
    assert entry.get("url", "https://example.org/").startswith(
        "https://example.org/"
    )


@each([project for project in PROJECTS if "tasks" in project])
def test_tasks_of_project_are_small_and_clear(entry):
    for task in entry["tasks"]:
        assert {"title", "description", "skills", "effort"} <= task.keys()
        assert len(task["title"]) <= 150
        assert task.get("url", "https://example.org/").startswith(
            "https://example.org/"
        )


def test_every_effort_of_a_task_occurs_that_is_not_huge():
    efforts = [e["value"] for e in read(SCHEMA_FILE)["task_efforts"]]
    used = {
        task["effort"]
        for project in PROJECTS
        for task in project.get("tasks", [])
    }
    assert used == {*efforts} - {"weeks"}


@each(PARTNERS)
def test_partner_supports_what_there_is(entry):
    for support in entry.get("supports", []):
        assert support["project"] in names(PROJECTS)
        assert support["area"] in CHOICES["help_wanted"]
        assert isinstance(support.get("since", ""), str)


def test_what_is_known_of_addresses_is_of_the_demo():
    known = read(DEMO / "checks.yaml")
    urls = {
        value
        for project in PROJECTS
        for name, value in project.items()
        if name.endswith("url")
    }
    found = {e["url"] for e in [*known["addresses"], *known["repositories"]]}
    assert found <= urls
