"""Who edits for an organisation hears that it has got a project."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib.jobs import Job
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.moves.noticing import MOVED

from .. import proposing
from ..acting import as_portal, as_user, copy_of
from ..browsing import Browser
from ..working import forget_jobs, work_here

NEW = {"new_editor@example.org", "new_admin@example.org"}


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    """Names of users by what they are; `both` edits for both organisations."""
    people = proposing.create_people()
    for role in ("new_editor", "new_admin", "new_member", "both", "owner"):
        people[role] = factories.User(email=f"{role}@example.org")["name"]
    users = [
        {"name": people["new_editor"], "capacity": "editor"},
        {"name": people["new_admin"], "capacity": "admin"},
        {"name": people["new_member"], "capacity": "member"},
    ]
    factories.Organization(name="new-office", title="Neues Amt", users=users)
    return people


@pytest.fixture(scope="module")
def kept(people) -> dict[str, Any]:
    return factories.Dataset(
        type="civic_project",
        title="Durstige Bäume",
        owner_org="green-office",
    )


@pytest.fixture(autouse=True)
def settings(people) -> Iterator[None]:
    proposing.empty_tables()
    forget_jobs()
    with changed_config(
        "ckanext.digifarm.review_organization", proposing.REVIEWERS
    ):
        yield


@pytest.fixture
def project(kept, people) -> dict[str, Any]:
    """One of its own for each test, with its owner."""
    project = copy_of(kept)
    as_portal(
        "package_collaborator_create",
        id=project["id"],
        user_id=people["owner"],
        capacity="editor",
    )
    forget_jobs()
    model.Session.query(Mail).delete()
    model.Session.commit()
    return project


def move(project: dict[str, Any], to: str, user: str = "") -> None:
    data = {"id": project["id"], "owner_org": to}
    if user:
        as_user(user, "package_patch", **data)
    else:
        as_portal("package_patch", **data)


def told() -> list[Mail]:
    """The mails that a worker writes."""
    work_here()
    return model.Session.query(Mail).order_by(Mail.recipient_email).all()


def recipients() -> list[str]:
    return [mail.recipient_email for mail in told()]


def test_editors_and_admins_are_told_once(project, people):
    move(project, "new-office")
    found = told()
    assert [mail.recipient_email for mail in found] == sorted(NEW)
    for mail in found:
        assert mail.subject == "“Durstige Bäume” belongs to Neues Amt now"
        assert f"/civic_project/{project['name']}" in mail.body
        assert f"/civic_project/edit/{project['name']}" in mail.body
        # Nobody is named, neither who moved it nor its owners.
        assert people["owner"] not in mail.body
        assert "owner@example.org" not in mail.body
    work_here()
    assert len(told()) == len(NEW)


@pytest.mark.parametrize("way", ["patch", "update", "owner_org", "form"])
def test_whichever_way_it_moves(way, project, people, shared_app):
    organization = model.Group.get("new-office").id
    if way == "form":
        sysadmin = model.User.get(people["sysadmin"]).id
        browser = Browser(shared_app, sysadmin)
        form = browser.form(f"/civic_project/edit/{project['name']}")
        browser.send(form.with_values(owner_org=organization))
    elif way == "patch":
        move(project, "new-office")
    elif way == "update":
        as_portal("package_update", **{**project, "owner_org": organization})
    else:
        as_portal(
            "package_owner_org_update",
            id=project["id"],
            organization_id=organization,
        )
    assert recipients() == sorted(NEW)


def test_who_moves_it_is_not_told(project, people):
    as_portal(
        "organization_member_create",
        id="green-office",
        username=people["new_editor"],
        role="editor",
    )
    forget_jobs()
    move(project, "new-office", people["new_editor"])
    as_portal(
        "organization_member_delete",
        id="green-office",
        username=people["new_editor"],
    )
    assert recipients() == ["new_admin@example.org"]


def test_nobody_is_told_where_only_who_moves_it_edits_there(project, people):
    """Nor the city's team, whose address stands in for missing people."""
    factories.Organization(
        name="alone",
        users=[{"name": people["sysadmin"], "capacity": "admin"}],
    )
    with changed_config("ckanext.digifarm.contact_email", "x@example.org"):
        move(project, "alone", people["sysadmin"])
        assert recipients() == []


def test_forth_and_back_tells_nobody(project):
    move(project, "new-office")
    move(project, "green-office")
    assert recipients() == []


def test_forth_back_and_forth_tells_once(project):
    for office in ("new-office", "green-office", "new-office"):
        move(project, office)
    assert recipients() == sorted(NEW)


def test_only_the_last_organisation_is_told(project):
    move(project, proposing.REVIEWERS)
    move(project, "new-office")
    assert recipients() == sorted(NEW)


def test_a_later_move_is_told_too(project):
    move(project, "new-office")
    assert recipients() == sorted(NEW)
    model.Session.query(Mail).delete()
    move(project, "green-office")
    assert recipients() == ["project_editor@example.org"]


def test_all_else_that_changes_tells_nobody(project):
    as_portal("package_patch", id=project["id"], title="Anders")
    assert model.Session.query(Job).filter_by(kind=MOVED).count() == 0
    assert recipients() == []


def test_a_project_that_is_deleted_meanwhile_tells_nobody(project):
    move(project, "new-office")
    as_portal("package_delete", id=project["name"])
    assert recipients() == []


def test_a_project_that_is_purged_meanwhile_tells_nobody(project):
    move(project, "new-office")
    as_portal("dataset_purge", id=project["id"])
    assert recipients() == []


def test_a_dataset_tells_nobody():
    dataset = factories.Dataset(owner_org="green-office")
    forget_jobs()
    as_portal("package_patch", id=dataset["id"], owner_org="new-office")
    assert recipients() == []


def test_an_organisation_that_is_gone_tells_nobody(project):
    office = factories.Organization(
        users=[{"name": factories.User()["name"], "capacity": "editor"}]
    )
    move(project, office["id"])
    model.Group.get(office["id"]).state = "deleted"
    model.Session.commit()
    assert recipients() == []


def test_a_new_project_is_no_move(people):
    factories.Dataset(type="civic_project", owner_org="new-office")
    assert recipients() == []


class TestApproval:
    @pytest.fixture
    def proposal(self, people) -> str:
        id_ = proposing.confirm(proposing.propose()).id
        forget_jobs()
        model.Session.query(Mail).delete()
        model.Session.commit()
        return id_

    def approve(self, people, proposal: str, organization: str) -> list[str]:
        as_user(
            people["reviewer"],
            "digifarm_proposal_approve",
            id=proposal,
            organization=organization,
        )
        mails = [m for m in told() if "belongs to" in m.subject]
        return [mail.recipient_email for mail in mails]

    def test_tells_who_gets_the_project(self, proposal, people):
        assert self.approve(people, proposal, "new-office") == sorted(NEW)

    def test_does_not_tell_those_who_had_it(self, proposal, people):
        assert self.approve(people, proposal, proposing.REVIEWERS) == []

    def test_does_not_tell_who_decides(self, proposal, people):
        as_portal(
            "organization_member_create",
            id="new-office",
            username=people["reviewer"],
            role="editor",
        )
        found = self.approve(people, proposal, "new-office")
        as_portal(
            "organization_member_delete",
            id="new-office",
            username=people["reviewer"],
        )
        assert found == sorted(NEW)

    def test_what_waits_tells_nobody(self, proposal, people):
        """Where the city names other reviewers, they get what waits."""
        project = proposing.get(proposal).project_id
        with changed_config(
            "ckanext.digifarm.review_organization", "new-office"
        ):
            as_portal(
                "package_owner_org_update",
                id=project,
                organization_id=model.Group.get("new-office").id,
            )
            assert recipients() == []
