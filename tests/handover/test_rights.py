"""Who may read and write a handover folder, written out."""

from __future__ import annotations

from collections.abc import Iterator

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support

from ..acting import as_portal, as_user
from ..browsing import Browser
from ..proposing import REVIEWERS, create_people, empty_tables

#: What somebody may do, by what they are: `s`how it, `u`pdate it, `l`ist what
#: is missing on the whole portal, learn whether it is `p`repared.
RIGHTS = {
    "everybody": "p",
    "account": "p",
    "former owner": "p",
    "owner": "sup",
    # The team are its owners, and who edits for its organisation.
    "editor of the organisation": "sup",
    "member of the organisation": "p",
    "editor of another organisation": "p",
    "collaborator who only reads": "p",
    "reviewer": "slp",
    "former reviewer": "p",
    "member of the reviewers": "p",
    "sysadmin": "sulp",
    "caretaker, offered": "p",
    "caretaker, accepted": "sp",
    "caretaker, ended": "p",
    "caretaker, declined": "p",
    "partner who takes care, accepted": "sp",
    "partner who takes care, asked": "p",
    "partner who takes care, ended": "p",
    "supporter of another area": "p",
    "partner of another area": "p",
}

ACTIONS = {
    "s": "digifarm_handover_show",
    "u": "digifarm_handover_update",
    "l": "digifarm_handover_list",
    "p": "digifarm_handover_prepared",
}

#: What the supports are by which somebody is what they are.
SUPPORTS = {
    "caretaker, offered": ("care", "offered"),
    "caretaker, accepted": ("care", "accepted"),
    "caretaker, ended": ("care", "ended"),
    "caretaker, declined": ("care", "declined"),
    "supporter of another area": ("technology", "accepted"),
}

PARTNERS = {
    "partner who takes care, accepted": ("care", "accepted"),
    "partner who takes care, asked": ("care", "requested"),
    "partner who takes care, ended": ("care", "ended"),
    "partner of another area": ("sponsoring", "accepted"),
}


@pytest.fixture(scope="module")
def portal(shared_app) -> Iterator[dict[str, str]]:
    """The names of users by what they are, and the project as `project`."""
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        empty_tables()
        for table in (Support, Partner):
            model.Session.query(table).delete()
        model.Session.commit()
        people = create_people()
        users = {role: factories.User()["name"] for role in RIGHTS}
        users |= {
            "everybody": "",
            "editor of the organisation": people["project_editor"],
            "reviewer": people["reviewer"],
            "member of the reviewers": people["review_member"],
            "sysadmin": people["sysadmin"],
        }
        project = factories.Dataset(
            type="civic_project", owner_org="green-office"
        )["id"]
        _give_roles(users, project)
        for role, (area, state) in SUPPORTS.items():
            _support(project, area, state, user=users[role])
        for role, (area, state) in PARTNERS.items():
            _support(project, area, state, partner=_partner(users[role]))
        yield {**users, "project": project}
        for table in (Support, Partner):
            model.Session.query(table).delete()
        model.Session.commit()


def _give_roles(users: dict[str, str], project: str) -> None:
    for role, capacity in (
        ("owner", "editor"),
        ("former owner", "editor"),
        ("collaborator who only reads", "member"),
    ):
        as_portal(
            "package_collaborator_create",
            id=project,
            user_id=model.User.get(users[role]).id,
            capacity=capacity,
        )
    as_user(users["former owner"], "digifarm_owner_remove", project=project)
    for role, organization, capacity in (
        ("member of the organisation", "green-office", "member"),
        ("former reviewer", REVIEWERS, "editor"),
        (
            "editor of another organisation",
            factories.Organization()["name"],
            "editor",
        ),
    ):
        as_portal(
            "organization_member_create",
            id=organization,
            username=users[role],
            role=capacity,
        )
    as_portal(
        "organization_member_delete",
        id=REVIEWERS,
        username=users["former reviewer"],
    )


def _partner(user: str) -> str:
    """The id of a partner for whose organisation somebody edits."""
    organization = factories.Organization(
        users=[{"name": user, "capacity": "editor"}]
    )
    return as_portal(
        "digifarm_partner_create",
        title=f"Verein von {user}",
        kind="association",
        organization_id=organization["id"],
    )["id"]


def _support(
    project: str, area: str, state: str, user: str = "", partner: str = ""
) -> None:
    model.Session.add(
        Support(
            project_id=project,
            area=area,
            state=state,
            partner_id=partner or None,
            user_id=model.User.get(user).id if user else None,
        )
    )
    model.Session.commit()


@pytest.fixture(autouse=True)
def reviews() -> Iterator[None]:
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


def may(action: str, user: str, project: str) -> bool:
    context = {
        "user": user,
        "auth_user_obj": model.User.get(user) if user else None,
    }
    try:
        tk.check_access(action, context, {"id": project})
    except tk.NotAuthorized:
        return False
    return True


@pytest.mark.parametrize("role", RIGHTS)
def test_who_may(role, portal):
    found = "".join(
        letter
        for letter, action in ACTIONS.items()
        if may(action, portal[role], portal["project"])
    )
    assert found == RIGHTS[role]


@pytest.mark.parametrize("role", RIGHTS)
def test_actions_and_pages_ask(role, portal, shared_app):
    """What may not be done is refused wherever somebody comes from."""
    user, project = portal[role], portal["project"]
    for letter in "su":
        action = ACTIONS[letter]
        if letter in RIGHTS[role]:
            assert as_user(user, action, id=project)["entries"]
            continue
        with pytest.raises(tk.NotAuthorized):
            as_user(user, action, id=project)
    browser = Browser(shared_app, user and model.User.get(user).id)
    page = f"/civic_project/handover/{project}"
    for letter, path in (("s", page), ("u", f"{page}/edit")):
        response = browser.get(path)
        shown = response.status_code == 200 and "/login" not in str(
            response.request.path
        )
        assert shown is (letter in RIGHTS[role]), path
    assert (
        f'href="{page}"' in browser.get(f"/civic_project/{project}").body
    ) is False
    names = as_portal("package_show", id=project)["name"]
    link = f'href="/civic_project/handover/{names}"'
    found = browser.get(f"/civic_project/{names}").body
    assert (link in found) is ("s" in RIGHTS[role])


def test_it_opens_with_the_care_and_closes_with_it(portal):
    """By the steps that people take, not by rows."""
    user, project = factories.User()["name"], portal["project"]

    def is_open() -> bool:
        return may(ACTIONS["s"], user, project)

    offered = as_user(
        user,
        "digifarm_support_offer",
        project=project,
        area="care",
        partner=_partner(user),
        contact_name="Kim",
        consent=True,
    )["id"]
    assert not is_open()
    as_user(portal["owner"], "digifarm_support_accept", id=offered)
    assert is_open()
    # Who was accepted owns the project, too; without that, the care is left.
    as_portal(
        "digifarm_owner_remove",
        project=project,
        user_id=model.User.get(user).id,
    )
    assert not may(ACTIONS["u"], user, project)
    assert is_open()
    as_user(portal["owner"], "digifarm_support_end", id=offered)
    assert not is_open()


#: Who keeps the folder when their care ends, by what they were besides.
BESIDES = {
    "nothing": "p",
    "owner before": "sup",
    "named since": "sup",
    "takes care for a partner, too": "sup",
    "editor of the organisation": "sup",
    "collaborator who only reads": "p",
}


def _cares(user: str, portal: dict[str, str], **data: str) -> str:
    """Let somebody be accepted to take care; gives the id."""
    offered = as_user(
        user,
        "digifarm_support_offer",
        project=portal["project"],
        area="care",
        contact_name="Kim",
        consent=True,
        **data,
    )["id"]
    as_user(portal["owner"], "digifarm_support_accept", id=offered)
    return offered


def _named(user: str, portal: dict[str, str], capacity: str) -> None:
    as_portal(
        "package_collaborator_create",
        id=portal["project"],
        user_id=model.User.get(user).id,
        capacity=capacity,
    )


def _rights(user: str, portal: dict[str, str]) -> str:
    return "".join(
        letter
        for letter, action in ACTIONS.items()
        if may(action, user, portal["project"])
    )


#: What comes before the care, and while it runs.
BEFORE = {
    "owner before": lambda user, portal: _named(user, portal, "editor"),
    "collaborator who only reads": lambda user, portal: _named(
        user, portal, "member"
    ),
    "editor of the organisation": lambda user, portal: as_portal(
        "organization_member_create",
        id="green-office",
        username=user,
        role="editor",
    ),
}
SINCE = {
    "named since": lambda user, portal: _named(user, portal, "editor"),
    "takes care for a partner, too": lambda user, portal: _cares(
        user, portal, partner=_partner(user)
    ),
}


@pytest.mark.parametrize("besides", BESIDES)
def test_whoever_takes_care_with_an_account_has_it_as_long(besides, portal):
    user = factories.User()["name"]
    BEFORE.get(besides, lambda *_: None)(user, portal)
    care = _cares(user, portal)
    assert _rights(user, portal) == "sup"
    other = SINCE.get(besides, lambda *_: None)(user, portal)
    as_user(portal["owner"], "digifarm_support_end", id=care)
    assert _rights(user, portal) == BESIDES[besides]
    if other:
        as_user(portal["owner"], "digifarm_support_end", id=other)
        # Who edits for the partner has the folder by no other care.
        assert _rights(user, portal) == "p"


def test_owners_count_only_where_the_portal_has_them(portal):
    with changed_config("ckan.auth.allow_dataset_collaborators", False):
        assert not may(ACTIONS["s"], portal["owner"], portal["project"])


def test_it_is_as_private_as_its_project(portal):
    as_portal("package_patch", id=portal["project"], private=True)
    try:
        assert not may(ACTIONS["p"], portal["account"], portal["project"])
        assert may(ACTIONS["s"], portal["owner"], portal["project"])
    finally:
        as_portal("package_patch", id=portal["project"], private=False)
