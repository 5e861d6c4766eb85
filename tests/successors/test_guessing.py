"""Datasets that are likely to be what others have become."""

from __future__ import annotations

from typing import Any

import pytest

from ckan.tests import factories
from ckanext.digifarm.successors import guessing
from ckanext.digifarm.successors.guessing import Facts, likely
from dev.counting import counting

from ..acting import as_user
from .conftest import change, link, replace


def facts(owner_org: str, **known: Any) -> Facts:
    return Facts(**{"id": "gone", "name": "x", **known}, owner_org=owner_org)


def found(lost: Facts) -> list[str]:
    return [guess.found.id for guess in likely([lost])]


@pytest.fixture
def others() -> str:
    """Another organisation."""
    return factories.Organization()["id"]


@pytest.mark.parametrize(
    ("lost", "now"),
    [
        ("trees-abc", "trees-abc1"),
        ("trees-abc", "trees-abc-1"),
        ("trees-abc1", "trees-abc"),
        ("trees-abc", "trees-abc12"),
    ],
)
def test_a_name_with_a_number_and_the_same_title(lost, now, office, dataset):
    new = dataset("Bäume", name=now)
    assert found(facts(office["id"], name=lost, title=" bäume ")) == [
        new["id"]
    ]
    # A number may tell districts apart.
    assert found(facts(office["id"], name=lost, title="Büsche")) == []
    change(new, name=new["id"])


@pytest.mark.parametrize(
    ("lost", "now"),
    [
        ("trees-2024", "trees-2025"),
        ("trees", "trees123"),
        ("trees", "treeses1"),
        ("trees", "old-trees1"),
        ("trees1", "trees2"),
    ],
)
def test_other_names_are_others(lost, now, office, dataset):
    new = dataset("Bäume", name=f"z-{now}")
    known = facts(office["id"], name=f"z-{lost}", title="Bäume")
    assert found(known) == []
    change(new, name=new["id"])


def test_the_same_name_after_a_purge(office, dataset):
    new = dataset("Neuer Titel", name="benches-abc")
    known = facts(office["id"], name="benches-abc", title="Alter Titel")
    assert found(known) == [new["id"]]
    change(new, name=new["id"])


@pytest.mark.parametrize("key", ["identifier", "guid", "uri"])
def test_an_identifier(key, office, dataset):
    urn = f"urn:{key}:1"
    new = dataset(extras={key: urn})
    dataset(extras={"other": urn})
    dataset(extras={key: f"{urn}2"})
    known = facts(office["id"], identifiers=["urn:x:0", urn])
    assert found(known) == [new["id"]]


def test_the_source(office, dataset):
    new = dataset(url="https://data.example.org/1")
    dataset(url="https://data.example.org/12")
    known = facts(office["id"], url="https://data.example.org/1")
    assert found(known) == [new["id"]]
    change(new, url="")


def test_nothing_is_no_sign(office, dataset):
    dataset(url="", extras={"guid": ""})
    known = facts(office["id"], identifiers=[""], resource_urls=[""])
    assert found(known) == []


def test_a_resource(office):
    url = "https://data.example.org/trees.csv"
    new = factories.Dataset(
        owner_org=office["id"],
        resources=[{"url": url}, {"url": url}],
    )
    known = facts(
        office["id"], resource_urls=["https://data.example.org/x", url]
    )
    assert found(known) == [new["id"]]
    [resource, *_] = guessing.facts_of([new["id"]])
    assert resource.resource_urls == [url, url]
    change(new, state="deleted")
    assert found(known) == []


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "deleted"},
        {"state": "draft"},
        {"type": "civic_project"},
        {"owner_org": "others"},
        {"owner_org": None},
    ],
)
def test_only_what_is_there_and_of_the_same_organisation(
    columns, office, dataset, others
):
    new = dataset(extras={"guid": "1"})
    known = facts(office["id"], identifiers=["1"])
    assert found(known) == [new["id"]]
    if columns.get("owner_org"):
        columns = {"owner_org": others}
    change(new, **columns)
    assert found(known) == []


def test_no_organisation_is_none_in_common(dataset):
    dataset(extras={"guid": "8"}, owner_org=None)
    assert found(Facts("gone", None, "x", identifiers=["8"])) == []


def test_not_the_dataset_itself(office, dataset):
    one = dataset(extras={"guid": "2"})
    assert likely(guessing.facts_of([one["id"]])) == []


def test_what_many_share_tells_nothing(office, dataset):
    for _ in range(guessing.MOST_ALIKE):
        dataset(url="https://office.example.org")
    known = facts(office["id"], url="https://office.example.org")
    assert len(found(known)) == guessing.MOST_ALIKE
    dataset(url="https://office.example.org")
    assert found(known) == []


def test_the_likeliest_comes_first(office, dataset):
    by_url = dataset(url="https://data.example.org/7")
    by_id = dataset(extras={"guid": "7"})
    known = facts(
        office["id"], url="https://data.example.org/7", identifiers=["7"]
    )
    assert found(known) == [by_id["id"], by_url["id"]]


def test_many_cost_one_statement(office, dataset):
    one, two = dataset(extras={"guid": "a"}), dataset(extras={"guid": "b"})
    known = [
        Facts(f"gone-{guid}", office["id"], "x", identifiers=[guid])
        for guid in ("a", "b", "c")
    ]
    with counting() as cost:
        guesses = likely(known)
    assert len(cost.sql) == 1
    assert [(guess.lost, guess.found.id) for guess in guesses] == [
        ("gone-a", one["id"]),
        ("gone-b", two["id"]),
    ]


class TestOffers:
    def test_to_the_publisher(self, people, dataset):
        old = dataset("Alt", extras={"guid": "3"})
        new = dataset("Neu", extras={"guid": "3"})
        [one] = as_user(
            people["publisher"],
            "digifarm_successor_suggest",
            dataset=old["id"],
        )
        assert (one["id"], one["title"]) == (new["id"], "Neu")

    def test_to_owners_who_have_lost_one(self, people, dataset, project):
        old, new = dataset(extras={"guid": "4"}), dataset(extras={"guid": "4"})
        link(project, old)
        assert self.suggested(people["owner"], project) == []
        change(old, state="deleted")
        [one] = self.suggested(people["owner"], project)
        assert one["dataset_id"] == old["id"]
        assert not one["is_named"]
        assert [each["id"] for each in one["successors"]] == [new["id"]]

    def test_what_the_publisher_has_named_comes_instead(
        self, people, dataset, project
    ):
        old, new = dataset(extras={"guid": "5"}), dataset()
        dataset(extras={"guid": "5"})
        link(project, old)
        replace(old, new)
        change(old, state="deleted")
        [one] = self.suggested(people["owner"], project)
        assert one["is_named"]
        assert [each["id"] for each in one["successors"]] == [new["id"]]

    def test_nothing_that_they_may_not_read(self, people, dataset, project):
        old = dataset(extras={"guid": "6"})
        new = dataset(extras={"guid": "6"}, private=True)
        link(project, old)
        replace(old, new)
        change(old, state="deleted")
        assert self.suggested(people["owner"], project) == []
        [one] = self.suggested(people["sysadmin"], project)
        assert [each["id"] for each in one["successors"]] == [new["id"]]

    @staticmethod
    def suggested(user: str, project: dict[str, Any]) -> list[dict[str, Any]]:
        return as_user(user, "digifarm_link_suggest", project=project["id"])
