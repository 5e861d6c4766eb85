"""Who takes data away needs no alarm, and isn't sent to themselves."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories

from ..acting import as_portal, as_user
from ..outbox import waiting_mails
from .conftest import address_of, look, look_twice, told
from .test_second_look import delete, hide
from .test_ways import DELETED, PRIVATE

pytestmark = pytest.mark.usefixtures("shared_portal", "no_commits", "nothing")

Package = dict[str, Any]

ASK = "Ask “Grünflächenamt”"


@pytest.fixture
def both(people, publisher, owned_project) -> str:
    """The address of somebody who owns the project and edits for the office.

    Another owner is one of the project only.
    """
    user = factories.User()
    as_portal(
        "organization_member_create",
        id=publisher["id"],
        username=user["name"],
        role="admin",
    )
    as_portal(
        "package_collaborator_create",
        id=owned_project["id"],
        user_id=user["id"],
        capacity="editor",
    )
    return user["name"]


def by_delete(user: str, dataset: Package) -> None:
    as_user(user, "package_delete", id=dataset["id"])


def by_draft(user: str, dataset: Package) -> None:
    as_user(user, "package_patch", id=dataset["id"], state="draft")


def by_hiding(user: str, dataset: Package) -> None:
    as_user(user, "package_patch", id=dataset["id"], private=True)


def by_bulk(action: str) -> Any:
    def by_bulk(user: str, dataset: Package) -> None:
        as_user(
            user,
            f"bulk_update_{action}",
            datasets=[dataset["id"]],
            org_id=dataset["owner_org"],
        )

    return by_bulk


def by_moving(user: str, dataset: Package) -> None:
    other = factories.Organization(
        users=[{"name": user, "capacity": "editor"}]
    )
    as_user(user, "package_patch", id=dataset["id"], owner_org=other["id"])


def by_resource(user: str, dataset: Package) -> None:
    for resource in dataset["resources"]:
        if resource["format"] == "GeoJSON":
            as_user(user, "resource_delete", id=resource["id"])


def by_delete_and_purge(user: str, dataset: Package) -> None:
    as_user(user, "package_delete", id=dataset["id"])
    as_portal("dataset_purge", id=dataset["id"])


def by_draft_and_delete(user: str, dataset: Package) -> None:
    by_draft(user, dataset)
    look()
    by_delete(user, dataset)


@pytest.mark.parametrize(
    "take",
    [
        by_delete,
        by_draft,
        by_draft_and_delete,
        by_hiding,
        by_bulk("delete"),
        by_bulk("private"),
        by_moving,
        by_resource,
        by_delete_and_purge,
    ],
)
def test_whoever_did_it_is_left_out(take, both, dataset, owner):
    take(both, dataset)
    look_twice()
    assert [*told()] == [owner]


def test_who_did_something_else_before_is_told(both, dataset, owner):
    """A harvester's SQL has taken it away, and nobody's activity says so."""
    as_user(both, "package_patch", id=dataset["id"], notes="Alle Bäume")
    model.Session.execute(
        sa.text("UPDATE package SET state = 'deleted' WHERE id = :id"),
        {"id": dataset["id"]},
    )
    model.Session.commit()
    look_twice()
    assert told() == {owner: [DELETED], address_of(both): [DELETED]}


def test_who_deletes_again_what_is_private_is_told_that_it_is(
    both, dataset, owner
):
    hide(dataset)
    look()
    as_user(both, "package_patch", id=dataset["id"], notes="Alle Bäume")
    look(16)
    assert told() == {owner: [PRIVATE], address_of(both): [PRIVATE]}


def test_nobody_is_sent_to_their_own_office(both, dataset, owner):
    delete(dataset)
    look_twice()
    said = {mail.recipient_email: mail.body for mail in waiting_mails()}
    assert {*said} == {owner, address_of(both)}
    assert ASK in said[owner]
    assert ASK not in said[address_of(both)]
