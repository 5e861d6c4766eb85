"""Suggestions of datasets are datasets, as many as were asked for."""

from __future__ import annotations

import pytest

from .conftest import (
    PRIVATE_DATASETS,
    PRIVATE_PROJECTS,
    PROJECTS,
    PUBLIC_DATASETS,
    Portal,
)


def suggested(portal: Portal, reader: str = "anonymous", **data) -> set[str]:
    return {
        package["name"]
        for package in portal.result("package_autocomplete", reader, **data)
    }


@pytest.mark.parametrize(
    ("reader", "names"),
    [
        ("anonymous", PUBLIC_DATASETS),
        ("reader", PUBLIC_DATASETS),
        ("editor", PUBLIC_DATASETS | PRIVATE_DATASETS),
        ("sysadmin", PUBLIC_DATASETS | PRIVATE_DATASETS),
    ],
)
def test_suggests_the_datasets_that_the_reader_may_read(
    portal: Portal, reader, names
):
    assert suggested(portal, reader, q="honey") == names


@pytest.mark.parametrize("name", sorted(PROJECTS))
def test_suggests_no_project_by_its_name(portal: Portal, name):
    assert suggested(portal, "sysadmin", q=name) == set()


@pytest.mark.parametrize("limit", [1, 2, 3, "3"])
def test_projects_take_no_place_of_a_dataset(portal: Portal, limit):
    found = suggested(portal, "editor", q="honey", limit=limit)
    assert len(found) == int(limit)


@pytest.mark.parametrize("limit", [0, "0"])
def test_suggests_nothing_where_nothing_is_wanted(portal: Portal, limit):
    assert suggested(portal, q="honey", limit=limit) == set()


def test_a_high_limit_is_no_trouble(portal: Portal):
    assert suggested(portal, q="honey", limit=10_000_000) == PUBLIC_DATASETS


@pytest.mark.parametrize("q", ["", " ", "*", '"', "zzz", "dataset_type:*"])
def test_suggests_nothing_where_nothing_matches(portal: Portal, q):
    assert suggested(portal, q=q) == set()


@pytest.mark.parametrize("limit", ["many", "-1", "1.5", "1e3"])
def test_a_limit_that_is_no_number_is_a_validation_error(
    portal: Portal, limit
):
    response = portal.call("package_autocomplete", q="honey", limit=limit)
    assert response.status_code == 409
    assert "limit" in response.json["error"]


def test_a_missing_query_is_a_validation_error(portal: Portal):
    response = portal.call("package_autocomplete")
    assert response.status_code == 409
    assert "q" in response.json["error"]


@pytest.mark.parametrize("limit", ["", "&limit=1", "&limit=2"])
def test_forms_are_offered_datasets_only(portal: Portal, limit):
    address = f"/api/2/util/dataset/autocomplete?incomplete=honey{limit}"
    offered = portal.get(address, "editor").json["ResultSet"]["Result"]
    names = {package["name"] for package in offered}
    assert names <= PUBLIC_DATASETS | PRIVATE_DATASETS
    assert len(names) == int(limit[-1:] or 4)


@pytest.mark.usefixtures("no_links")
def test_forms_that_link_are_offered_projects(portal: Portal):
    offered = portal.get(
        "/civic_project/links/bee-counts/candidates?q=honey", "editor"
    ).json
    names = {candidate["name"] for candidate in offered}
    assert names >= PRIVATE_PROJECTS
    assert names <= PROJECTS
