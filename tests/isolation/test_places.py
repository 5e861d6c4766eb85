"""Projects stay out of every place that lists datasets."""

from __future__ import annotations

import ckantoolkit as tk
import pytest
from bs4 import BeautifulSoup

from .conftest import (
    PRIVATE_DATASETS,
    PRIVATE_PROJECTS,
    PROJECTS,
    PUBLIC_DATASETS,
    PUBLIC_PROJECTS,
    Portal,
    number_in,
    parts,
)

READERS = ["anonymous", "reader", "editor", "sysadmin"]

PLACES = [
    "/dataset/",
    "/dataset/?q=honey",
    "/dataset/?tags=bees",
    "/organization/gardens",
    "/organization/gardens?q=honey",
    "/group/nature",
    "/user/maker",
    "/feeds/dataset.atom",
    "/feeds/organization/gardens.atom",
    "/feeds/group/nature.atom",
    "/feeds/tag/bees.atom",
    "/feeds/custom.atom?tags=bees",
    "/api/3/action/package_search",
    "/api/3/action/current_package_list_with_resources",
    "/api/3/action/organization_show?id=gardens&include_datasets=true",
    "/api/3/action/group_show?id=nature&include_datasets=true",
    "/api/3/action/group_package_show?id=nature",
    "/api/3/action/tag_show?id=bees&include_datasets=true",
    "/api/3/action/user_show?id=maker&include_datasets=true",
    "/api/3/action/package_autocomplete?q=honey",
    "/api/2/util/dataset/autocomplete?incomplete=honey",
]

#: The same places, where they take a query that names the type.
NAMING_PLACES = [
    "/dataset/?dataset_type=civic_project",
    "/dataset/?q=dataset_type:civic_project",
    "/organization/gardens?dataset_type=civic_project",
    "/organization/gardens?q=type:civic_project",
    "/group/nature?dataset_type=civic_project",
    "/feeds/custom.atom?dataset_type=civic_project",
    "/api/3/action/package_search?fq=dataset_type:civic_project",
]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("place", PLACES)
def test_a_place_lists_the_datasets_without_the_projects(
    portal: Portal, place, reader
):
    cores, _ = parts(portal.page(place, reader))
    assert portal.named_in(cores) >= PUBLIC_DATASETS
    assert not portal.named_in(cores) & PROJECTS


@pytest.mark.parametrize("place", NAMING_PLACES)
def test_a_place_lists_the_projects_where_the_query_names_their_type(
    portal: Portal, place
):
    cores, _ = parts(portal.page(place))
    assert portal.named_in(cores) == PUBLIC_PROJECTS


@pytest.mark.parametrize("reader", READERS)
def test_home_page_mentions_projects_only_in_their_own_part(
    portal: Portal, reader
):
    cores, _ = parts(portal.page("/", reader))
    assert not portal.named_in(cores) & PROJECTS


def test_popular_tags_of_the_home_page_are_those_of_datasets(portal: Portal):
    cores, _ = parts(portal.page("/"))
    assert "measured" in cores
    assert "programmed" not in cores


def test_helpers_for_home_pages_of_themes_know_datasets_only(portal: Portal):
    with portal.app.flask_app.test_request_context():
        recent = tk.h.get_recent_datasets(count=20)
        assert tk.h.get_dataset_count() == len(PUBLIC_DATASETS) + 1
    assert not {dataset["name"] for dataset in recent} & PROJECTS


@pytest.mark.parametrize("show_all_types", [True, False, "dataset"])
@pytest.mark.parametrize(
    ("reader", "count"), [("anonymous", 3), ("editor", 5), ("sysadmin", 5)]
)
def test_dataset_list_counts_datasets_only(
    portal: Portal, monkeypatch, show_all_types, reader, count
):
    monkeypatch.setitem(
        tk.config, "ckan.search.show_all_types", show_all_types
    )
    page = portal.page("/dataset/", reader)
    assert number_in(page, ".search-form h1") == count
    assert not portal.named_in(page) & PROJECTS


@pytest.mark.parametrize("show_all_types", [True, False, "dataset"])
def test_project_list_counts_projects_only(
    portal: Portal, monkeypatch, show_all_types
):
    monkeypatch.setitem(
        tk.config, "ckan.search.show_all_types", show_all_types
    )
    page = portal.page("/civic_project/")
    assert number_in(page, "[role=status]") == len(PUBLIC_PROJECTS)
    assert portal.named_in(page) == PUBLIC_PROJECTS


@pytest.mark.parametrize(
    "place", ["/dataset/", "/organization/gardens", "/group/nature"]
)
def test_facets_count_datasets_only(portal: Portal, place):
    tree = BeautifulSoup(portal.page(place), "html.parser")
    tags = {
        item.select(".item-label")[0].text: item.select(".item-count")[0].text
        for item in tree.select("#search-facets a[href*='tags=']")
    }
    assert tags["bees"] == tags["measured"] == "2"
    assert "programmed" not in tags


@pytest.mark.parametrize("reader", ["maker", "sysadmin"])
def test_bulk_processing_offers_datasets_only(portal: Portal, reader):
    address = "/organization/bulk_process/gardens"
    theirs, _ = parts(portal.page(address, reader))
    assert portal.named_in(theirs) == PUBLIC_DATASETS | PRIVATE_DATASETS
    named = portal.page(f"{address}?dataset_type=civic_project", reader)
    assert portal.named_in(named) == PUBLIC_PROJECTS | PRIVATE_PROJECTS


def test_own_dashboard_lists_datasets_only(portal: Portal):
    found = portal.named_in(portal.page("/dashboard/datasets", "maker"))
    assert found >= PUBLIC_DATASETS | PRIVATE_DATASETS
    assert not found & PROJECTS


@pytest.mark.parametrize("place", ["/organization/gardens", "/user/maker"])
def test_projects_have_a_part_of_their_own(portal: Portal, place):
    _, ours = parts(portal.page(place))
    assert portal.named_in(ours) == PUBLIC_PROJECTS
