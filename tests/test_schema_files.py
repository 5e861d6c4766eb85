"""Mistakes in a city's own files are named at start, with file and key."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

import ckanext.digifarm
from ckan import plugins
from ckan.exceptions import CkanConfigurationException
from ckan.tests.helpers import changed_config
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.partners import fields as partner_fields
from ckanext.digifarm.projects import fields, schema_check

EXTENSION = Path(ckanext.digifarm.__path__[0])

SCHEMAS = "scheming.dataset_schemas"
PARTNERS = "ckanext.digifarm.partner_schema"

Change = Callable[[dict[str, Any]], Any]


@pytest.fixture
def start(ckan_config, monkeypatch) -> Iterator[Callable[[str, str], None]]:
    """Starts a portal with an option; it stops after the test."""

    def start(option: str, value: str) -> None:
        monkeypatch.setitem(ckan_config, option, value)
        plugins.load_all()

    yield start
    monkeypatch.undo()
    plugins.unload_all()


def city(tmp_path: Path, change: Change, name: str = "civic_project") -> str:
    """The address of a city's copy of a file, outside of any package."""
    said = yaml.safe_load((EXTENSION / f"{name}.yaml").read_text("utf-8"))
    change(said)
    copy = tmp_path / "stadt.yaml"
    copy.write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
    return copy.as_uri()


def field(said: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [f for f in said["dataset_fields"] if f["field_name"] == name]
    return found


def complaint(start: Any, option: str, value: str) -> str:
    with pytest.raises(CkanConfigurationException) as raised:
        start(option, value)
    return str(raised.value)


def test_a_copy_outside_of_a_package_is_used(tmp_path, start):
    def rename(said: dict[str, Any]) -> None:
        field(said, "stage")["label"] = {"de": "Stand"}

    start(SCHEMAS, city(tmp_path, rename))

    assert fields.label("stage") == "Stand"


def test_the_same_with_that_of_partners(tmp_path, start):
    def rename(said: dict[str, Any]) -> None:
        said["form_groups"][0]["label"] = {"de": "Wer"}

    start(PARTNERS, city(tmp_path, rename, "partner"))

    assert partner_fields.form_groups()[0]["label"] == {"de": "Wer"}


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        (
            "file:///etc/ckan/no.yaml",
            "No such file or directory (/etc/ckan/no.yaml)",
        ),
        (
            "/etc/ckan/no.yaml",
            "this is no address, write file:///etc/ckan/no.yaml",
        ),
        ("file://etc/no.yaml", "write the whole path behind file://"),
        ("stadt.yaml", "write module:file, or file:// and the whole path"),
        ("ckanext.nowhere:a.yaml", "no Python module ckanext.nowhere"),
        ("ckanext.digifarm:no.yaml", "No such file or directory"),
    ],
)
@pytest.mark.parametrize("option", [SCHEMAS, PARTNERS])
def test_a_wrong_address_is_named(option, address, problem, start):
    said = complaint(start, option, address)

    assert f"{address}: " in said
    assert problem in said
    assert option in said


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a: [b", "this is no YAML, line 1: "),
        (b"a: b\n c: d", "this is no YAML, line 2: "),
        (b"\xff\xfe", "can't decode byte"),
        (b"", "there are no keys in it"),
        (b"a: b", "the key dataset_type is missing"),
        (
            b"dataset_type: civic_project\nresource_fields: []",
            "the list dataset_fields is missing",
        ),
    ],
)
def test_a_file_that_is_no_schema_is_named(content, problem, tmp_path, start):
    file = tmp_path / "stadt.yaml"
    file.write_bytes(content)

    said = complaint(start, SCHEMAS, file.as_uri())

    assert f"{file.as_uri()}: " in said
    assert problem in said


def misspell_facet(said: dict[str, Any]) -> None:
    said["facets"]["open"].append("stagee")


def misspell_kind_of_facets(said: dict[str, Any]) -> None:
    said["facets"]["fold"] = said["facets"].pop("folded")


def misspell_validator(said: dict[str, Any]) -> None:
    field(said, "url")["validators"] += " digifarm_url"


def misspell_preset(said: dict[str, Any]) -> None:
    field(said, "url")["preset"] = "urll"


def leave_out_title(said: dict[str, Any]) -> None:
    said["dataset_fields"].remove(field(said, "title"))


def forget_name(said: dict[str, Any]) -> None:
    said["dataset_fields"][2].pop("field_name")


def forget_value(said: dict[str, Any]) -> None:
    field(said, "stage")["choices"][1].pop("value")


def forget_label_of_area(said: dict[str, Any]) -> None:
    field(said, "help_wanted")["choices"][0].pop("label")


def forget_label_of_condition(said: dict[str, Any]) -> None:
    said["proposal"]["conditions"][2].pop("label")


def misspell_required(said: dict[str, Any]) -> None:
    said["proposal"]["required"].append("sumary")


def misspell_reasons(said: dict[str, Any]) -> None:
    said["reasons"]["declined"] = []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (misspell_facet, "facets: open: there is no field stagee"),
        (misspell_kind_of_facets, "facets: there is no key fold"),
        (
            misspell_validator,
            (
                "dataset_fields: url has in validators digifarm_url, which is"
                " no validator"
            ),
        ),
        (
            misspell_preset,
            "dataset_fields: url has the preset urll, which is unknown",
        ),
        (leave_out_title, "dataset_fields: the field title is missing"),
        (forget_name, "dataset_fields: number 3 has no field_name"),
        (
            forget_value,
            "dataset_fields: stage: choices: number 2 has no value",
        ),
        (
            forget_label_of_area,
            "dataset_fields: help_wanted: choices: number 1 has no label",
        ),
        (
            forget_label_of_condition,
            "proposal: conditions: number 3 has no label",
        ),
        (misspell_required, "proposal: required: there is no field sumary"),
        (misspell_reasons, "reasons: there is no key declined"),
    ],
)
def test_a_mistake_is_named_with_its_key(change, problem, tmp_path, start):
    address = city(tmp_path, change)

    said = complaint(start, SCHEMAS, address)

    assert said.splitlines()[1:] == [f"{address}: {problem}"]


def test_all_mistakes_are_named_at_once(tmp_path, start):
    def change(said: dict[str, Any]) -> None:
        misspell_facet(said)
        misspell_validator(said)

    said = complaint(start, SCHEMAS, city(tmp_path, change))

    assert len(said.splitlines()) == 3


def test_fields_that_a_city_leaves_out_may_still_be_named(tmp_path, start):
    def leave_out(said: dict[str, Any]) -> None:
        for name in ("complexity", "public_value", "action_fields"):
            said["dataset_fields"].remove(field(said, name))

    start(SCHEMAS, city(tmp_path, leave_out))

    assert "complexity" not in fields.names()


def add_partner_field(said: dict[str, Any]) -> None:
    said["partner_fields"].append({"field_name": "phone"})


def misspell_source(said: dict[str, Any]) -> None:
    [areas] = [f for f in said["partner_fields"] if f["field_name"] == "areas"]
    areas["choices_of"] = "help_wantd"


def forget_groups(said: dict[str, Any]) -> None:
    del said["form_groups"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (add_partner_field, "partner_fields: phone is no field of a partner"),
        (
            misspell_source,
            (
                "partner_fields: areas has the choices of help_wantd, which is"
                " no field of a project"
            ),
        ),
        (forget_groups, "the list form_groups is missing"),
    ],
)
def test_a_mistake_in_the_file_of_partners_is_named(
    change, problem, tmp_path, start
):
    address = city(tmp_path, change, "partner")

    said = complaint(start, PARTNERS, address)

    assert said.splitlines()[1:] == [f"{address}: {problem}"]


@pytest.mark.parametrize("path", ["no.md", "no.{lang}.md"])
def test_a_missing_text_about_projects_is_a_warning(
    path, tmp_path, start, caplog, monkeypatch
):
    # Migrations of other plugins switch off the loggers that they find.
    logger = logging.getLogger("ckanext.digifarm.startup")
    monkeypatch.setattr(logger, "disabled", False)
    file = tmp_path / path

    start("ckanext.digifarm.about_file", str(file))

    named = str(file).replace("{lang}", "en")
    problem = (
        f"ckanext.digifarm.about_file: No such file or directory ({named})"
    )
    assert [m for m in caplog.messages if "about_file" in m] == [
        f"digifarm: {problem}"
    ]


@pytest.mark.usefixtures("shared_portal")
def test_the_command_names_what_is_wrong_with_the_configuration(tmp_path):
    result = CliRunner().invoke(digifarm, ["check"])
    assert result.exit_code == 0, result.output

    missing = str(tmp_path / "no.md")
    with (
        changed_config("ckanext.digifarm.about_file", missing),
        changed_config("ckan.auth.allow_dataset_collaborators", False),
    ):
        result = CliRunner().invoke(digifarm, ["check"])

    assert result.exit_code == 1
    first, second, *_ = result.output.splitlines()
    assert "ckan.auth.allow_dataset_collaborators = true" in first
    assert second == (
        f"ckanext.digifarm.about_file: No such file or directory ({missing})"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory"),
        ("{", "this is no JSON"),
        ("{}", "the list presets is missing"),
    ],
)
def test_presets_that_can_not_be_read_are_named(
    content, said, tmp_path, ckan_config, monkeypatch
):
    file = tmp_path / "presets.json"
    if content is not None:
        file.write_text(content)
    monkeypatch.setitem(ckan_config, "scheming.presets", file.as_uri())
    [sentence] = schema_check.unreadable()

    assert sentence.startswith(f"scheming.presets: {file.as_uri()}: ")
    assert said in sentence


def test_nobody_knows_the_presets_of_another_server(
    tmp_path, ckan_config, monkeypatch
):
    def use_preset(said: dict[str, Any]) -> None:
        field(said, "url")["preset"] = "of_the_city"

    copy = city(tmp_path, use_preset)
    monkeypatch.setitem(ckan_config, SCHEMAS, copy)
    assert len([*schema_check.unreadable()]) == 1
    remote = "https://city.example/presets.json"
    for presets in (remote, f"ckanext.scheming:presets.json {remote}"):
        monkeypatch.setitem(ckan_config, "scheming.presets", presets)
        assert [*schema_check.unreadable()] == []
