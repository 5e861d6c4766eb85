"""Who may do what with a project after its approval, written out.

Of a project that came through the reviewers and belongs to another
organisation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import review_office
from ckanext.digifarm.notes.model import Note
from ckanext.digifarm.owners.model import Invitation
from ckanext.digifarm.partners.model import Partner

from ..acting import as_portal, as_user
from ..proposing import REVIEWERS, create_people, empty_tables, pending

#: A partner of nobody, and one of the organisation that has the project.
PARTNER, OWN_PARTNER = "Lesefreunde", "Grünamt"

TEAM = {"owner", "co_owner", "editor"}
REVIEW = {"reviewer", "renamed_reviewer"}

#: By what is asked about, and with what, who may.
RIGHTS: dict[str, dict[str, set[str]]] = {
    "project": {
        "package_show": TEAM | REVIEW,
        "package_update": TEAM | REVIEW,
        "package_delete": TEAM,
        "digifarm_project_end": TEAM,
        "digifarm_project_reopen": TEAM,
        "digifarm_project_dependents": TEAM,
        "digifarm_project_hidden": TEAM | REVIEW,
        "digifarm_project_accompany": REVIEW,
    },
    "team": {
        "digifarm_project_team": TEAM | REVIEW,
        "digifarm_owner_invite": TEAM | REVIEW,
    },
    "invitation": {"digifarm_owner_invitation_withdraw": TEAM | REVIEW},
    # To take the right from the co-owner, who steps down.
    "co-owner": {"digifarm_owner_remove": {"co_owner", "editor"} | REVIEW},
    "proposal": {
        "digifarm_project_changes": REVIEW,
        "digifarm_project_seen": REVIEW,
        "digifarm_project_hide": REVIEW,
        # Only what is hidden is given back; the step says so.
        "digifarm_project_give_back": REVIEW,
    },
    "note": {"digifarm_note_delete": {"reviewer"}},
    "notes": {"digifarm_note_list": REVIEW, "digifarm_note_create": REVIEW},
    "queue": {
        "digifarm_review_counts": REVIEW,
        "digifarm_proposal_list": REVIEW,
        "digifarm_partner_proposed_list": REVIEW,
        "digifarm_partner_deleted_list": REVIEW,
        "digifarm_project_care_list": REVIEW,
    },
    "partner": {
        "digifarm_partner_update": REVIEW,
        "digifarm_partner_delete": REVIEW,
        "digifarm_partner_alike": REVIEW,
        "digifarm_partner_merge": REVIEW,
        "digifarm_partner_restore": REVIEW,
    },
    "own partner": {
        "digifarm_partner_update": {"editor"} | REVIEW,
        "digifarm_partner_delete": {"editor"} | REVIEW,
        "digifarm_partner_merge": REVIEW,
    },
    # What they see there is their own.
    "nothing": {
        action: {
            *(*TEAM, *REVIEW, "former_owner", "former_reviewer"),
            *("member", "stranger"),
        }
        for action in (
            "digifarm_project_mine",
            "digifarm_project_deleted_list",
            "digifarm_waiting_list",
            "digifarm_waiting_count",
        )
    },
}

ROLES = (
    *("owner", "co_owner", "editor", "reviewer", "renamed_reviewer"),
    *("former_owner", "former_reviewer", "member", "stranger", "anonymous"),
)


@pytest.fixture(scope="module")
def portal(shared_app) -> Iterator[dict[str, Any]]:
    """The names of users by their role, and what is asked about."""
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        empty_tables()
        people = create_people()
        users = {
            "owner": people["proposer"],
            "co_owner": people["other"],
            "editor": people["project_editor"],
            "reviewer": people["reviewer"],
            "renamed_reviewer": people["other_reviewer"],
            "former_owner": factories.User()["name"],
            "former_reviewer": factories.User()["name"],
            "member": people["review_member"],
            "stranger": factories.User()["name"],
            "anonymous": "",
        }
        proposal = pending(users["owner"])
        as_user(
            users["reviewer"],
            "digifarm_proposal_approve",
            id=proposal.id,
            organization="green-office",
        )
        project = proposal.project_id
        for role in ("co_owner", "former_owner"):
            as_portal(
                "package_collaborator_create",
                id=project,
                user_id=model.User.get(users[role]).id,
                capacity="editor",
            )
        as_user(
            users["former_owner"], "digifarm_owner_remove", project=project
        )
        as_user(
            users["owner"],
            "digifarm_owner_invite",
            project=project,
            email="kim@example.org",
        )
        as_user(
            users["reviewer"],
            "digifarm_note_create",
            subject="project",
            subject_id=project,
            text="Nur für uns",
        )
        partners = [
            as_portal(
                "digifarm_partner_create",
                title=title,
                kind="association",
                organization_id=organization,
            )["id"]
            for title, organization in (
                (PARTNER, ""),
                (OWN_PARTNER, "green-office"),
            )
        ]
        # Nobody else may read it any more.
        as_portal("package_patch", id=project, private=True)
        membership = {
            "id": REVIEWERS,
            "username": users["former_reviewer"],
        }
        as_portal("organization_member_create", **membership, role="editor")
        as_portal("organization_member_delete", **membership)
        [invitation] = model.Session.query(Invitation)
        [note] = model.Session.query(Note)
        yield {
            "users": users,
            "project": {"id": project},
            "team": {"project": project},
            "invitation": {"id": invitation.id},
            "co-owner": {
                "project": project,
                "user_id": model.User.get(users["co_owner"]).id,
            },
            "proposal": {"id": proposal.id},
            "note": {"id": note.id},
            "notes": {"subject": "project", "subject_id": project},
            "queue": {"mine": False},
            "partner": {"id": partners[0]},
            "own partner": {"id": partners[1]},
            "nothing": {},
        }
        for table in (Invitation, Note, Partner):
            model.Session.query(table).delete()
        model.Session.query(model.SystemInfo).filter_by(
            key=review_office.KEY
        ).delete()
        model.Session.commit()


@pytest.fixture(autouse=True)
def reviews() -> Iterator[None]:
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


def may(action: str, user: str, asked: dict[str, Any]) -> bool:
    context = {
        "user": user,
        "auth_user_obj": model.User.get(user) if user else None,
    }
    try:
        tk.check_access(action, context, dict(asked))
    except tk.NotAuthorized:
        return False
    return True


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("thing", "action"),
    [(thing, action) for thing, rights in RIGHTS.items() for action in rights],
)
def test_who_may(thing, action, role, portal):
    if role == "renamed_reviewer":
        as_portal("organization_patch", id=REVIEWERS, name="amt-fuer-alles")
    try:
        found = may(action, portal["users"][role], portal[thing])
    finally:
        if role == "renamed_reviewer":
            as_portal(
                "organization_patch", id="amt-fuer-alles", name=REVIEWERS
            )
    assert found is (role in RIGHTS[thing][action])
