"""Offers that wait for an answer are recalled."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support, SupportState

from ..acting import as_portal
from ..outbox import empty_outbox, link_in, waiting_mails
from ..working import run_due

KIND = "support-reminder"

pytestmark = pytest.mark.usefixtures("shared_portal", "shared_app", "nothing")

CITY = "stadt@example.org"
KIM = "kim@example.org"


@pytest.fixture
def nothing(shared_portal) -> None:
    model.Session.rollback()
    for table in (Support, Partner, Event, Mail):
        model.Session.query(table).delete()
    model.Session.commit()


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, Any]:
    """Users, by what they are."""
    roles = (
        "owner",
        "second_owner",
        "watcher",
        "editor",
        "admin",
        "member",
        "reviewer",
        "looker",
    )
    found = {role: factories.User() for role in roles}
    factories.Organization(
        name="review-office",
        users=[
            {"name": found["reviewer"]["name"], "capacity": "admin"},
            {"name": found["looker"]["name"], "capacity": "member"},
        ],
    )
    factories.Organization(
        name="department",
        users=[
            {"name": found["editor"]["name"], "capacity": "editor"},
            {"name": found["admin"]["name"], "capacity": "admin"},
            {"name": found["member"]["name"], "capacity": "member"},
        ],
    )
    return found


@pytest.fixture(autouse=True)
def city(people) -> Iterator[None]:
    with (
        changed_config(
            "ckanext.digifarm.review_organization", "review-office"
        ),
        changed_config("ckanext.digifarm.contact_email", CITY),
    ):
        yield


@pytest.fixture
def project(project_factory, people) -> dict[str, Any]:
    """A project with two owners, and one who may only read it."""
    department = model.Group.get("department").id
    project = project_factory(title="Durstige Bäume", owner_org=department)
    for role, capacity in (
        ("owner", "editor"),
        ("second_owner", "editor"),
        ("watcher", "member"),
    ):
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=people[role]["id"],
            capacity=capacity,
        )
    return project


@pytest.fixture
def offer(project) -> str:
    """The id of an offer that has just come."""
    return make_offer(project)


def make_offer(project: dict[str, Any], **changes: Any) -> str:
    values = {
        "area": "care",
        "contact_name": "Kim Privat",
        "contact_email": KIM,
        "message": "Geheime Nachricht",
        "scope": "Ein Jahr lang",
        "state": SupportState.OFFERED.value,
    }
    made = Support(project_id=project["id"], **{**values, **changes})
    model.Session.add(made)
    model.Session.commit()
    return made.id


def wait(days: float) -> None:
    """Let time go by for all offers."""
    for support in model.Session.query(Support):
        support.modified -= datetime.timedelta(days=days)
    model.Session.commit()


def remind() -> list[str]:
    """Remind twice; who gets a mail."""
    empty_outbox()
    run_due(KIND)
    assert run_due(KIND) == {}
    return sorted(mail.recipient_email for mail in waiting_mails())


@pytest.fixture
def addresses(people) -> Callable[..., list[str]]:
    def addresses(*roles: str) -> list[str]:
        return sorted(people[role]["email"] for role in roles)

    return addresses


def test_owners_hear_twice_then_reviewers_then_nobody(offer, addresses):
    owners = addresses("owner", "second_owner")
    wait(2.9)
    assert remind() == []
    wait(0.2)
    assert remind() == owners
    wait(6.8)
    assert remind() == []
    wait(0.2)
    assert remind() == owners
    wait(6.8)
    assert remind() == []
    wait(0.2)
    assert remind() == sorted([*addresses("reviewer"), KIM])
    wait(365)
    assert remind() == []


def test_what_was_overlooked_for_long_is_recalled_once(offer, addresses):
    wait(20)
    assert remind() == sorted([*addresses("reviewer"), KIM])
    assert remind() == []


def test_what_was_overlooked_for_a_while_is_recalled_once(offer, addresses):
    wait(11)
    assert remind() == addresses("owner", "second_owner")
    wait(7)
    assert remind() == sorted([*addresses("reviewer"), KIM])


def test_whoever_offered_hears_that_it_is_looked_after(offer, people):
    wait(18)
    run_due(KIND)
    [mail] = waiting_mails(KIM)
    assert mail.subject == "Your offer to “Durstige Bäume” still waits"
    assert "What exactly: Ein Jahr lang" in mail.body
    assert "/civic_project/support/link/" in link_in(mail)
    # They learn each other's address once they have agreed.
    for person in people.values():
        assert person["email"] not in mail.body


def test_says_how_many_offers(project):
    for _ in range(3):
        make_offer(project)
    make_offer(project, state=SupportState.ACCEPTED.value)
    wait(4)
    assert run_due(KIND) == {"done": 3}
    assert run_due(KIND) == {}


def test_the_mail_says_what_waits_and_where(offer):
    wait(4)
    run_due(KIND)
    mail = waiting_mails()[0]
    assert mail.subject == "An offer to “Durstige Bäume” waits for an answer"
    assert "for 4 days" in mail.body
    assert "Kim Privat" in mail.body
    assert "What exactly: Ein Jahr lang" in mail.body
    assert "/civic_project/support/" in link_in(mail)
    for words in ("kim@example.org", "Geheime Nachricht"):
        assert words not in mail.body + mail.body_html
    assert mail.reply_to == ""


@pytest.mark.parametrize(
    "state", [s for s in SupportState if s is not SupportState.OFFERED]
)
def test_only_offers_are_recalled(state, project):
    make_offer(project, state=state.value)
    wait(30)
    assert remind() == []


@pytest.mark.parametrize("step", ["accept", "decline"])
def test_an_answer_ends_it(step, offer):
    wait(4)
    remind()
    call_action(f"digifarm_support_{step}", id=offer)
    wait(30)
    assert remind() == []


def test_an_offer_that_was_just_confirmed_is_young(project, addresses):
    """It is the offer that waits, not the form that was sent."""
    offer = make_offer(project)
    stored = model.Session.get(Support, offer)
    stored.created = clock.days_ago(30)
    model.Session.commit()
    assert remind() == []


def test_a_deleted_project_is_left_in_peace(offer, project, addresses):
    as_portal("package_delete", id=project["id"])
    wait(4)
    assert remind() == []
    assert run_due(KIND) == {}
    as_portal("package_patch", id=project["id"], state="active")
    assert remind() == addresses("owner", "second_owner")


class TestWithoutOwners:
    @pytest.fixture
    def without_owners(self, project_factory, people) -> dict[str, Any]:
        project = project_factory(owner_org=model.Group.get("department").id)
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=people["watcher"]["id"],
            capacity="member",
        )
        return project

    def test_editors_and_admins_hear_of_it(self, without_owners, addresses):
        make_offer(without_owners)
        wait(4)
        assert remind() == addresses("editor", "admin")

    def test_the_city_hears_where_there_are_none_either(self, project_factory):
        make_offer(project_factory())
        wait(4)
        assert remind() == [CITY]

    def test_nobody_hears_where_nobody_is_named(self, project_factory):
        make_offer(project_factory())
        wait(4)
        with changed_config("ckanext.digifarm.contact_email", None):
            assert remind() == []

    def test_the_city_hears_where_there_are_no_reviewers(self, offer):
        wait(20)
        with changed_config("ckanext.digifarm.review_organization", None):
            assert remind() == [KIM, CITY]


def test_owners_who_left_the_portal_are_no_owners(project, addresses, people):
    make_offer(project)
    user = model.User.get(people["second_owner"]["id"])
    user.state = model.State.DELETED
    model.Session.commit()
    wait(4)
    try:
        assert remind() == addresses("owner")
    finally:
        user = model.User.get(people["second_owner"]["id"])
        user.state = model.State.ACTIVE
        model.Session.commit()


def test_the_command_tells_what_it_did(offer):
    wait(4)
    for output in (f"{KIND}: 1 done, 0 failed\n", ""):
        result = CliRunner().invoke(digifarm, ["run-due", "--only", KIND])
        assert result.exit_code == 0
        assert result.output == output
    assert len(waiting_mails()) == 2
