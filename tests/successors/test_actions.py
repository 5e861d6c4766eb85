"""Saying what replaces a dataset: who may, what is shown, what is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.successors.chains import MOST_NAMED
from ckanext.digifarm.successors.model import MOST_STEPS, Successor

from ..acting import as_portal, as_user
from ..locks import attempt, meanwhile
from .conftest import change, replace

EDITORS = ["publisher", "sysadmin"]
OTHERS = ["reader", "project_editor", "owner", "other", "anonymous"]


def show(user: str, dataset: dict[str, Any]) -> dict[str, Any]:
    return as_user(user, "digifarm_successor_show", dataset=dataset["id"])


def successor(dataset: dict[str, Any], user: str = "") -> str | None:
    found = show(user, dataset)["successor"]
    return found and found["id"]


def predecessors(dataset: dict[str, Any], user: str = "") -> list[str]:
    return [one["id"] for one in show(user, dataset)["predecessors"]]


def events() -> list[tuple[str, str | None, str | None, bool]]:
    rows = model.Session.query(Event).filter_by(subject="successor")
    return [
        (row.action, row.source, row.target, row.data["unchanged"])
        for row in rows.order_by(Event.number)
    ]


def set_by(user: str, old: dict[str, Any], new: dict[str, Any]) -> Any:
    return as_user(
        user,
        "digifarm_successor_set",
        dataset=old["name"],
        successor=new["name"],
    )


class TestSet:
    @pytest.mark.parametrize("role", EDITORS)
    def test_who_edits_the_dataset_may(self, role, people, dataset):
        old, new = dataset("Haushalt 2025"), dataset("Haushalt 2026")
        found = set_by(people[role], old, new)
        short = {"name": new["name"], "title": "Haushalt 2026"}
        short |= {"id": new["id"], "type": "dataset"}
        named = found.pop("named")
        assert found == {"successor": short, "predecessors": []}
        user = model.User.get(people[role]).id
        assert named.pop("created")
        assert named == {**short, "unchanged": False, "created_by": user}
        assert show("", new) == {
            "successor": None,
            "predecessors": [
                {
                    "id": old["id"],
                    "name": old["name"],
                    "title": "Haushalt 2025",
                    "type": "dataset",
                }
            ],
        }

    @pytest.mark.parametrize("role", OTHERS)
    def test_others_may_not(self, role, people, dataset):
        old, new = dataset(), dataset()
        with pytest.raises(tk.NotAuthorized):
            set_by(people[role], old, new)
        replace(old, new)
        with pytest.raises(tk.NotAuthorized):
            as_user(
                people[role], "digifarm_successor_remove", dataset=old["id"]
            )
        with pytest.raises(tk.NotAuthorized):
            as_user(
                people[role], "digifarm_successor_suggest", dataset=old["id"]
            )
        assert successor(old) == new["id"]

    def test_not_with_one_that_they_may_not_read(self, people, dataset):
        new = dataset(private=True, owner_org=None)
        with pytest.raises(tk.NotAuthorized):
            set_by(people["publisher"], dataset(), new)
        assert not model.Session.query(Successor).count()

    @pytest.mark.parametrize("field", ["dataset", "successor"])
    def test_no_projects(self, field, dataset, project):
        pair = {"dataset": dataset()["id"], "successor": dataset()["id"]}
        with pytest.raises(tk.ValidationError) as error:
            as_portal(
                "digifarm_successor_set", **{**pair, field: project["id"]}
            )
        assert [*error.value.error_dict] == [field]

    @pytest.mark.parametrize("state", ["deleted", "draft"])
    def test_none_that_is_not_there(self, state, dataset):
        with pytest.raises(tk.ValidationError) as error:
            replace(dataset(), dataset(state=state))
        assert [*error.value.error_dict] == ["successor"]

    def test_of_one_that_is_deleted(self, people, dataset):
        old, new = dataset(state="deleted"), dataset()
        set_by(people["publisher"], old, new)
        assert model.Session.get(Successor, old["id"])
        # Nobody reads of it who may not read it.
        assert predecessors(new, people["publisher"]) == []

    def test_not_itself(self, dataset):
        old = dataset()
        with pytest.raises(tk.ValidationError) as error:
            replace(old, old)
        assert [*error.value.error_dict] == ["successor"]

    @pytest.mark.parametrize("length", [2, 3, MOST_STEPS + 3])
    def test_no_circle(self, length, dataset):
        chain = [dataset() for _ in range(length)]
        for old, new in pairwise(chain):
            replace(old, new)
        with pytest.raises(tk.ValidationError) as error:
            replace(chain[-1], chain[0])
        assert [*error.value.error_dict] == ["successor"]
        assert model.Session.query(Successor).count() == length - 1

    def test_no_circle_by_two_at_once(self, people, dataset, shared_app):
        one, two = dataset(), dataset()
        user = people["sysadmin"]
        other = attempt(lambda: set_by(user, two, one))
        with meanwhile(
            shared_app,
            lambda sql, _: sql.startswith("INSERT INTO digifarm_successor"),
            other,
        ):
            set_by(user, one, two)
        [row] = model.Session.query(Successor).all()
        assert (row.dataset_id, row.successor_id) == (one["id"], two["id"])

    def test_another_one_and_back(self, dataset):
        old, new, other = dataset(), dataset(), dataset()
        replace(old, new)
        replace(old, new)
        replace(old, new, unchanged=True)
        replace(old, other)
        as_portal("digifarm_successor_remove", dataset=old["id"])
        assert successor(old) is None
        assert predecessors(other) == []
        assert events() == [
            ("created", None, new["id"], False),
            ("changed", new["id"], new["id"], True),
            ("changed", new["id"], other["id"], False),
            ("removed", other["id"], None, False),
        ]
        with pytest.raises(tk.ObjectNotFound):
            as_portal("digifarm_successor_remove", dataset=old["id"])

    def test_the_event_says_as_whom(self, people, office, dataset):
        old, new = dataset(), dataset()
        set_by(people["publisher"], old, new)
        [event] = model.Session.query(Event).all()
        user = model.User.get(people["publisher"]).id
        assert (event.actor, event.created_by) == ("dataset", user)
        assert event.subject_id == old["id"]
        assert event.data["organization"] == office["id"]


class TestShow:
    def test_a_chain_leads_to_its_end(self, dataset):
        one, two, three, other = (dataset() for _ in range(4))
        replace(two, three)
        replace(one, two)
        replace(other, two)
        assert [successor(d) for d in (one, two, three, other)] == [
            three["id"],
            three["id"],
            None,
            three["id"],
        ]
        assert predecessors(three) == [two["id"]]
        assert sorted(predecessors(two)) == sorted([one["id"], other["id"]])

    def test_a_long_chain_is_followed_so_far(self, dataset):
        chain = [dataset() for _ in range(MOST_STEPS + 3)]
        for old, new in pairwise(chain):
            replace(old, new)
        assert successor(chain[0]) == chain[MOST_STEPS]["id"]
        assert successor(chain[5]) == chain[-1]["id"]

    def test_no_more_are_named_than_a_page_takes(self, dataset):
        new, newest = dataset(), dataset()
        replace(new, newest)
        for number in range(MOST_NAMED + 2):
            row = Successor(
                dataset_id=dataset(f"Nr. {number}")["id"],
                successor_id=new["id"],
                unchanged=False,
            )
            model.Session.add(row)
        model.Session.commit()
        assert len(predecessors(new)) == MOST_NAMED
        assert successor(new) == newest["id"]

    @pytest.mark.parametrize("role", ["anonymous", "other", "owner"])
    def test_a_private_one_is_nobodys(self, role, people, dataset):
        one, two, three = dataset(), dataset(), dataset(private=True)
        replace(one, two)
        replace(two, three)
        assert successor(one, people[role]) == two["id"]
        assert successor(two, people[role]) is None
        # Through what they may not read, they see what they may.
        change(two, private=True)
        change(three, private=False)
        assert successor(one, people[role]) == three["id"]
        assert predecessors(three, people[role]) == [one["id"]]
        change(one, private=True)
        assert predecessors(three, people[role]) == []

    @pytest.mark.parametrize("role", ["reader", "publisher", "sysadmin"])
    def test_but_of_those_who_may_read_it(self, role, people, dataset):
        old, new = dataset(private=True), dataset(private=True)
        replace(old, new)
        assert successor(old, people[role]) == new["id"]
        assert predecessors(new, people[role]) == [old["id"]]

    @pytest.mark.parametrize("role", ["anonymous", "reader", "owner"])
    def test_who_named_it_is_for_editors(self, role, people, dataset):
        old, new = dataset(), dataset()
        replace(old, new)
        assert "named" not in show(people[role], old)
        assert show(people["publisher"], new)["named"] is None

    def test_who_may_not_read_the_dataset(self, people, dataset):
        with pytest.raises(tk.NotAuthorized):
            show(people["other"], dataset(private=True))

    def test_deleted_ones_are_passed_over(self, dataset):
        one, two, three = dataset(), dataset(), dataset()
        replace(one, two)
        replace(two, three)
        change(two, state="deleted")
        assert successor(one) == three["id"]
        change(three, state="deleted")
        assert successor(one) is None

    def test_purged_ones_are_passed_over(self, dataset):
        one, two, three = dataset(), dataset(), dataset()
        replace(one, two)
        replace(two, three)
        as_portal("dataset_purge", id=two["id"])
        assert successor(one) == three["id"]
        assert predecessors(three) == [one["id"]]
        as_portal("dataset_purge", id=three["id"])
        assert successor(one) is None
