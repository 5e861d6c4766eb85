"""Who has named what replaces a dataset is told and forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from ckan import model
from ckanext.digifarm import privacy
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.successors.model import Successor

from ..acting import as_user
from .conftest import replace


@pytest.fixture
def named(people, dataset) -> dict[str, Any]:
    """A dataset for which the publisher has named another one."""
    old, new = dataset("Haushalt 2025"), dataset("Haushalt 2026")
    as_user(
        people["publisher"],
        "digifarm_successor_set",
        dataset=old["id"],
        successor=new["id"],
    )
    return old


def creator(dataset: dict[str, Any]) -> str | None:
    model.Session.expire_all()
    return model.Session.get(Successor, dataset["id"]).created_by


def test_it_is_told(named, dataset):
    replace(dataset(), dataset())
    [row] = privacy.export("publisher@example.org")["successor"]
    assert row["dataset"]["title"] == "Haushalt 2025"
    assert row["successor"]["title"] == "Haushalt 2026"
    assert set(row) == {"dataset", "successor", "unchanged", "created"}
    assert privacy.export("owner@example.org")["successor"] == []


def test_it_is_told_of_what_is_gone(named):
    model.Session.query(model.Package).filter_by(id=named["id"]).delete()
    model.Session.commit()
    [row] = privacy.export("publisher@example.org")["successor"]
    assert row["dataset"] is None


def test_it_is_erased(named, people):
    outcome = privacy.erase("publisher@example.org", dry_run=True)
    assert outcome.counts["successor"] == 1
    user = model.User.get(people["publisher"]).id
    assert creator(named) == user
    privacy.erase("owner@example.org")
    assert creator(named) == user
    privacy.erase("publisher@example.org")
    assert creator(named) is None
    [event] = model.Session.query(Event).filter_by(subject="successor")
    assert event.created_by is None


@pytest.mark.parametrize("age", [29, 31])
def test_it_is_forgotten_in_time(age, named, ckan_config, monkeypatch):
    monkeypatch.setitem(ckan_config, "ckanext.digifarm.retention_days", 30)
    row = model.Session.get(Successor, named["id"])
    row.created = clock.days_ago(age)
    model.Session.commit()
    privacy.purge()
    assert (creator(named) is None) == (age > 30)
    assert model.Session.get(Successor, named["id"]).successor_id


def test_what_was_named_outlives_the_account(named, people):
    user = model.User.get(people["publisher"])
    model.Session.delete(user)
    model.Session.flush()
    assert creator(named) is None
    model.Session.rollback()
