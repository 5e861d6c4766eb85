"""The reviewers see which projects could change hands tomorrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.handover import actions, queries
from ckanext.digifarm.handover.entries import Kind
from ckanext.digifarm.lib import counting

from .. import proposing
from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from .folders import COMPLETE

UPDATE = "digifarm_handover_update"
LIST = "digifarm_handover_list"
PAGE = "/civic_project/review?part=handover"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return proposing.create_people()


@pytest.fixture(autouse=True)
def settings(people) -> Iterator[None]:
    proposing.empty_tables()
    proposing.delete_packages()
    with changed_config(
        "ckanext.digifarm.review_organization", proposing.REVIEWERS
    ):
        yield


@pytest.fixture
def projects(settings) -> list[dict[str, Any]]:
    return [
        factories.Dataset(type="civic_project", owner_org="green-office")
        for _ in range(3)
    ]


def test_says_how_many_could_and_which_not(projects, people, shared_app):
    for columns in (
        {"stage": "ended"},
        {"stage": "wanted_here"},
        {"private": True},
    ):
        factories.Dataset(
            type="civic_project", owner_org="green-office", **columns
        )
    first, second, third = projects
    as_portal(UPDATE, id=first["id"], **COMPLETE)
    as_portal(UPDATE, id=second["id"], **COMPLETE)
    as_portal(UPDATE, id=second["id"], server_holder="", data_unused=False)
    found = as_user(people["reviewer"], LIST)
    assert (found["prepared"], found["total"], found["count"]) == (1, 3, 2)
    assert {p["id"]: p["missing"] for p in found["results"]} == {
        second["id"]: ["server", "data"],
        third["id"]: [kind.value for kind in Kind],
    }
    reviewer = Browser(shared_app, model.User.get(people["reviewer"]).id)
    queue = html(reviewer.get("/civic_project/review"))
    assert queue.select_one(f"a[href='{PAGE}']")
    page = reviewer.get(PAGE)
    assert "1 of 3 projects could change hands tomorrow." in page.body
    cards = html(page).select("article.card p:first-of-type")
    assert {text_of(card) for card in cards} == {
        "Missing: Server, Data access",
        "All of it is missing still",
    }


def test_is_read_by_parts(projects, people):
    whole = as_user(people["reviewer"], LIST)["results"]
    part = as_user(people["reviewer"], LIST, limit=1, offset=1)
    assert part["count"] == 3
    assert [p["id"] for p in part["results"]] == [whole[1]["id"]]


@pytest.mark.parametrize("offset", [0, 1, 5])
def test_the_number_of_all_is_the_same_in_each_part(offset, projects, people):
    as_portal(UPDATE, id=projects[0]["id"], **COMPLETE)
    part = as_user(people["reviewer"], LIST, limit=1, offset=offset)
    numbers = (part["prepared"], part["total"], part["count"])
    assert numbers == (1, 3, 2)


@pytest.mark.parametrize("offset", [0, 1, 2])
def test_no_more_than_enough_are_counted(
    offset, projects, people, monkeypatch
):
    as_portal(UPDATE, id=projects[0]["id"], **COMPLETE)
    for module in (counting, actions, queries):
        monkeypatch.setattr(module, "ENOUGH", 2)
    part = as_user(people["reviewer"], LIST, limit=1, offset=offset)
    assert (part["prepared"], part["total"]) == (1, 2)
