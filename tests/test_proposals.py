"""From a resident's idea to an entry with an owner."""

from __future__ import annotations

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.model import Link
from ckanext.digifarm.tokens import Purpose

from .acting import as_user
from .letters import letters
from .proposing import (
    REVIEWERS,
    SECRETS,
    confirm,
    create_people,
    empty_tables,
    get,
    pending,
    project_of,
    propose,
    token_of,
)

pytestmark = [
    pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS),
    pytest.mark.usefixtures("shared_portal"),
]


@pytest.fixture(scope="module")
def roles(shared_portal) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def _empty(roles) -> None:
    empty_tables()


def test_a_proposal_without_account_waits_for_its_confirmation():
    proposal = propose()
    assert proposal.state == "unconfirmed"
    assert proposal.project_id is None
    assert proposal.payload["project"]["title"] == "Schattenwege"
    [mail] = letters()
    assert mail.recipient_email == SECRETS["proposer_email"]
    assert "Schattenwege" not in mail.body
    assert SECRETS["proposer_name"] not in mail.body


def test_a_confirmed_proposal_is_a_private_project_of_the_reviewers():
    dataset = factories.Dataset()
    proposal = confirm(propose(datasets=[dataset["name"]]))
    assert (proposal.state, proposal.payload) == ("pending", {})
    project = project_of(proposal)
    assert (project.private, project.type) == (True, "civic_project")
    assert model.Group.get(REVIEWERS).id == project.owner_org
    assert Link.get(project.id, dataset["id"])
    recipients = {mail.recipient_email for mail in letters()}
    assert "reviewer@example.org" in recipients


def test_an_approved_proposal_is_public_and_belongs_to_its_proposer(roles):
    proposal = pending(roles["proposer"])
    as_user(
        roles["reviewer"],
        "digifarm_proposal_approve",
        id=proposal.id,
        organization="green-office",
    )
    assert get(proposal.id).state == "approved"
    project = project_of(proposal)
    assert not project.private
    assert model.Group.get("green-office").id == project.owner_org
    found = as_user("", "package_show", id=project.id)
    assert found["organization"]["name"] == "green-office"
    as_user(roles["proposer"], "package_patch", id=project.id, notes="Neu")


def test_who_has_no_account_claims_the_project(roles):
    proposal = pending()
    as_user(
        roles["reviewer"],
        "digifarm_proposal_approve",
        id=proposal.id,
        organization="green-office",
    )
    token = token_of(get(proposal.id), Purpose.CLAIM)
    as_user(roles["other"], "digifarm_project_claim", token=token)
    project = project_of(proposal)
    as_user(roles["other"], "package_patch", id=project.id, notes="Neu")
    with pytest.raises(tk.ValidationError):
        as_user(roles["proposer"], "digifarm_project_claim", token=token)


def test_changes_are_requested_and_made(roles):
    proposal = pending()
    as_user(
        roles["reviewer"],
        "digifarm_proposal_request_changes",
        id=proposal.id,
        reason="Bitte mehr dazu",
    )
    proposal = get(proposal.id)
    assert proposal.state == "changes_requested"
    as_user(
        "",
        "digifarm_proposal_update",
        token=token_of(proposal),
        project={"notes": "Viel mehr", "tag_string": "hitze, wege"},
    )
    proposal = get(proposal.id)
    assert proposal.state == "pending"
    shown = as_user("", "digifarm_proposal_show", token=token_of(proposal))
    assert shown["project"]["notes"] == "Viel mehr"
    assert len(shown["project"]["tags"]) == 2
    assert [e["state"] for e in shown["events"]] == [
        "unconfirmed",
        "pending",
        "changes_requested",
        "pending",
    ]


def test_a_declined_proposal_is_no_project(roles):
    proposal = pending()
    as_user(
        roles["reviewer"],
        "digifarm_proposal_decline",
        id=proposal.id,
        reason="Nicht offen",
    )
    assert project_of(proposal).state == "deleted"
    assert any("> Nicht offen" in mail.body for mail in letters())


@pytest.mark.parametrize(
    ("action", "changes"),
    [
        ("package_patch", {"private": False}),
        ("package_patch", {"private": "False"}),
        ("package_patch", {"owner_org": "green-office"}),
        ("package_patch", {"state": "deleted"}),
        ("package_delete", {}),
    ],
)
def test_only_a_decision_makes_a_proposal_public_or_ends_it(
    roles, action, changes
):
    project = project_of(pending())
    with pytest.raises(tk.ValidationError, match="Review"):
        as_user(roles["sysadmin"], action, id=project.id, **changes)
    project = model.Package.get(project.id)
    assert (project.private, project.state) == (True, "active")


def test_reviewers_edit_what_a_proposal_says(roles):
    project = project_of(pending())
    as_user(roles["reviewer"], "package_patch", id=project.id, notes="Genauer")
    assert model.Package.get(project.id).notes == "Genauer"
