"""Projects stay out of the catalogue of ckanext-dcat."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import ckantoolkit as tk
import pytest

from ckan import plugins
from ckan.tests import helpers

from .conftest import FOREIGN_DATASET, PUBLIC_DATASETS, PUBLIC_PROJECTS, Portal

PLUGINS = ["dcat", "dcat_json_interface", "structured_data", "croissant"]
SCHEMA = "tests.isolation:dataset.yaml"

ALL_DATASETS = PUBLIC_DATASETS | {FOREIGN_DATASET}

CATALOGUES = [
    *(f"/catalog.{format_}" for format_ in ("xml", "ttl", "jsonld", "n3")),
    "/catalog.ttl?modified_since=2020-01-01",
    "/dcat.json",
    "/api/3/action/dcat_catalog_show?format=ttl",
    "/api/3/action/dcat_catalog_search?format=ttl",
    "/api/3/action/dcat_datasets_list",
]


@pytest.fixture(scope="module")
def dcat_portal(portal: Portal) -> Iterator[Portal]:
    """The portal with dcat on, before digifarm as in an existing portal."""
    ours = tk.aslist(tk.config["ckan.plugins"])
    schemas = tk.config["scheming.dataset_schemas"]
    with (
        helpers.changed_config("ckan.plugins", [*PLUGINS, *ours]),
        helpers.changed_config(
            "scheming.dataset_schemas", f"{SCHEMA} {schemas}"
        ),
    ):
        plugins.load_all()
        app = helpers._get_test_app()
    yield Portal(app, portal.ids, portal.tokens)
    plugins.load_all()


@pytest.mark.parametrize("reader", ["anonymous", "editor", "sysadmin"])
@pytest.mark.parametrize("address", CATALOGUES)
def test_catalogue_holds_datasets_only(dcat_portal: Portal, address, reader):
    found = dcat_portal.named_in(dcat_portal.page(address, reader))
    assert found == ALL_DATASETS


@pytest.mark.parametrize(
    "address",
    [
        "/catalog.ttl?fq=dataset_type:civic_project",
        "/catalog.ttl?q=type:civic_project",
        "/api/3/action/dcat_catalog_show?format=ttl&fq=type:civic_project",
    ],
)
def test_catalogue_holds_projects_where_the_query_names_them(
    dcat_portal: Portal, address
):
    found = dcat_portal.named_in(dcat_portal.page(address))
    assert found == PUBLIC_PROJECTS


def test_catalogue_counts_datasets_only(dcat_portal: Portal):
    assert "hydra:totalItems 3" in dcat_portal.page("/catalog.ttl")


@pytest.mark.parametrize("reader", ["anonymous", "editor"])
@pytest.mark.parametrize(
    "address",
    ["/dataset/", "/civic_project/", "/dataset/bee-counts", "/organization/"],
)
def test_pages_work_with_structured_data(dcat_portal: Portal, address, reader):
    assert dcat_portal.get(address, reader).status_code == 200


def test_a_project_is_no_dataset_to_search_engines(dcat_portal: Portal):
    page = dcat_portal.page("/civic_project/meadow-quiz")
    assert "Honey meadow-quiz" in page
    assert "schema:Dataset" not in page
    [data] = re.findall(r"application/ld\+json\">(.*?)</script>", page)
    types = {node["@type"] for node in json.loads(data)["@graph"]}
    assert types == {"SoftwareApplication"}
    assert "schema:Dataset" in dcat_portal.page("/dataset/bee-counts")
