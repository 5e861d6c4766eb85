"""What happens where a portal is set up in a way that can't work."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import yaml

import ckanext.digifarm
from ckan import model, plugins
from ckan.exceptions import CkanConfigurationException
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.projects import fields

THEIRS = "ckanext.scheming:ckan_dataset.yaml"
OURS = "ckanext.digifarm:civic_project.yaml"

SCHEMA_FILE = Path(ckanext.digifarm.__path__[0]) / "civic_project.yaml"

#: Types of a portal that has more than civic projects.
OWN_TYPES: dict[str, dict[str, Any]] = {
    "dataset": {
        "scheming_version": 2,
        "dataset_type": "dataset",
        "dataset_fields": [
            {"field_name": "title"},
            {"field_name": "name"},
            {"field_name": "owner_org"},
            {"field_name": "district", "validators": "not_empty"},
        ],
        "resource_fields": [{"field_name": "url"}],
    },
    "showcase": {
        "scheming_version": 2,
        "dataset_type": "showcase",
        "dataset_fields": [{"field_name": "title"}, {"field_name": "name"}],
        "resource_fields": [],
    },
}


@pytest.fixture
def start(ckan_config, monkeypatch):
    """Starts a portal with options; it stops after the test."""

    def start(**options: Any) -> None:
        for key, value in options.items():
            monkeypatch.setitem(ckan_config, key.replace("__", "."), value)
        plugins.load_all()

    yield start
    monkeypatch.undo()
    plugins.unload_all()


@pytest.fixture
def write_schema(tmp_path):
    """Writes a schema file and gives its address."""

    def write(schema: dict[str, Any]) -> str:
        path = tmp_path / f"{schema['dataset_type']}.yaml"
        path.write_text(yaml.safe_dump(schema), "utf-8")
        return path.as_uri()

    return write


@pytest.mark.parametrize(
    "names",
    [
        "digifarm scheming_datasets",
        "activity digifarm scheming_datasets",
        "digifarm activity scheming_datasets scheming_organizations",
    ],
)
def test_a_portal_that_is_set_up_rightly_starts_in_silence(
    names, start, caplog
):
    with caplog.at_level(logging.WARNING, "ckanext.digifarm"):
        start(
            ckan__plugins=names,
            ckan__auth__enable_cookie_auth_in_api=False,
        )
    assert plugins.plugin_loaded("digifarm")
    assert fields.schema()
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("options", "problem", "line"),
    [
        (
            {"ckan__plugins": "digifarm"},
            "needs the plugin scheming_datasets",
            "ckan.plugins = … digifarm scheming_datasets",
        ),
        (
            {"ckan__plugins": "scheming_datasets digifarm"},
            "must stand before scheming_datasets",
            "ckan.plugins = … digifarm scheming_datasets",
        ),
        (
            {"scheming__dataset_schemas": ""},
            "finds no schema for the dataset type civic_project",
            f"scheming.dataset_schemas = … {OURS}",
        ),
        (
            {"scheming__dataset_schemas": THEIRS},
            "finds no schema for the dataset type civic_project",
            f"scheming.dataset_schemas = … {OURS}",
        ),
        (
            {"ckanext__digifarm__partner_schema": "ckanext.digifarm:no.yaml"},
            "can't read its partner schema",
            "ckanext.digifarm.partner_schema = ckanext.digifarm:partner.yaml",
        ),
        (
            {"ckanext__digifarm__partner_schema": "ckanext.nowhere:a.yaml"},
            "can't read its partner schema",
            "ckanext.digifarm.partner_schema = ckanext.digifarm:partner.yaml",
        ),
        *(
            (
                {f"ckanext__digifarm__limits__{who}": limits},
                "can't read its limits",
                "ckanext.digifarm.limits.address = 20 per hour; 100 per day",
            )
            for who in ("address", "email")
            for limits in ("often", "20 per hour; seldom")
        ),
        *(
            (
                {"ckanext__digifarm__contact_phone": number},
                "can't read its telephone number",
                "ckanext.digifarm.contact_phone = +49 251 0000000",
            )
            for number in ("ask us", "javascript:1", "0251", "+49 251 <b>")
        ),
    ],
    ids=[
        "no scheming",
        "wrong order",
        "no schemas",
        "other schemas",
        "no partner schema",
        "partner schema of no module",
        "limits by address",
        "one of the limits by address",
        "limits by email",
        "one of the limits by email",
        "words for a number",
        "an address for a number",
        "too short a number",
        "more than a number",
    ],
)
def test_a_portal_that_is_not_stops_with_the_line_to_write(
    options, problem, line, start
):
    with pytest.raises(CkanConfigurationException) as raised:
        start(**options)
    message = str(raised.value)
    assert message.startswith("The plugin digifarm ")
    assert problem in message
    assert message.endswith(f"Write in the configuration file: {line}")


@pytest.mark.parametrize(
    ("option", "value", "words", "line"),
    [
        (
            "ckan__auth__allow_dataset_collaborators",
            False,
            "project owners can't edit their entries",
            "ckan.auth.allow_dataset_collaborators = true",
        ),
        (
            "ckan__auth__enable_cookie_auth_in_api",
            True,
            "could act in their name",
            "ckan.auth.enable_cookie_auth_in_api = false",
        ),
    ],
)
def test_what_is_only_advisable_is_a_warning(
    option, value, words, line, start, caplog, monkeypatch
):
    # Migrations of other plugins switch off the loggers that they find.
    logger = logging.getLogger("ckanext.digifarm.startup")
    monkeypatch.setattr(logger, "disabled", False)
    with caplog.at_level(logging.WARNING, "ckanext.digifarm"):
        silent = {"ckan__auth__enable_cookie_auth_in_api": False}
        start(**{**silent, option: value})
    assert plugins.plugin_loaded("digifarm")
    [message] = caplog.messages
    assert words in message
    assert message.endswith(line)


@pytest.mark.parametrize("first", [True, False])
def test_a_portal_keeps_its_own_schemas(
    first, start, write_schema, empty_db, reset_index
):
    own = [write_schema(schema) for schema in OWN_TYPES.values()]
    schemas = [OURS, *own] if first else [*own, OURS]
    start(scheming__dataset_schemas=" ".join(schemas))
    empty_db()
    reset_index()
    types = call_action("scheming_dataset_schema_list")
    assert set(types) == {"civic_project", "dataset", "showcase"}
    organization = factories.Organization()
    dataset = factories.Dataset(
        district="Hiltrup", owner_org=organization["id"]
    )
    assert (
        call_action("package_show", id=dataset["id"])["district"] == "Hiltrup"
    )
    project = factories.Dataset(
        type="civic_project", stage="live", owner_org=organization["id"]
    )
    assert project["stage"] == "live"
    found = call_action("package_search", facet="false")
    assert [p["id"] for p in found["results"]] == [dataset["id"]]


def test_templates_stay_compiled_however_many_there_are(shared_app):
    environment = shared_app.flask_app.jinja_env
    home = environment.get_template("home/index.html")
    for number in range(500):
        # Each set of parameters makes another template of a snippet.
        environment.get_template(f"home/index§a{number}.html")
    assert environment.get_template("home/index.html") is home


@pytest.fixture
def smaller_schema() -> dict[str, Any]:
    """A city's own version: other words, other choices, few fields."""
    schema = yaml.safe_load(SCHEMA_FILE.read_text("utf-8"))
    kept = {"title", "name", "owner_org", "help_wanted", "stage"}
    schema["dataset_fields"] = [
        field
        for field in schema["dataset_fields"]
        if field["field_name"] in kept
    ]
    for field in schema["dataset_fields"]:
        field["label"] = f"The {field['field_name']}"
    [wanted] = [
        field
        for field in schema["dataset_fields"]
        if field["field_name"] == "help_wanted"
    ]
    wanted["choices"] = [{"value": "rooms", "label": "Rooms"}]
    del schema["form_groups"], schema["facets"]
    # Fields as scheming's users write them.
    schema["dataset_fields"] += [
        {"field_name": "district", "label": "District"},
        {
            "field_name": "milestones",
            "label": "Milestones",
            "repeating_subfields": [{"field_name": "what", "label": "What"}],
        },
    ]
    return schema


def test_a_city_may_have_fields_and_words_of_its_own(
    smaller_schema, start, write_schema, empty_db, reset_index, make_app
):
    start(scheming__dataset_schemas=write_schema(smaller_schema))
    empty_db()
    reset_index()
    project = factories.Dataset(
        type="civic_project",
        help_wanted=["rooms"],
        district="Hiltrup",
        milestones=[{"what": "A map"}, {"what": "An app"}],
        owner_org=factories.Organization()["id"],
    )
    assert project["help_wanted"] == ["rooms"]
    assert project["district"] == "Hiltrup"
    assert project["milestones"] == [{"what": "A map"}, {"what": "An app"}]
    app = make_app()
    headers = {"Authorization": factories.SysadminWithToken()["token"]}
    pages = [
        f"/civic_project/{project['name']}",
        f"/civic_project/edit/{project['name']}",
        "/civic_project/new",
        "/civic_project/",
        "/civic_project/about",
    ]
    for page in pages:
        response = app.get(page, headers=headers)
        assert response.status_code == 200, page
    assert "Rooms" in app.get(pages[0]).body
    # What it has left out is asked for, stored and shown nowhere.
    left_out = {"accompanied", "listed", "features", "personal_data"}
    assert not left_out & project.keys()
    assert not left_out & model.Package.get(project["id"]).extras.keys()
    for page in pages:
        body = app.get(page, headers=headers).body
        assert "/accompany/" not in body
        assert "personal_data" not in body
    path = f"/civic_project/{project['name']}"
    assert "In the directory since" not in app.get(path).body


def test_a_city_may_leave_out_what_an_import_has(
    smaller_schema,
    start,
    write_schema,
    empty_db,
    reset_index,
    make_app,
    run_import,
):
    start(scheming__dataset_schemas=write_schema(smaller_schema))
    empty_db()
    reset_index()
    make_app()
    organization = factories.Organization()["name"]
    rows = [
        {
            "Name": "Baumblick",
            "Aufnahmedatum": "01.10.2021",
            "Digifarm-Projekt": "ja",
        }
    ]
    result = run_import(rows, f"--organization={organization}")
    assert result.exit_code == 0, result.output
    for words in (
        "Aufnahmedatum: not imported, this portal has no field listed: “2021",
        "Digifarm-Projekt: not imported, this portal has no field accompanied",
    ):
        assert words in result.output
    project = call_action("package_show", id="baumblick")
    assert project["title"] == "Baumblick"
    assert not project.get("extras")
    result = run_import(rows)
    assert "1 unchanged" in result.output
