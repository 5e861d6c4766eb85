"""Who looks after a project invites others, hands over and steps down."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.owners.model import Invitation
from ckanext.digifarm.support.model import Support

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..locks import DONE, meeting
from ..outbox import empty_outbox, waiting_mails

pytestmark = pytest.mark.usefixtures("shared_portal", "shared_app", "nothing")

KIM = "kim@example.org"
INVITE = "digifarm_owner_invite"
REMOVE = "digifarm_owner_remove"
TEAM = "digifarm_project_team"


@pytest.fixture
def nothing(shared_portal) -> None:
    model.Session.rollback()
    for table in (Invitation, Mail, Event):
        model.Session.query(table).delete()
    model.Session.commit()


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, dict[str, Any]]:
    """Users, by what they are."""
    roles = (
        *("owner", "second", "reader", "former", "stranger"),
        *("editor", "admin", "member", "elsewhere", "reviewer"),
    )
    found = {role: factories.User() for role in roles}
    for name, members in (
        (
            "department",
            (("editor", "editor"), ("admin", "admin"), ("member", "member")),
        ),
        ("other-department", (("elsewhere", "admin"),)),
        ("review-office", (("reviewer", "editor"),)),
    ):
        factories.Organization(
            name=name,
            users=[
                {"name": found[role]["name"], "capacity": capacity}
                for role, capacity in members
            ],
        )
    return found


@pytest.fixture(autouse=True)
def city(people):
    with (
        changed_config(
            "ckanext.digifarm.review_organization", "review-office"
        ),
        changed_config("ckanext.digifarm.contact_email", "stadt@example.org"),
    ):
        yield


@pytest.fixture
def project(project_factory, people) -> dict[str, Any]:
    """A project with two owners, and one who may only read it."""
    found = project_factory(
        title="Durstige Bäume", owner_org=model.Group.get("department").id
    )
    for role, capacity in (
        ("owner", "editor"),
        ("second", "editor"),
        ("reader", "member"),
    ):
        as_portal(
            "package_collaborator_create",
            id=found["id"],
            user_id=people[role]["id"],
            capacity=capacity,
        )
    empty_outbox()
    return found


def owners_of(project: dict[str, Any]) -> set[str]:
    found = as_portal(TEAM, id=project["id"])["owners"]
    return {owner["id"] for owner in found}


def invite(user: dict[str, Any], project: dict[str, Any], **data: Any) -> str:
    """Invite Kim; the token of the mail."""
    data = {"email": KIM, **data}
    as_user(user["name"], INVITE, project=project["id"], **data)
    return token_to(data["email"])


def token_to(email: str) -> str:
    *_, mail = waiting_mails(email)
    return re.findall(r"/dashboard/projects/claim/(\S+)", mail.body)[0]


def claim(user: dict[str, Any], token: str) -> dict[str, Any]:
    return as_user(user["name"], "digifarm_project_claim", token=token)


def told() -> list[tuple[str, str]]:
    return sorted((m.recipient_email, m.subject) for m in waiting_mails())


class TestInvitation:
    def test_makes_an_owner_of_who_follows_it(self, people, project):
        token = invite(people["owner"], project)
        [mail] = waiting_mails()
        assert mail.subject == "Will you look after “Durstige Bäume”?"
        assert people["owner"]["display_name"] in mail.body
        assert people["owner"]["email"] not in mail.body
        empty_outbox()
        claim(people["stranger"], token)
        assert people["stranger"]["id"] in owners_of(project)
        name = people["stranger"]["display_name"]
        words = f"{name} looks after “Durstige Bäume” now"
        assert told() == sorted(
            (people[role]["email"], words) for role in ("owner", "second")
        )
        # The event says who, and not by which address.
        *_, event = Event.of(Subject.OWNER, project["id"])
        assert (event.action, event.target) == ("added", "editor")
        # A double click is fine, and tells nobody again.
        empty_outbox()
        claim(people["stranger"], token)
        assert told() == []

    def test_is_for_the_first_who_follows_it(self, people, project):
        token = invite(people["owner"], project)
        claim(people["stranger"], token)
        with pytest.raises(tk.ValidationError) as raised:
            claim(people["former"], token)
        assert "token" in raised.value.error_dict
        assert people["former"]["id"] not in owners_of(project)

    def test_gives_no_right_twice(self, people, project):
        """Who was taken out doesn't come back by the same link."""
        token = invite(people["owner"], project)
        claim(people["stranger"], token)
        as_user(
            people["admin"]["name"],
            REMOVE,
            project=project["id"],
            user_id=people["stranger"]["id"],
        )
        with pytest.raises(tk.ValidationError):
            claim(people["stranger"], token)
        assert people["stranger"]["id"] not in owners_of(project)

    def test_ends_with_the_right_of_who_has_sent_it(self, people, project):
        token = invite(people["owner"], project)
        # By core's page, which knows nothing of invitations.
        as_portal(
            "package_collaborator_delete",
            id=project["id"],
            user_id=people["owner"]["id"],
        )
        for role in ("owner", "stranger"):
            with pytest.raises(tk.ValidationError) as raised:
                claim(people[role], token)
            assert set(raised.value.error_dict) == {"token"}
        assert owners_of(project) == {people["second"]["id"]}

    def test_is_taken_back(self, people, project):
        token = invite(people["owner"], project)
        [shown] = as_user(people["second"]["name"], TEAM, id=project["id"])[
            "invitations"
        ]
        assert (shown["email"], shown["hands_over"]) == (KIM, False)
        for _ in range(2):
            as_user(
                people["second"]["name"],
                "digifarm_owner_invitation_withdraw",
                id=shown["id"],
            )
        with pytest.raises(tk.ValidationError) as raised:
            claim(people["stranger"], token)
        assert raised.value.error_dict == {
            "token": ["This invitation was taken back"]
        }
        # The same address can be invited anew.
        claim(people["stranger"], invite(people["owner"], project))

    def test_goes_to_an_address_once_at_a_time(self, people, project):
        invite(people["owner"], project)
        with pytest.raises(tk.ValidationError) as raised:
            invite(people["second"], project)
        assert raised.value.error_dict == {
            "email": ["This address is invited already"]
        }
        assert len(waiting_mails()) == 1

    def test_goes_to_nobody_who_belongs_to_the_team(self, people, project):
        for role in ("owner", "second"):
            with pytest.raises(tk.ValidationError) as raised:
                invite(
                    people["owner"],
                    project,
                    email=people[role]["email"].upper(),
                )
            assert set(raised.value.error_dict) == {"email"}
        invite(people["owner"], project)
        with pytest.raises(tk.ValidationError):
            as_user(
                people["owner"]["name"],
                INVITE,
                project=project["id"],
                email=KIM.upper(),
            )

    def test_says_who_invites(self, people, project, shared_app):
        token = invite(people["owner"], project, hands_over=True)
        path = f"/dashboard/projects/claim/{token}"
        name = people["owner"]["display_name"]
        words = f"{name} would like to hand over this project to you."
        for user in (None, people["stranger"]["id"]):
            assert words in Browser(shared_app, user).get(path).body

    @pytest.mark.parametrize("email", ["", "kim", "a@example.org\nBcc: b@x.y"])
    def test_needs_an_address(self, email, people, project):
        with pytest.raises(tk.ValidationError) as raised:
            as_user(
                people["owner"]["name"],
                INVITE,
                project=project["id"],
                email=email,
            )
        assert set(raised.value.error_dict) == {"email"}

    def test_runs_out(self, people, project):
        invite(people["owner"], project)
        row = model.Session.query(Invitation).one()
        row.modified = clock.days_ago(100)
        model.Session.commit()
        assert privacy.purge() == {"unconfirmed": 1}
        assert model.Session.query(Invitation).count() == 0

    def test_is_known_and_forgotten(self, people, project):
        invite(people["owner"], project)
        [told] = privacy.export(KIM.upper())["invitation"]
        assert told["email"] == KIM
        assert "token_key" not in told
        assert privacy.erase(KIM).counts["invitation"] == 1
        assert model.Session.query(Invitation).count() == 0
        assert waiting_mails(KIM) == []

    def test_leads_to_a_password_where_nobody_can_register(
        self, people, project
    ):
        with changed_config("ckan.auth.create_user_via_web", False):
            invite(people["owner"], project)
        [mail] = waiting_mails(KIM)
        assert "/user/reset/" in mail.body
        account = model.User.by_email(KIM)
        assert account
        assert account.state == "pending"
        # Nobody is an owner who has not said so.
        assert account.id not in owners_of(project)

    def test_is_not_for_what_is_deleted_or_only_proposed(
        self, people, project
    ):
        as_portal("package_delete", id=project["id"])
        with pytest.raises(tk.ValidationError):
            invite(people["owner"], project)

    def test_is_none_on_a_portal_without_owners(self, people, project):
        with changed_config("ckan.auth.allow_dataset_collaborators", False):
            with pytest.raises(tk.ValidationError):
                invite(people["editor"], project)
            team = as_user(people["editor"]["name"], TEAM, id=project["id"])
        assert (team["has_owners"], team["owners"]) == (False, [])


class TestHandingOver:
    def test_ends_what_one_has_once_the_other_begins(self, people, project):
        owner = people["owner"]
        token = invite(owner, project, hands_over=True)
        assert "hand over" in waiting_mails(KIM)[0].body
        assert owner["id"] in owners_of(project)
        empty_outbox()
        claim(people["stranger"], token)
        assert owners_of(project) == {
            people["second"]["id"],
            people["stranger"]["id"],
        }
        assert {email for email, _ in told()} == {
            owner["email"],
            people["second"]["email"],
        }
        [mail] = waiting_mails(owner["email"])
        assert (
            "has taken over the civic project “Durstige Bäume” from you"
            in (mail.body)
        )
        assert "/civic_project/team/" not in mail.body
        with pytest.raises(tk.NotAuthorized):
            as_user(
                owner["name"], "package_patch", id=project["id"], title="Alt"
            )

    def test_to_oneself_changes_nothing(self, people, project):
        token = invite(people["owner"], project, hands_over=True)
        claim(people["owner"], token)
        assert people["owner"]["id"] in owners_of(project)

    def test_is_to_one_at_a_time_and_takes_back_the_rest(
        self, people, project
    ):
        token = invite(people["owner"], project, hands_over=True)
        with pytest.raises(tk.ValidationError) as raised:
            invite(
                people["owner"],
                project,
                email="alex@example.org",
                hands_over=True,
            )
        assert set(raised.value.error_dict) == {"hands_over"}
        other = invite(people["owner"], project, email="alex@example.org")
        claim(people["stranger"], token)
        assert as_portal(TEAM, id=project["id"])["invitations"] == []
        with pytest.raises(tk.ValidationError):
            claim(people["former"], other)

    @pytest.mark.parametrize("role", ["editor", "admin"])
    def test_is_for_owners(self, role, people, project):
        with pytest.raises(tk.ValidationError) as raised:
            invite(people[role], project, hands_over=True)
        assert set(raised.value.error_dict) == {"hands_over"}


class TestSteppingDown:
    def test_tells_the_others_why(self, people, project):
        as_user(
            people["owner"]["name"],
            REMOVE,
            project=project["id"],
            reason="Umzug",
        )
        assert owners_of(project) == {people["second"]["id"]}
        [mail] = waiting_mails()
        assert mail.recipient_email == people["second"]["email"]
        assert "has stepped down" in mail.body
        assert "> Umzug" in mail.body
        empty_outbox()
        as_user(people["owner"]["name"], REMOVE, project=project["id"])
        assert told() == []

    def test_of_the_last_one_tells_the_organisation(self, people, project):
        for role in ("owner", "second"):
            empty_outbox()
            as_user(people[role]["name"], REMOVE, project=project["id"])
        assert owners_of(project) == set()
        assert {email for email, _ in told()} == {
            people["editor"]["email"],
            people["admin"]["email"],
        }
        assert not as_user("", "digifarm_project_owned", id=project["id"])


#: Who may do what with a project: other roles may not.
MAY = {
    TEAM: {"owner", "second", "editor", "admin"},
    INVITE: {"owner", "second", "editor", "admin"},
    REMOVE: {"editor", "admin"},
    "digifarm_owner_invitation_withdraw": {
        *("owner", "second", "editor", "admin")
    },
}

ROLES = (
    *("owner", "second", "reader", "former", "stranger", "editor", "admin"),
    *("member", "elsewhere", "reviewer", "anonymous"),
)


class TestWhoMay:
    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize("action", MAY)
    def test_is_as_written(self, action, role, people, project):
        former = {"project": project["id"], "user_id": people["former"]["id"]}
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=people["former"]["id"],
            capacity="editor",
        )
        as_portal(REMOVE, **former)
        invite(people["second"], project, email="alex@example.org")
        [open_] = model.Session.query(Invitation)
        data = {
            TEAM: {"id": project["id"]},
            INVITE: {"project": project["id"], "email": KIM},
            REMOVE: {
                "project": project["id"],
                # Nobody is asked about themselves here.
                "user_id": people["owner" if role == "second" else "second"][
                    "id"
                ],
            },
            "digifarm_owner_invitation_withdraw": {"id": open_.id},
        }[action]
        user = "" if role == "anonymous" else people[role]["name"]
        try:
            as_user(user, action, **data)
        except tk.NotAuthorized:
            is_allowed = False
        else:
            is_allowed = True
        assert is_allowed is (role in MAY[action])

    def test_others_learn_nothing_of_private_projects(self, people, project):
        as_portal("package_patch", id=project["id"], private=True)
        for role in ("stranger", "elsewhere", "former"):
            with pytest.raises(tk.NotAuthorized):
                as_user(people[role]["name"], TEAM, id=project["id"])


class TestPage:
    def path(self, project: dict[str, Any]) -> str:
        return f"/civic_project/team/{project['name']}"

    def test_invites_and_takes_back(self, people, project, shared_app):
        browser = Browser(shared_app, people["owner"]["id"])
        edit = html(browser.get(f"/civic_project/edit/{project['name']}"))
        assert edit.select(f"a[href='{self.path(project)}']")
        form = browser.form(self.path(project))
        response = browser.send(form.with_values(email="kim"))
        page = html(response)
        assert page.title.text.startswith("Error: ")
        assert page.select("#errors a[href='#field-email']")
        assert page.select_one("[name=email]")["value"] == "kim"
        response = browser.send(form.with_values(email=KIM))
        assert f"on its way to {KIM}" in response.body
        main = text_of(html(response).select_one(".primary"))
        assert f"{KIM}, since" in main
        response = browser.send(
            browser.form(self.path(project), "form[action*='/withdraw/']")
        )
        assert "has been taken back" in response.body
        assert f"{KIM}, since" not in response.body

    def test_lets_somebody_step_down(self, people, project, shared_app):
        browser = Browser(shared_app, people["owner"]["id"])
        page = html(browser.get(self.path(project)))
        forms = page.select("form[action*='/remove/']")
        # Nobody takes the others out.
        assert len(forms) == 1
        form = browser.form(self.path(project), "form[action*='/remove/']")
        response = browser.send(form.with_values(reason="Zu viel zu tun"))
        assert response.request.path == f"/civic_project/{project['name']}"
        assert "You don’t look after this project now" in response.body

    def test_warns_the_last_one(self, people, project, shared_app):
        as_user(people["second"]["name"], REMOVE, project=project["id"])
        browser = Browser(shared_app, people["owner"]["id"])
        page = browser.get(self.path(project)).body
        assert "Nobody else looks after this project" in page

    def test_lets_the_organisation_take_somebody_out(
        self, people, project, shared_app
    ):
        browser = Browser(shared_app, people["editor"]["id"])
        page = html(browser.get(self.path(project)))
        assert len(page.select("form[action*='/remove/']")) == 2
        for form in page.select("form[action*='/remove/']"):
            browser.post(
                str(form["action"]), data={"_csrf_token": browser.token()}
            )
        assert owners_of(project) == set()

    @pytest.mark.parametrize("role", ["reader", "stranger", "elsewhere"])
    def test_is_for_the_team(self, role, people, project, shared_app):
        browser = Browser(shared_app, people[role]["id"])
        path = self.path(project)
        for method, address in (
            ("get", path),
            ("post", path),
            ("post", f"{path}/remove/{people['owner']['id']}"),
        ):
            data = {"_csrf_token": browser.token(), "email": KIM}
            kwargs = {} if method == "get" else {"data": data}
            response = getattr(browser, method)(address, **kwargs)
            assert response.status_code == 403
        assert people["owner"]["id"] in owners_of(project)
        assert waiting_mails() == []


class TestTwoAtOnce:
    """They meet at the project, and one of them comes first."""

    def test_step_down_and_the_organisation_hears_of_the_last_one(
        self, people, project, shared_app
    ):
        row = (model.Package, project["id"])
        acts = [
            partial(
                as_user, people[role]["name"], REMOVE, project=project["id"]
            )
            for role in ("owner", "second")
        ]
        assert meeting(shared_app, row, *acts) == [DONE, DONE]
        assert owners_of(project) == set()
        # Whoever stayed a moment longer hears of the first one.
        heard = {email for email, _ in told()}
        organization = {people[role]["email"] for role in ("editor", "admin")}
        owners = {people[role]["email"] for role in ("owner", "second")}
        assert heard - owners == organization
        assert len(heard & owners) == 1

    def test_hand_over_to_two(self, people, project, shared_app):
        tokens = [
            invite(people[role], project, email=email, hands_over=True)
            for role, email in (
                ("owner", KIM),
                ("second", "alex@example.org"),
            )
        ]
        acts = [
            partial(claim, people[role], token)
            for role, token in zip(("stranger", "former"), tokens, strict=True)
        ]
        row = (model.Package, project["id"])
        assert meeting(shared_app, row, *acts) == [DONE, DONE]
        assert owners_of(project) == {
            people["stranger"]["id"],
            people["former"]["id"],
        }

    def test_hand_over_and_take_back(self, people, project, shared_app):
        token = invite(people["owner"], project, hands_over=True)
        [open_] = model.Session.query(Invitation)
        claimed, taken_back = meeting(
            shared_app,
            open_,
            partial(claim, people["stranger"], token),
            partial(
                as_user,
                people["second"]["name"],
                "digifarm_owner_invitation_withdraw",
                id=open_.id,
            ),
        )
        is_claimed = claimed == DONE
        assert is_claimed is (taken_back != DONE)
        own = {people["owner"]["id"], people["stranger"]["id"]}
        owner = people["stranger" if is_claimed else "owner"]["id"]
        assert owners_of(project) & own == {owner}


class TestCare:
    """Who became an owner by offering to look after a project."""

    @pytest.fixture
    def support(self, people, project) -> str:
        """Accepted: the stranger owns the project now."""
        given = as_user(
            people["stranger"]["name"],
            "digifarm_support_offer",
            project=project["id"],
            area="care",
            contact_name="Kim",
            named=True,
            consent=True,
        )["id"]
        as_user(people["owner"]["name"], "digifarm_support_accept", id=given)
        assert people["stranger"]["id"] in owners_of(project)
        empty_outbox()
        return given

    def state(self, support: str) -> str:
        model.Session.rollback()
        found = model.Session.get(Support, support, populate_existing=True)
        assert found
        return found.state

    def by_themselves(self, people, project) -> None:
        as_user(
            people["stranger"]["name"],
            REMOVE,
            project=project["id"],
            reason="Umzug",
        )

    def by_the_organisation(self, people, project) -> None:
        as_user(
            people["admin"]["name"],
            REMOVE,
            project=project["id"],
            user_id=people["stranger"]["id"],
        )

    def by_handing_over(self, people, project) -> None:
        token = invite(people["stranger"], project, hands_over=True)
        claim(people["former"], token)

    def by_cores_page(self, people, project) -> None:
        as_user(
            people["admin"]["name"],
            "package_collaborator_delete",
            id=project["id"],
            user_id=people["stranger"]["name"],
        )

    @pytest.mark.parametrize(
        "way",
        [
            "by_themselves",
            "by_the_organisation",
            "by_handing_over",
            "by_cores_page",
        ],
    )
    def test_ends_with_the_right(self, way, people, project, support):
        getattr(self, way)(people, project)
        assert people["stranger"]["id"] not in owners_of(project)
        assert self.state(support) == "ended"
        *_, event = Event.of(Subject.SUPPORT, support)
        assert (event.action, event.actor) == ("owner_left", "portal")

    def test_of_the_last_one_lets_somebody_be_looked_for(
        self, people, project, support, shared_app
    ):
        for role in ("owner", "second", "stranger"):
            as_user(people[role]["name"], REMOVE, project=project["id"])
        found = as_user(
            people["reviewer"]["name"], "digifarm_project_care_list"
        )
        assert project["id"] in [row["id"] for row in found["results"]]
        path = f"/civic_project/{project['name']}"
        page = text_of(html(Browser(shared_app).get(path)))
        assert "Nobody is named yet who looks after this entry." in page
        assert "Kim" not in page
        for mail in waiting_mails(people["editor"]["email"]):
            assert "Nobody looks after it now" in mail.body

    def test_of_others_goes_on(self, people, project, support):
        as_user(people["second"]["name"], REMOVE, project=project["id"])
        assert self.state(support) == "accepted"

    def test_stays_where_somebody_may_not_take_the_right(
        self, people, project, support
    ):
        for action, user in (
            (REMOVE, people["stranger"]["id"]),
            ("package_collaborator_delete", people["stranger"]["name"]),
        ):
            key = "project" if action == REMOVE else "id"
            with pytest.raises(tk.NotAuthorized):
                as_user(
                    people["elsewhere"]["name"],
                    action,
                    **{key: project["id"], "user_id": user},
                )
        assert self.state(support) == "accepted"


def test_stepping_down_warns_of_invitations(people, project, shared_app):
    path = f"/civic_project/team/{project['name']}"
    invite(people["second"], project, hands_over=True)
    browser = Browser(shared_app, people["owner"]["id"])
    page = browser.get(path).body
    name = people["second"]["display_name"]
    assert f"takes over from {name}" in text_of(html(browser.get(path)))
    assert "that you have sent are taken back" not in page
    invite(people["owner"], project, email="alex@example.org")
    assert "that you have sent are taken back" in browser.get(path).body
