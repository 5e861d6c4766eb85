"""Whichever way a dataset goes, who looks after the projects hears it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.losses.model import LinkedDataset

from ..acting import as_portal
from ..browsing import Browser
from ..outbox import waiting_mails
from .conftest import link, look, look_twice, seen, told

pytestmark = pytest.mark.usefixtures("shared_portal", "no_commits", "nothing")

DELETED = (
    "The dataset “Baumkataster”, which “Durstige Bäume” uses, has been deleted"
)
PRIVATE = (
    "The dataset “Baumkataster”, which “Durstige Bäume” uses, is no longer"
    " public"
)
UNPUBLISHED = (
    "The dataset “Baumkataster”, which “Durstige Bäume” uses, is no longer"
    " published"
)
MOVED = (
    "The dataset “Baumkataster”, which “Durstige Bäume” uses, has left its"
    " organization"
)


def without_format(format_: str) -> str:
    return (
        "The dataset “Baumkataster”, which “Durstige Bäume” uses, is no longer"
        f" there as {format_}"
    )


Package = dict[str, Any]


def by_delete(dataset: Package) -> None:
    as_portal("package_delete", id=dataset["id"])


def by_update(dataset: Package) -> None:
    as_portal("package_update", **{**dataset, "state": "deleted"})


def by_bulk(dataset: Package) -> None:
    as_portal(
        "bulk_update_delete",
        datasets=[dataset["id"]],
        org_id=dataset["owner_org"],
    )


def by_purge(dataset: Package) -> None:
    as_portal("dataset_purge", id=dataset["id"])


def by_delete_and_purge(dataset: Package) -> None:
    by_delete(dataset)
    look()
    by_purge(dataset)


def by_sql(dataset: Package) -> None:
    """As a harvester's "clear" does."""
    for table, column in (
        ("resource", "package_id"),
        ("member", "table_id"),
        ("activity", "object_id"),
        ("package_member", "package_id"),
        ("package", "id"),
    ):
        model.Session.execute(
            sa.text(f'DELETE FROM "{table}" WHERE {column} = :id'),
            {"id": dataset["id"]},
        )
    model.Session.commit()


def by_sql_state(dataset: Package) -> None:
    model.Session.execute(
        sa.text("UPDATE package SET state = 'deleted' WHERE id = :id"),
        {"id": dataset["id"]},
    )
    model.Session.commit()


@pytest.mark.parametrize(
    "delete",
    [
        by_delete,
        by_update,
        by_bulk,
        by_purge,
        by_delete_and_purge,
        by_sql,
        by_sql_state,
    ],
)
def test_that_it_is_deleted_is_told_once(delete, dataset, owner):
    delete(dataset)
    look_twice()
    assert told() == {owner: [DELETED]}
    for minutes in (21, 60, 60 * 24):
        look(minutes)
    assert told() == {owner: [DELETED]}


def test_that_it_is_deleted_by_its_form_is_told(dataset, owner, shared_app):
    browser = Browser(shared_app, factories.Sysadmin()["id"])
    path = f"/dataset/delete/{dataset['id']}"
    form = browser.form(path, "#confirm-dataset-delete-form")
    browser.send(form.with_values(delete=""), follow_redirects=True)
    look_twice()
    assert told() == {owner: [DELETED]}


def by_draft(dataset: Package) -> None:
    as_portal("package_patch", id=dataset["id"], state="draft")


def by_sql_draft(dataset: Package) -> None:
    model.Session.execute(
        sa.text("UPDATE package SET state = 'draft' WHERE id = :id"),
        {"id": dataset["id"]},
    )
    model.Session.commit()


@pytest.mark.parametrize("unpublish", [by_draft, by_sql_draft])
def test_that_it_is_unpublished_is_told_once(
    unpublish, dataset, owner, owned_project
):
    unpublish(dataset)
    look_twice()
    look(60)
    assert told() == {owner: [UNPUBLISHED]}
    [mail] = waiting_mails()
    assert "deleted" not in mail.body
    [event] = Event.of(Subject.DATASET, dataset["id"])
    assert (event.action, event.source, event.target) == (
        "hidden",
        "active",
        "draft",
    )


def test_that_it_is_unpublished_by_its_form_is_told(
    dataset, owner, shared_app
):
    browser = Browser(shared_app, factories.Sysadmin()["id"])
    form = browser.form(f"/dataset/edit/{dataset['id']}", "#dataset-edit")
    browser.send(
        form.with_values(
            owner_org=dataset["owner_org"], save="go-metadata-unpublish"
        ),
        follow_redirects=True,
    )
    look_twice()
    assert told() == {owner: [UNPUBLISHED]}


def test_unpublished_and_then_deleted_is_one_loss(dataset, owner):
    by_draft(dataset)
    look()
    by_delete(dataset)
    look(10)
    # Since it was unpublished.
    look(16)
    assert told() == {owner: [DELETED]}
    look(60)
    assert told() == {owner: [DELETED]}


def test_deleted_after_that_was_told_is_no_news(dataset, owner):
    by_draft(dataset)
    look_twice()
    by_delete(dataset)
    look(20)
    look(40)
    assert told() == {owner: [UNPUBLISHED]}


def test_a_draft_that_comes_back_alarms_nobody(dataset):
    by_draft(dataset)
    look()
    as_portal("package_patch", id=dataset["id"], state="active")
    look(16)
    assert told() == {}


def by_patch(dataset: Package) -> None:
    as_portal("package_patch", id=dataset["id"], private=True)


def by_bulk_private(dataset: Package) -> None:
    as_portal(
        "bulk_update_private",
        datasets=[dataset["id"]],
        org_id=dataset["owner_org"],
    )


def by_sql_private(dataset: Package) -> None:
    model.Session.execute(
        sa.text("UPDATE package SET private = true WHERE id = :id"),
        {"id": dataset["id"]},
    )
    model.Session.commit()


@pytest.mark.parametrize("hide", [by_patch, by_bulk_private, by_sql_private])
def test_that_it_is_private_is_told_once(hide, dataset, owner):
    hide(dataset)
    look_twice()
    look(60)
    assert told() == {owner: [PRIVATE]}


def test_that_it_is_private_by_its_form_is_told(dataset, owner, shared_app):
    browser = Browser(shared_app, factories.Sysadmin()["id"])
    form = browser.form(f"/dataset/edit/{dataset['id']}", "#dataset-edit")
    browser.send(
        form.with_values(
            private="True", owner_org=dataset["owner_org"], save=""
        ),
        follow_redirects=True,
    )
    look_twice()
    assert told() == {owner: [PRIVATE]}


def by_owner_org(dataset: Package, organization: Package) -> None:
    as_portal(
        "package_owner_org_update",
        id=dataset["id"],
        organization_id=organization["id"],
    )


def by_patching_it(dataset: Package, organization: Package) -> None:
    as_portal(
        "package_patch",
        id=dataset["id"],
        owner_org=organization["id"],
        name=f"{dataset['name']}-renamed",
        title="Alle Bäume",
    )


@pytest.mark.parametrize("move", [by_owner_org, by_patching_it])
def test_that_it_moves_is_told_once_also_when_renamed(move, dataset, owner):
    other = factories.Organization(title="Stadtwerke")
    move(dataset, other)
    look_twice()
    look(60)
    assert told() == {owner: [MOVED]}


@pytest.mark.parametrize("action", ["delete", "purge"])
def test_it_goes_with_its_organization(
    action, dataset, publisher, owner, body
):
    as_portal("package_delete", id=dataset["id"])
    as_portal(f"organization_{action}", id=publisher["id"])
    look_twice()
    assert told() == {owner: [DELETED]}
    assert "Grünflächenamt" not in body()


@pytest.mark.parametrize("action", ["delete", "purge"])
def test_it_loses_its_organization(action, dataset, publisher, owner, body):
    with changed_config("ckan.auth.create_unowned_dataset", True):
        as_portal(f"organization_{action}", id=publisher["id"])
    look_twice()
    assert told() == {owner: [MOVED]}
    assert "It belongs to no organization now." in body()


@pytest.fixture
def body():
    def body() -> str:
        [mail] = waiting_mails()
        return " ".join(mail.body.split())

    return body


def resources_of(dataset: Package, format_: str) -> list[Package]:
    return [
        resource
        for resource in call_action("package_show", id=dataset["id"])[
            "resources"
        ]
        if resource["format"].strip().lower() == format_
    ]


def by_resource_delete(dataset: Package) -> None:
    for resource in resources_of(dataset, "csv"):
        as_portal("resource_delete", id=resource["id"])


def by_resource_update(dataset: Package) -> None:
    for resource in resources_of(dataset, "csv"):
        as_portal("resource_patch", id=resource["id"], format="XLSX")


def by_package_patch(dataset: Package) -> None:
    as_portal(
        "package_patch",
        id=dataset["id"],
        resources=resources_of(dataset, "geojson"),
    )


def by_sql_of_resources(dataset: Package) -> None:
    model.Session.execute(
        sa.text(
            "UPDATE resource SET state = 'deleted' WHERE package_id = :id AND"
            " lower(trim(format)) = 'csv'"
        ),
        {"id": dataset["id"]},
    )
    model.Session.commit()


@pytest.mark.parametrize(
    "remove",
    [
        by_resource_delete,
        by_resource_update,
        by_package_patch,
        by_sql_of_resources,
    ],
)
def test_that_a_format_is_gone_is_told_once(remove, dataset, owner):
    remove(dataset)
    look_twice()
    look(60)
    assert told() == {owner: [without_format("CSV")]}


def test_a_format_is_gone_with_its_last_resource(dataset, owner):
    first, last = resources_of(dataset, "csv")
    as_portal("resource_delete", id=first["id"])
    look_twice()
    assert told() == {}
    as_portal("resource_delete", id=last["id"])
    look_twice()
    assert told() == {owner: [without_format("CSV")]}


def test_two_formats_are_one_notice(dataset, owner):
    as_portal("package_patch", id=dataset["id"], resources=[])
    look_twice()
    assert told() == {owner: [without_format("CSV, GeoJSON")]}


def test_another_spelling_of_a_format_is_the_same(dataset):
    for resource in resources_of(dataset, "csv"):
        model.Session.execute(
            sa.text("UPDATE resource SET format = ' Csv ' WHERE id = :id"),
            {"id": resource["id"]},
        )
    model.Session.commit()
    look_twice()
    assert told() == {}
    row = seen(dataset)
    assert row
    assert row.formats == ["csv", "geojson"]


def test_the_title_is_seen_and_told_as_it_was_last(dataset, owner):
    as_portal("package_patch", id=dataset["id"], title="Alle Bäume")
    look()
    by_purge(dataset)
    look_twice()
    assert told() == {owner: [DELETED.replace("Baumkataster", "Alle Bäume")]}


def test_of_a_project_that_provides_it(create, owned_project, owner):
    dataset = create()
    link(owned_project, dataset, relation="provides")
    by_purge(dataset)
    look_twice()
    assert told() == {owner: [DELETED.replace("uses", "provides")]}


def test_what_was_found_is_written_down(dataset, owned_project):
    other = factories.Organization()
    as_portal(
        "package_patch",
        id=dataset["id"],
        resources=resources_of(dataset, "geojson"),
        owner_org=other["id"],
    )
    look_twice()
    events = [
        (e.action, e.source, e.target)
        for e in Event.of(Subject.DATASET, dataset["id"])
    ]
    assert events == [
        ("organization_changed", dataset["owner_org"], other["id"]),
        ("format_lost", "csv", None),
    ]
    by_purge(dataset)
    look_twice()
    event = Event.of(Subject.DATASET, dataset["id"])[-1]
    assert (event.action, event.source, event.target) == (
        "purged",
        "active",
        None,
    )
    assert event.project_id == owned_project["id"]
    assert event.data["title"] == "Baumkataster"
    assert event.data["organization"] == owned_project["owner_org"]
    assert (event.actor, event.created_by) == ("portal", None)
    assert model.Session.query(LinkedDataset).count() == 0
