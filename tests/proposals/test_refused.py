"""What is not approved is no project, and doesn't become one otherwise."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests.helpers import changed_config

from ..acting import as_portal, as_user
from ..browsing import Browser, html
from ..proposing import (
    REVIEWERS,
    create_people,
    empty_tables,
    get,
    pending,
    project_of,
    put_into,
)

pytestmark = [
    pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS),
    pytest.mark.usefixtures("shared_app"),
]


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def nothing(people) -> None:
    empty_tables()


def facts(project_id: str) -> tuple[bool, str, str]:
    """Whether a project is private, its state, and whose it is."""
    model.Session.rollback()
    model.Session.expire_all()
    project = model.Package.get(project_id)
    organization = model.Group.get(project.owner_org)
    return project.private, project.state, organization.name


@pytest.mark.parametrize("state", ["declined", "withdrawn"])
@pytest.mark.parametrize(
    ("action", "changes"),
    [
        ("package_patch", {"state": "active"}),
        ("package_patch", {"state": "active", "private": False}),
        ("package_patch", {"private": False}),
        ("package_patch", {"owner_org": "green-office"}),
        ("package_update", {"state": "active"}),
        ("package_owner_org_update", {"organization_id": "green-office"}),
        ("bulk_update_public", {}),
    ],
)
def test_nobody_restores_what_was_refused(people, action, changes, state):
    project = project_of(put_into(pending(), state))
    if action.startswith("bulk"):
        changes = {"datasets": [project.id], "org_id": project.owner_org}
    else:
        changes = {**changes, "id": project.id}
    if action == "package_update":
        changes = {**as_portal("package_show", id=project.id), **changes}
    id_ = project.id
    for role in ("sysadmin", "other_reviewer"):
        with pytest.raises((tk.ValidationError, tk.NotAuthorized)) as raised:
            as_user(people[role], action, **changes)
        assert facts(id_) == (True, "deleted", REVIEWERS)
        if action == "package_patch" and role == "sysadmin":
            assert "It can be proposed again" in str(raised.value)


def test_what_was_refused_stays_so_when_it_is_edited(people):
    id_ = put_into(pending(), "declined").project_id
    for role in ("sysadmin", "other_reviewer"):
        shown: dict[str, Any] = as_portal("package_show", id=id_)
        for name in ("state", "private", "owner_org", "organization"):
            del shown[name]
        for action, changes in (
            ("package_patch", {"id": id_}),
            ("package_update", {**shown, "owner_org": REVIEWERS}),
        ):
            as_user(people[role], action, **{**changes, "notes": role})
            assert facts(id_) == (True, "deleted", REVIEWERS)
            assert model.Package.get(id_).notes == role


def test_the_page_says_that_it_is_not_restored(people, shared_app):
    project = project_of(put_into(pending(), "declined"))
    name, id_ = project.name, project.id
    reviewer = Browser(shared_app, model.User.get(people["reviewer"]).id)
    restore = f"/civic_project/restore/{name}"
    page = html(reviewer.get(f"/civic_project/{name}"))
    assert "It can be proposed again" in page.select_one(".alert").get_text()
    assert not page.select(f"form[action='{restore}']")
    # A page that was open before the decision still has the button.
    response = reviewer.post(restore, data={"_csrf_token": reviewer.token()})
    assert response.status_code == 200
    assert response.request.path == f"/civic_project/{name}"
    assert "It can be proposed again" in html(response).get_text()
    assert facts(id_) == (True, "deleted", REVIEWERS)


@pytest.mark.parametrize("state", ["pending", "changes_requested"])
@pytest.mark.parametrize(
    ("action", "parameter"),
    [
        ("package_patch", "owner_org"),
        ("package_owner_org_update", "organization_id"),
    ],
)
def test_what_waits_goes_to_other_reviewers(people, action, parameter, state):
    """Where the city names another organisation."""
    proposal = put_into(pending(), state)
    id_ = proposal.project_id
    option = "ckanext.digifarm.review_organization"
    sysadmin = people["sysadmin"]
    with changed_config(option, "green-office"):
        if action == "package_patch":
            with pytest.raises(tk.ValidationError):
                as_user(
                    sysadmin,
                    action,
                    id=id_,
                    owner_org="green-office",
                    private=False,
                )
            assert facts(id_) == (True, "active", REVIEWERS)
        as_user(sysadmin, action, id=id_, **{parameter: "green-office"})
        assert facts(id_) == (True, "active", "green-office")
        with pytest.raises(tk.ValidationError):
            as_user(sysadmin, action, id=id_, **{parameter: REVIEWERS})
        as_user(
            people["project_editor"],
            "digifarm_proposal_decline",
            id=get(proposal.id).id,
            reason="Nicht offen",
        )
        with pytest.raises(tk.ValidationError):
            as_user(sysadmin, action, id=id_, **{parameter: REVIEWERS})
    with pytest.raises(tk.ValidationError):
        as_user(sysadmin, action, id=id_, **{parameter: REVIEWERS})
    assert facts(id_) == (True, "deleted", "green-office")


def test_what_was_approved_is_a_project_like_any_other(people):
    id_ = put_into(pending(), "approved").project_id
    editor = people["project_editor"]
    as_user(editor, "package_patch", id=id_, private=True)
    assert facts(id_) == (True, "active", "green-office")
    as_user(editor, "package_delete", id=id_)
    as_user(editor, "package_patch", id=id_, state="active", private=False)
    assert facts(id_) == (False, "active", "green-office")
