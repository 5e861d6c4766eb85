"""What a harvester deletes and creates anew is no loss."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.losses.came_back import came_back_as
from ckanext.digifarm.losses.comparing import Dataset
from ckanext.digifarm.notices.model import Notice
from dev.counting import counting

from ..acting import as_portal
from ..outbox import waiting_mails
from .conftest import link, look, look_twice, seen, told
from .test_ways import DELETED, by_delete, by_purge

pytestmark = pytest.mark.usefixtures("shared_portal", "no_commits", "nothing")

Package = dict[str, Any]

ANEW = (
    "There is a new entry of the dataset “Baumkataster”, which “Durstige"
    " Bäume” uses"
)


def again(dataset: Package, **fields: Any) -> Package:
    """Create it anew, under another id."""
    stored = {
        key: dataset[key]
        for key in ("title", "owner_org", "url", "extras")
        if key in dataset
    }
    return factories.Dataset(**{**stored, **fields})


@pytest.fixture
def harvested(create, owned_project, nothing) -> Package:
    found = create(
        "CSV",
        url="https://example.org/baeume",
        extras=[{"key": "identifier", "value": "urn:baeume"}],
    )
    link(owned_project, found)
    return found


def test_with_the_name_of_what_is_purged(dataset, owner, owned_project):
    by_purge(dataset)
    look()
    new = again(dataset, name=dataset["name"], title="Alle Bäume")
    look(16)
    look(60)
    assert told() == {owner: [ANEW]}
    [mail] = waiting_mails()
    body = " ".join(mail.body.split())
    assert "please use the new entry “Alle Bäume”" in body
    site = "http://test.ckan.net"
    for address in (
        f"{site}/dataset/{new['name']}",
        f"{site}/civic_project/{owned_project['name']}#links",
    ):
        assert address in body
    [notice] = model.Session.query(Notice)
    assert notice.kind == "data-created-anew"
    assert notice.package_ids == [owned_project["id"], new["id"]]
    [event] = Event.of(Subject.DATASET, dataset["id"])
    assert (event.action, event.data["successor"]) == ("purged", new["id"])


@pytest.mark.parametrize("suffix", ["1", "-1", "_12"])
def test_with_a_number_at_its_name(suffix, dataset, owner):
    by_delete(dataset)
    again(dataset, name=f"{dataset['name']}{suffix}")
    look_twice()
    assert told() == {owner: [ANEW]}


@pytest.mark.parametrize(
    "fields", [{"title": "Haushalt"}, {"suffix": "-neu"}, {"prefix": "x"}]
)
def test_another_name_is_another_dataset(fields, dataset, owner):
    by_delete(dataset)
    name = f"{fields.pop('prefix', '')}{dataset['name']}"
    again(dataset, name=f"{name}{fields.pop('suffix', '-2025')}", **fields)
    look_twice()
    assert told() == {owner: [DELETED]}


def test_with_its_address(harvested, owner):
    by_delete(harvested)
    again(harvested, title="Bäume", extras=[])
    look_twice()
    assert told() == {owner: [ANEW]}


@pytest.mark.parametrize("key", ["identifier", "guid", "uri"])
def test_with_its_identifier(key, harvested, owner):
    by_delete(harvested)
    extras = [{"key": key, "value": "urn:baeume"}]
    again(harvested, title="Bäume", url="", extras=extras)
    look_twice()
    assert told() == {owner: [ANEW]}


@pytest.mark.parametrize(
    "fields",
    [
        {"private": True},
        {"state": "deleted"},
        {"type": "civic_project", "summary": "A project"},
        {"owner_org": None},
    ],
)
def test_nothing_else_takes_its_place(fields, harvested, owner):
    """No private one, none that is deleted, no project, none of others."""
    by_delete(harvested)
    if "owner_org" in fields:
        fields = {"owner_org": factories.Organization()["id"]}
    again(harvested, **fields)
    look_twice()
    assert told() == {owner: [DELETED]}


def test_what_has_its_address_for_long_is_another_one(harvested, owner):
    other = again(harvested, title="Bäume", extras=[])
    found = model.Package.get(other["id"])
    assert found
    found.metadata_created = clock.now() - timedelta(days=2)
    model.Session.commit()
    by_delete(harvested)
    look_twice()
    assert told() == {owner: [DELETED]}


def test_an_empty_address_is_none(dataset, owner):
    by_delete(dataset)
    again(dataset, title="Haushalt")
    look_twice()
    assert told() == {owner: [DELETED]}


def test_of_what_is_only_private_nothing_takes_the_place(harvested, owner):
    as_portal("package_patch", id=harvested["id"], private=True)
    again(harvested)
    look_twice()
    [[subject]] = told().values()
    assert "is no longer public" in subject


def test_under_its_own_id_it_has_to_be_linked_anew(
    dataset, owner, owned_project
):
    """As its links went with it."""
    by_purge(dataset)
    look()
    factories.Dataset(
        **{key: dataset[key] for key in ("id", "name", "title", "owner_org")}
    )
    look(16)
    look(60)
    assert told() == {owner: [ANEW]}
    assert seen(dataset) is None


def test_under_its_own_id_and_linked_anew_is_no_news(dataset, owned_project):
    by_purge(dataset)
    look()
    as_portal(
        "package_create",
        **{
            key: dataset[key]
            for key in ("id", "name", "title", "owner_org", "resources")
        },
    )
    link(owned_project, dataset)
    look(16)
    look(60)
    assert told() == {}
    row = seen(dataset)
    assert row
    assert row.missing == {}


def by_draft(dataset: Package) -> None:
    as_portal("package_patch", id=dataset["id"], state="draft")


@pytest.mark.parametrize(
    ("take", "said", "step", "rest"),
    [
        (by_delete, "was deleted", "Use the new one for", ""),
        (by_draft, "is no longer published", "Use the new one for", ""),
        (by_purge, "was deleted", "Link", " with it"),
    ],
)
def test_as_its_publisher_has_named_it(
    take, said, step, rest, dataset, owner, owned_project
):
    new = factories.Dataset(title="Alle Bäume der Stadt")
    as_portal(
        "digifarm_successor_set", dataset=dataset["id"], successor=new["id"]
    )
    model.Session.query(Mail).delete()
    model.Session.commit()
    take(dataset)
    look_twice()
    subject = (
        f"The dataset “Baumkataster”, which “Durstige Bäume” uses, {said};"
        " its successor is “Alle Bäume der Stadt”"
    )
    assert told() == {owner: [subject]}
    [mail] = waiting_mails()
    body = " ".join(mail.body.split())
    assert "the data is there" not in body.lower()
    page = f"http://test.ckan.net/civic_project/{owned_project['name']}#links"
    assert f"{step} “Durstige Bäume”{rest}: {page}" in body


def test_as_named_but_private_is_a_loss(dataset, owner):
    new = factories.Dataset(
        title="Alle Bäume der Stadt", owner_org=dataset["owner_org"]
    )
    as_portal(
        "digifarm_successor_set", dataset=dataset["id"], successor=new["id"]
    )
    as_portal("package_patch", id=new["id"], private=True)
    model.Session.query(Mail).delete()
    model.Session.commit()
    by_delete(dataset)
    look_twice()
    assert told() == {owner: [DELETED]}


def test_finding_it_costs_two_statements(harvested):
    lost = Dataset(
        harvested["id"],
        harvested["name"],
        harvested["title"],
        "active",
        False,
        harvested["owner_org"],
        "https://example.org/baeume",
        ["urn:baeume"],
        [],
    )
    by_delete(harvested)
    new = again(harvested)
    model.Session.rollback()
    with counting() as counted:
        found = came_back_as(lost, clock.now())
    assert len(counted.sql) == 2
    assert found
    assert (found.package.id, found.is_named) == (new["id"], False)
