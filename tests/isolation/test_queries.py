"""A search finds projects only where it names their type positively."""

from __future__ import annotations

import string
from typing import Any
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ckanext.digifarm.projects import search
from ckanext.digifarm.projects.search import names_projects

from .conftest import (
    FOREIGN_DATASET,
    PRIVATE_DATASETS,
    PRIVATE_PROJECTS,
    PUBLIC_DATASETS,
    PUBLIC_PROJECTS,
    Portal,
)

ALL_DATASETS = PUBLIC_DATASETS | {FOREIGN_DATASET}

#: Deeper than Python's own stack.
NESTED = "(" * 1000 + "dataset_type:civic_project" + ")" * 1000


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": "name:*"},
        {"q": "*:*", "fq": "+capacity:public", "fq_list": ["state:active"]},
        {"q": "dataset_type:*"},
        {"q": "dataset_type:[a TO z]"},
        {"q": "type:*"},
        {"q": "-dataset_type:civic_project"},
        {"q": "*:* NOT dataset_type:civic_project"},
        {"q": "*:* !dataset_type:civic_project"},
        {"q": "dataset_type:(* -civic_project)"},
        {"q": "dataset_type:(dataset OR NOT civic_project)"},
        {"q": "title:* OR -dataset_type:civic_project OR name:*"},
        {"fq": "-dataset_type:civic_project"},
        {"fq": "-dataset_type:harvest"},
        {"fq": "-dataset_type:(harvest OR showcase)"},
        {"fq_list": ["-dataset_type:harvest", "-dataset_type:showcase"]},
        {"fq_list": ["+dataset_type:*", "-type:civic_project"]},
        {"fq": "+dataset_type:dataset -dataset_type:civic_project"},
        {"q": 'name:* OR "dataset_type:civic_project"'},
        {"q": 'title:"civic_project" OR name:*'},
        {"q": "name:(civic_project OR *)"},
    ],
)
def test_a_search_finds_datasets_only(portal: Portal, query):
    found = portal.result("package_search", rows=100, **query)
    assert {package["name"] for package in found["results"]} == ALL_DATASETS
    assert found["count"] == len(ALL_DATASETS)


@pytest.mark.parametrize(
    "query",
    [
        {"q": "dataset_type:civic_project"},
        {"q": "type:civic_project"},
        {"q": 'dataset_type:"civic_project"'},
        {"q": "honey", "fq": "dataset_type:civic_project"},
        {"fq": "+dataset_type:civic_project"},
        {"fq": "+dataset_type:civic_project -dataset_type:harvest"},
        {"fq": 'organization:"gardens" +dataset_type:civic_project'},
        {"fq": 'dataset_type:"civic_project" AND tags:"bees"'},
        {"fq": "dataset_type:civic_project AND metadata_modified:[* TO NOW]"},
        {"fq_list": ["tags:bees", "dataset_type:civic_project"]},
        {"fq": "-dataset_type:harvest", "fq_list": ["type:civic_project"]},
        {"q": "(honey", "fq": "dataset_type:civic_project"},
        {"q": "dataset_type:civic_project -stage:ended"},
    ],
)
def test_a_search_that_names_the_type_finds_projects(portal: Portal, query):
    found = portal.result("package_search", **query)
    names = {package["name"] for package in found["results"]}
    assert names == PUBLIC_PROJECTS
    assert found["count"] == len(PUBLIC_PROJECTS)


@pytest.mark.parametrize(
    "query",
    [
        "dataset_type:(dataset OR civic_project)",
        "dataset_type:dataset || dataset_type:civic_project",
        "tags:measured OR (dataset_type:civic_project AND tags:programmed)",
    ],
)
@pytest.mark.parametrize("parameter", ["q", "fq"])
def test_a_search_that_names_both_types_finds_both(
    portal: Portal, parameter, query
):
    found = portal.result("package_search", **{parameter: query})
    names = {package["name"] for package in found["results"]}
    assert names - {FOREIGN_DATASET} == PUBLIC_DATASETS | PUBLIC_PROJECTS


@pytest.mark.parametrize(
    "query",
    [
        {"q": "civic_project"},
        {"q": '"civic_project"'},
        {"q": "(civic_project"},
        {"q": "-dataset_type:dataset"},
        {"q": "dataset_type:civic*"},
        {"q": "dataset_type:/civic_project/"},
        {"fq": "-dataset_type:civic_project", "q": "tags:programmed"},
        {"q": "honey programmed"},
        {"q": "programmed", "defType": "edismax", "qf": "tags"},
    ],
)
def test_a_search_for_what_only_projects_have_finds_nothing(
    portal: Portal, query
):
    assert portal.result("package_search", "sysadmin", **query)["count"] == 0


@pytest.mark.parametrize(
    "query",
    [
        {"q": "dataset_type:civic_project (("},
        {"q": 'dataset_type:civic_project "'},
        {"fq": "{!term f=dataset_type}civic_project"},
        {"fq_list": ["{!lucene}dataset_type:civic_project) OR ("]},
    ],
)
def test_what_solr_or_core_refuses_is_refused_as_ever(portal: Portal, query):
    response = portal.call("package_search", **query)
    assert response.status_code == 409
    assert response.json["error"]["__type"] == "Search Error"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, PRIVATE_DATASETS),
        ({"fq": "dataset_type:civic_project"}, PRIVATE_PROJECTS),
    ],
)
def test_private_ones_are_told_apart_as_well(portal: Portal, query, names):
    found = portal.result(
        "package_search", "editor", include_private=True, rows=100, **query
    )
    private = {p["name"] for p in found["results"] if p["private"]}
    assert private == names


def test_facets_count_what_the_search_finds(portal: Portal):
    fields: dict[str, Any] = {"facet.field": ["dataset_type", "tags"]}
    found = portal.result("package_search", **fields)
    assert found["facets"]["dataset_type"] == {"dataset": 3}
    assert "programmed" not in found["facets"]["tags"]
    named = portal.result(
        "package_search", fq="dataset_type:civic_project", **fields
    )
    assert named["facets"]["dataset_type"] == {"civic_project": 2}
    assert "measured" not in named["facets"]["tags"]


def test_a_client_that_asks_for_names_only_gets_those_of_datasets(
    portal: Portal,
):
    found = portal.result("package_search", q="honey", fl=["name", "title"])
    assert {package["name"] for package in found["results"]} == PUBLIC_DATASETS


def test_a_query_may_be_nested_deeply(portal: Portal):
    response = portal.call("package_search", q=NESTED)
    assert response.status_code in {200, 409}


def test_very_long_queries_are_not_parsed(monkeypatch):
    """It would take seconds, and anybody may send one."""
    named = "dataset_type:civic_project"
    assert names_projects(named + " a" * 2000)
    monkeypatch.setattr(search, "parse", mock.Mock(side_effect=AssertionError))
    assert not names_projects(named + " a" * 3000)
    assert not names_projects(*[named + " a" * 100] * 50)


@given(
    st.lists(
        st.sampled_from(
            [
                "dataset_type:civic_project",
                "civic_project",
                "dataset_type:",
                "AND",
                "NOT",
                "TO",
                *string.punctuation,
                " ",
                "1",
                "ä",
            ]
        )
    ).map("".join)
)
@settings(deadline=None)
@example(NESTED)
@example("-" * 2000 + "dataset_type:civic_project")
def test_any_query_can_be_judged(query):
    assert names_projects(query) in {True, False}
