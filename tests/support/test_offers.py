"""Support that is offered and asked for: the life of it, and its secrets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.lib.search.common import make_connection
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib import outbox as mail
from ckanext.digifarm.lib.actors import Actor
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import PUBLIC_STATES, Support, SupportState
from ckanext.digifarm.support.workflow import TRANSITIONS, WORKFLOW

from ..acting import as_portal, as_user, in_two_threads
from ..browsing import Browser
from ..offering import (
    OFFER,
    REVIEWERS,
    SECRETS,
    confirm,
    create_partner,
    create_people,
    create_project,
    empty_outbox,
    empty_tables,
    get,
    offer,
    outbox,
    store_offer,
    store_partner,
    store_request,
    token_of,
)
from ..rows import values_of

pytestmark = pytest.mark.usefixtures("shared_app")

STEPS = ("confirm", "accept", "decline", "withdraw", "end")

#: Who is on which side; core asks no auth function for a sysadmin.
SIDES = {
    Actor.PROJECT: {"owner", "project_editor", "sysadmin"},
    # Only where the people of the project don't answer; see
    # confirmations/test_caring.py.
    Actor.REVIEWER: set(),
    Actor.SUPPORTER: {
        "offerer",
        "token",
        "partner_editor",
        "reviewer",
        "sysadmin",
    },
}
ROLES = (
    "anonymous",
    "offerer",
    "other",
    "owner",
    "partner_editor",
    "project_editor",
    "project_member",
    "reviewer",
    "sysadmin",
    "token",
)


@pytest.fixture(autouse=True)
def nothing(shared_app) -> None:
    empty_tables()


@pytest.fixture(autouse=True)
def reviewers():
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def project(people) -> dict[str, Any]:
    return create_project(people)


@pytest.fixture
def partner(people, nothing) -> dict[str, Any]:
    return store_partner(people)


@pytest.fixture
def support_in(people, project, partner) -> Callable[[SupportState], Support]:
    """Gives a support of the partner in a state."""

    return lambda state: store_in(state, people, project, partner)


def store_in(state: SupportState, people, project, partner) -> Support:
    which = {"project": project["id"], "partner": partner["id"]}
    if state is SupportState.REQUESTED:
        return store_request(**which)
    return store_offer(people["offerer"], state, **which)


class ReadOnly:
    """Tests that change nothing share what lies there."""

    @pytest.fixture(autouse=True)
    def nothing(self) -> None:
        """Keep it from one test to the next."""

    @pytest.fixture(scope="class")
    @classmethod
    def partner(cls, people) -> dict[str, Any]:
        empty_tables()
        return store_partner(people)


@pytest.fixture
def told(monkeypatch) -> list[tuple[str, str]]:
    """Address and template of each mail that is written about supports."""
    written: list[tuple[str, str]] = []
    write = mail.write

    def remember(template: str, to: mail.Recipient, **values: Any) -> None:
        folder, _, name = template.rpartition("/")
        if folder == "support/emails":
            written.append((to.email, name))
        write(template, to, **values)

    monkeypatch.setattr(mail, "write", remember)
    return written


def test_nobody_is_asked_to_help_what_they_cannot_see(
    people, project, partner
):
    as_portal("package_patch", id=project["id"], private=True)
    try:
        with pytest.raises(tk.ValidationError) as raised:
            request(people, project, partner)
    finally:
        as_portal("package_patch", id=project["id"], private=False)
    assert raised.value.error_dict == {
        "project": ["Nobody else can see this project yet"]
    }


def request(people, project, partner, **data: Any) -> Support:
    result = as_user(
        people["owner"],
        "digifarm_support_request",
        **{
            "project": project["id"],
            "partner": partner["id"],
            "area": "technology",
            "message": "Bitte helft uns",
            **data,
        },
    )
    return get(result["id"])


def take(step: str, support: Support, people, role: str) -> dict[str, Any]:
    """Take a step as somebody."""
    data = {"id": support.id}
    if role == "token":
        data = {"token": token_of(support)}
    if step == "confirm":
        data = {"token": token_of(support, Purpose.SUPPORT_CONFIRM)}
    user = people.get(role, "")
    return as_user(user, f"digifarm_support_{step}", **data)


def errors_of(user: str, action: str, **data: Any) -> set[str]:
    with pytest.raises(tk.ValidationError) as raised:
        as_user(user, action, **data)
    model.Session.rollback()
    return set(raised.value.error_dict)


def events_of(support: Support) -> list[str]:
    return [event.target for event in Event.of(Subject.SUPPORT, support.id)]


class TestTable:
    @pytest.mark.parametrize("state", list(SupportState))
    @pytest.mark.parametrize("step", STEPS)
    def test_says_what_may_become_of_it(
        self, step, state, support_in, people, told
    ):
        support = support_in(state)
        empty_outbox()
        told.clear()
        before = events_of(support)
        found = WORKFLOW.transition(f"digifarm_support_{step}", state)
        role = "token" if step == "confirm" else "sysadmin"
        if found is None:
            with pytest.raises(tk.ValidationError):
                take(step, support, people, role)
            key = support.token_key
            support = get(support.id)
            assert (support.state, support.token_key) == (state.value, key)
            assert events_of(support) == before
            assert outbox() == []
            return
        result = take(step, support, people, role)
        assert result["state"] == get(support.id).state == found.target.value
        assert events_of(support) == [*before, found.target.value]
        is_request = state is SupportState.REQUESTED
        addresses = {
            Actor.PROJECT: "owner@example.org",
            # Somebody else has offered in the name of the partner.
            Actor.PARTNER: "werkstatt@example.org",
            Actor.SUPPORTER: "werkstatt@example.org"
            if is_request
            else "offerer@example.org",
        }
        # Reviewers hear of nothing that its people answer.
        expected = [
            (addresses[a], name)
            for a, name in found.mails.items()
            if a in addresses
        ]
        assert told == expected
        assert [m.recipient_email for m in outbox()] == [
            address for address, _ in expected
        ]

    def test_says_who_is_told_of_a_new_one(self, people, project, told):
        partner = create_partner(people)
        offer(project=project["id"])
        assert told == [("geheim@example.org", "support_confirm")]
        told.clear()
        offer(people["offerer"], project=project["id"])
        assert told == [
            ("offerer@example.org", "support_received"),
            ("owner@example.org", "support_offered"),
        ]
        told.clear()
        request(people, project, partner)
        assert told == [("werkstatt@example.org", "support_requested")]
        told.clear()
        call_action(
            "digifarm_support_create",
            project=project["id"],
            area="care",
            partner=partner["id"],
        )
        assert told == [("werkstatt@example.org", "support_recorded")]

    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize(
        "transition",
        [
            t
            for t in TRANSITIONS
            if t.source
            and t.action.startswith("digifarm_support")
            and not {"confirm", "resend", "evaluate"} & {*t.action.split("_")}
        ],
        ids=lambda t: f"{t.action.rpartition('_')[2]} {t.source.value}",
    )
    def test_says_who_may(self, transition, role, support_in, people):
        support = support_in(transition.source)
        empty_outbox()
        step = transition.action.rpartition("_")[2]
        allowed = set().union(*(SIDES[actor] for actor in transition.actors))
        if transition.source is SupportState.REQUESTED:
            # They have nothing to do with it.
            allowed.discard("offerer")
        if role in allowed:
            result = take(step, support, people, role)
            assert result["state"] == transition.target.value
            return
        with pytest.raises(tk.NotAuthorized):
            take(step, support, people, role)
        assert get(support.id).state == transition.source.value
        assert outbox() == []

    @pytest.mark.parametrize("role", ["anonymous", "other", "project_member"])
    @pytest.mark.parametrize("state", list(SupportState))
    @pytest.mark.parametrize("step", STEPS[1:])
    def test_tells_others_nothing(self, step, state, role, support_in, people):
        support = support_in(state)
        with pytest.raises(tk.NotAuthorized):
            take(step, support, people, role)

    @pytest.mark.parametrize("step", STEPS[1:])
    @pytest.mark.parametrize(
        ("data", "error"),
        [
            ({"id": "nothing"}, tk.ObjectNotFound),
            ({}, tk.ValidationError),
            ({"id": ""}, tk.ValidationError),
            ({"id": "\x00"}, tk.ValidationError),
            ({"id": ["a"]}, tk.ValidationError),
            ({"token": "nonsense"}, tk.ValidationError),
            ({"token": ["a"]}, tk.ValidationError),
        ],
    )
    def test_is_for_what_there_is(self, step, data, error, people):
        for user in ("", people["sysadmin"]):
            with pytest.raises(error):
                as_user(user, f"digifarm_support_{step}", **data)


def test_what_tests_store_is_what_actions_leave(people, project, partner):
    created = values_of(model.Session.get(Partner, partner["id"]))
    empty_tables()
    by_action = create_partner(people)
    assert by_action["name"] == partner["name"]
    assert values_of(model.Session.get(Partner, by_action["id"])) == created
    for user, data in (
        ("", {"project": project["id"]}),
        ("offerer", {"project": project["id"], "partner": by_action["id"]}),
    ):
        made = offer(people[user] if user else "", **data)
        stored = store_offer(
            people[user] if user else "", SupportState(made.state), **data
        )
        assert values_of(stored) == values_of(made)
        assert stored.project_id == made.project_id
        assert events_of(stored) == events_of(made)
    made = values_of(request(people, project, by_action))
    model.Session.query(Support).delete()
    stored = store_request(project=project["id"], partner=by_action["id"])
    assert values_of(stored) == made


def test_the_event_names_who_and_why(people, project):
    support = confirm(offer(project=project["id"]))
    as_user(
        people["owner"],
        "digifarm_support_decline",
        id=support.id,
        reason="Zu früh",
    )
    events = Event.of(Subject.SUPPORT, support.id)
    assert [event.target for event in events] == [
        "unconfirmed",
        "offered",
        "declined",
    ]
    owner = model.User.get(people["owner"]).id
    assert [event.created_by for event in events] == [None, None, owner]
    assert events[-1].reason == "Zu früh"


class TestAtTheSameMoment:
    def test_a_double_click_counts_once(self, shared_app, project):
        def click() -> Any:
            return as_user(
                "",
                "digifarm_support_offer",
                **OFFER,
                project=project["id"],
                submission="a form",
                partner_title="Neuer Verein",
                partner_kind="association",
            )

        results = in_two_threads(shared_app, *[click] * 4)
        assert results == [results[0]] * 4
        assert set(results[0]) == {"id", "state", "token"}
        assert model.Session.query(Support).count() == 1
        assert model.Session.query(Partner).count() == 1
        assert len(outbox()) == 1
        assert events_of(get(results[0]["id"])) == ["unconfirmed"]

    def test_a_form_that_was_changed_is_another_one(self, project):
        """Somebody goes back and corrects what they have sent."""
        data = {"project": project["id"], "submission": "a form"}
        first = offer(**data, contact_email="falsch@example.org")
        assert offer(**data, contact_email="richtig@example.org") != first
        assert offer(**data, area="care") != first
        assert len(outbox()) == 3

    def test_the_same_form_later_counts_once(self, people, project):
        first = offer(project=project["id"], submission="a form")
        again = offer(
            people["offerer"], project=project["id"], submission="a form"
        )
        assert again.id == first.id
        assert len(outbox()) == 1
        offer(project=project["id"], submission="another form")
        offer(project=project["id"])
        offer(project=project["id"])
        assert model.Session.query(Support).count() == 4

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            (("accept", "owner"), ("decline", "project_editor")),
            (("accept", "owner"), ("withdraw", "offerer")),
            (("accept", "owner"), ("accept", "project_editor")),
        ],
    )
    def test_one_decision_counts(
        self, one, two, shared_app, people, support_in
    ):
        support = support_in(SupportState.OFFERED)
        empty_outbox()
        id_ = support.id
        model.Session.rollback()

        def decide(step: str, role: str) -> Callable[[], str]:
            return lambda: as_user(
                people[role], f"digifarm_support_{step}", id=id_
            )["state"]

        results = in_two_threads(shared_app, decide(*one), decide(*two))
        # Whoever comes second is told what has happened, or may no more.
        [state] = [result for result in results if isinstance(result, str)]
        assert {"id"} in results
        support = get(id_)
        assert support.state == state
        assert events_of(support) == ["offered", state]
        expected = {"accepted": 3, "declined": 1, "withdrawn": 1}
        assert len(outbox()) == expected[state]

    def test_a_link_confirms_once(self, shared_app, project):
        support = offer(project=project["id"])
        token = token_of(support, Purpose.SUPPORT_CONFIRM)
        id_ = support.id
        empty_outbox()

        def follow() -> Any:
            result = as_user("", "digifarm_support_confirm", token=token)
            return result["state"]

        results = in_two_threads(shared_app, follow, follow)
        assert "offered" in results
        assert {"token"} in results
        assert events_of(get(id_)) == ["unconfirmed", "offered"]
        assert len(outbox()) == 2

    def test_a_partner_is_asked_once(
        self, shared_app, people, project, partner
    ):
        def ask() -> Any:
            return request(people, project, partner).state

        results = in_two_threads(shared_app, ask, ask)
        assert "requested" in results
        assert {"partner"} in results
        assert len(outbox()) == 1

    def test_a_new_partner_enters_the_directory_once(
        self, shared_app, people, project
    ):
        new = {"partner_title": "Neuer Verein", "partner_kind": "association"}
        ids = [
            confirm(offer(project=project["id"], area=area, **new)).id
            for area in ("care", "content")
        ]
        model.Session.rollback()
        results = in_two_threads(
            shared_app,
            *[
                lambda id_=id_: as_user(
                    people["owner"], "digifarm_support_accept", id=id_
                )["state"]
                for id_ in ids
            ],
        )
        assert "accepted" in results
        assert {"partner"} in results
        found = as_user("", "digifarm_partner_search")
        assert [p["name"] for p in found["results"]] == ["neuer-verein"]
        assert sorted(get(id_).state for id_ in ids) == ["accepted", "offered"]


class TestNewPartner:
    NEW = {
        "partner_title": "Freunde der Bäume e. V.",
        "partner_kind": "association",
        "partner_url": "https://baeume.example.org",
    }

    @pytest.fixture
    def support(self, project) -> Support:
        return confirm(offer(project=project["id"], **self.NEW))

    def accept(self, people, support, **data: Any) -> dict[str, Any]:
        return as_user(
            people["owner"], "digifarm_support_accept", id=support.id, **data
        )

    def test_is_not_in_the_directory_before(self, support, people):
        assert as_user("", "digifarm_partner_search")["count"] == 0
        for role in ("anonymous", "other", "owner"):
            with pytest.raises(tk.NotAuthorized):
                as_user(
                    people[role],
                    "digifarm_partner_show",
                    id=support.partner_id,
                )

    def test_enters_the_directory(self, support, people):
        accepted = self.accept(people, support)
        assert accepted["partner"]["state"] == "active"
        partner = as_user(
            people["reviewer"],
            "digifarm_partner_show",
            id="freunde-der-baeume-e-v",
        )
        assert partner["id"] == accepted["partner"]["id"]
        assert partner["title"] == self.NEW["partner_title"]
        assert partner["kind"] == "association"
        assert partner["url"] == self.NEW["partner_url"]
        assert partner["areas"] == ["technology"]
        assert partner["contact_name"] == SECRETS["contact_name"]
        assert partner["contact_email"] == SECRETS["contact_email"]
        events = Event.of(Subject.PARTNER, partner["id"])
        assert [event.target for event in events] == ["unconfirmed", "active"]

    def test_may_be_one_of_the_directory(self, support, people, partner):
        proposed = support.partner_id
        accepted = self.accept(people, support, partner=partner["name"])
        assert accepted["partner"]["id"] == partner["id"]
        assert model.Session.get(Partner, proposed) is None
        found = as_user("", "digifarm_partner_search")
        assert [p["id"] for p in found["results"]] == [partner["id"]]
        kept = call_action("digifarm_partner_show", id=partner["id"])
        assert kept["contact_email"] == "werkstatt@example.org"

    def test_may_be_unknown(self, support, people):
        with pytest.raises(tk.ObjectNotFound):
            self.accept(people, support, partner="nothing")
        assert get(support.id).state == "offered"

    @pytest.mark.parametrize("change", [str, str.upper, str.lower])
    @pytest.mark.parametrize("has_organization", [True, False])
    def test_of_a_known_name_is_to_be_chosen(
        self, change, has_organization, support, people
    ):
        fields = {} if has_organization else {"organization_id": ""}
        title = change(self.NEW["partner_title"])
        known = create_partner(people, title=title, **fields)
        empty_outbox()
        with pytest.raises(tk.ValidationError) as raised:
            self.accept(people, support)
        [message] = raised.value.error_dict["partner"]
        assert "choose it" in message
        model.Session.rollback()
        assert get(support.id).state == "offered"
        proposed = model.Session.get(Partner, support.partner_id)
        assert proposed.state == "unconfirmed"
        assert outbox() == []
        accepted = self.accept(people, support, partner=known["id"])
        assert accepted["partner"]["id"] == known["id"]

    def test_needs_a_kind(self, project):
        assert errors_of(
            "",
            "digifarm_support_offer",
            **OFFER,
            project=project["id"],
            partner_title="Verein",
        ) == {"partner_kind"}
        assert model.Session.query(Partner).count() == 0

    def test_stays_out_when_the_offer_is_declined(self, support, people):
        take("decline", support, people, "owner")
        assert as_user("", "digifarm_partner_search")["count"] == 0


@pytest.mark.parametrize("is_new", [True, False])
def test_a_partner_supports_in_one_area_once(
    is_new, shared_app, people, project, partner
):
    """Refused by the page, which goes on after that, too."""
    data = {"project": project["id"], "area": "technology"}
    call_action("digifarm_support_create", **data, partner=partner["id"])
    who = TestNewPartner.NEW if is_new else {"partner": partner["id"]}
    support = confirm(offer(project=project["id"], **who))
    empty_outbox()
    owner = Browser(shared_app, model.User.get(people["owner"]).id)
    path = f"/civic_project/support/{project['name']}"
    form = owner.form(path, "form[action$='/step/accept']")
    response = owner.send(form.with_values(partner=partner["name"]))
    assert response.status_code == 200
    assert "supports the project there already" in response.body
    support = get(support.id)
    assert support.state == "offered"
    assert outbox() == []
    stored = model.Session.get(Partner, support.partner_id)
    assert stored.state == ("unconfirmed" if is_new else "active")


class TestPerson:
    def person_of(self, project, people, **data: Any) -> tuple[str, Support]:
        support = confirm(offer(project=project["id"], **data))
        take("accept", support, people, "owner")
        [shown] = as_user("", "digifarm_support_list", project=project["id"])
        return shown["person"], support

    def test_is_not_named_unless_they_want(self, project, people):
        assert self.person_of(project, people)[0] == ""

    def test_is_named_while_it_lasts(self, project, people):
        name, support = self.person_of(project, people, named=True)
        assert name == SECRETS["contact_name"]
        take("end", support, people, "token")
        ended = as_user(
            "",
            "digifarm_support_list",
            project=project["id"],
            state="ended",
        )
        assert [one["person"] for one in ended] == [""]

    def test_is_no_partner(self, project, people, partner):
        name, _ = self.person_of(
            project, people, named=True, partner=partner["id"]
        )
        assert name == ""


class TestOfferFields:
    @pytest.mark.parametrize(
        "consent",
        [
            pytest.param(tk.missing, id="missing"),
            *(None, False, "", "false", "no", 0, 1, "1", "yes", [], {}),
        ],
        ids=repr,
    )
    def test_nothing_is_stored_without_consent(self, consent, project):
        data = {**OFFER, "project": project["id"], "consent": consent}
        if consent is tk.missing:
            del data["consent"]
        errors = errors_of("", "digifarm_support_offer", **data)
        assert errors == {"consent"}
        assert model.Session.query(Support).count() == 0
        assert outbox() == []

    @pytest.mark.parametrize("consent", [True, "true", "True"])
    def test_consent_is_written_down(self, consent, project):
        assert offer(project=project["id"], consent=consent).consented

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("area", ""),
            ("area", "fun"),
            ("area", ["care"]),
            ("contact_name", ""),
            ("contact_name", "a\nb"),
            ("contact_name", "a" * 201),
            ("contact_email", None),
            ("contact_email", ""),
            ("contact_email", "nobody"),
            ("contact_email", "a@example.org\nBcc: b@example.org"),
            ("contact_email", "a@example.org, b@example.org"),
            ("contact_email", ["a@example.org"]),
            ("scope", "a" * 301),
            ("scope", "a\nb"),
            ("message", "a" * 5001),
            ("message", "\x00"),
            ("message", {"a": "b"}),
            ("partner_kind", "circus"),
            ("partner_url", "javascript:alert(1)"),
            ("submission", ["a"]),
        ],
    )
    def test_refuse_what_is_wrong_by_name(self, field, value, project):
        data = {**OFFER, "project": project["id"], field: value}
        errors = errors_of("", "digifarm_support_offer", **data)
        assert errors == {field}
        assert model.Session.query(Support).count() == 0

    def test_the_address_is_that_of_the_account(self, people, project):
        support = offer(
            people["offerer"],
            project=project["id"],
            contact_email="victim@example.org",
        )
        assert support.contact_email == "offerer@example.org"
        assert support.state == "offered"
        assert all("victim" not in m.recipient_email for m in outbox())

    def test_an_account_without_address_confirms_like_anybody(self, project):
        user = factories.User()
        model.User.get(user["id"]).email = None
        model.Session.commit()
        data = {**OFFER, "project": project["id"]}
        del data["contact_email"]
        errors = errors_of(user["name"], "digifarm_support_offer", **data)
        assert errors == {"contact_email"}
        support = offer(user["name"], project=project["id"])
        assert support.state == "unconfirmed"

    def test_name_what_there_is(self, project, partner):
        dataset = factories.Dataset()
        call_action("digifarm_partner_delete", id=partner["id"])
        empty_outbox()
        for wrong in (
            {"project": "nothing"},
            {"project": dataset["id"]},
            {"partner": "nothing"},
            {"partner": partner["id"]},
        ):
            with pytest.raises(tk.ObjectNotFound):
                offer(**{"project": project["id"], **wrong})
        assert outbox() == []

    def test_the_answer_says_no_more_than_needed(self, people, project):
        for user in ("", people["offerer"]):
            result = as_user(
                user, "digifarm_support_offer", **OFFER, project=project["id"]
            )
            assert set(result) == {"id", "state"}


def test_a_private_project_is_supported_by_those_who_know_it(people):
    project = create_project(people)
    as_portal("package_patch", id=project["id"], private=True)
    for role in ("anonymous", "other", "offerer", "reviewer"):
        with pytest.raises(tk.NotAuthorized):
            offer(people[role], project=project["id"])
    assert outbox() == []
    for role in ("owner", "project_member", "sysadmin"):
        assert offer(people[role], project=project["id"])


def test_an_offer_is_not_confirmed_once_the_project_is_deleted(people):
    project = create_project(people)
    support = offer(project=project["id"])
    as_portal("package_delete", id=project["id"])
    token = token_of(support, Purpose.SUPPORT_CONFIRM)
    with pytest.raises(tk.ValidationError) as raised:
        as_user("", "digifarm_support_confirm", token=token)
    assert set(raised.value.error_dict) == {"project"}
    assert get(support.id).state == "unconfirmed"


def test_a_deleted_project_takes_no_support(people, partner):
    project = create_project(people)
    support = confirm(offer(project=project["id"]))
    as_portal("package_delete", id=project["id"])
    data = {"project": project["id"]}
    for user in ("", people["owner"], people["sysadmin"]):
        assert errors_of(user, "digifarm_support_offer", **OFFER, **data) == {
            "project"
        }
    assert errors_of(
        people["sysadmin"],
        "digifarm_support_request",
        **data,
        area="care",
        partner=partner["id"],
    ) == {"project"}
    shown = as_user("", "digifarm_support_show", token=token_of(support))
    assert shown["project"]["state"] == "deleted"
    withdraw = "digifarm_support_withdraw"
    as_user("", withdraw, token=token_of(support))
    token = token_of(get(support.id))
    # Nothing is left to be done.
    with pytest.raises(tk.ObjectNotFound):
        as_user("", "digifarm_support_show", token=token)


class TestRequest:
    @pytest.mark.parametrize(
        "role", ["anonymous", "other", "project_member", "partner_editor"]
    )
    def test_is_for_those_who_may_update(self, role, people, project, partner):
        with pytest.raises(tk.NotAuthorized):
            as_user(
                people[role],
                "digifarm_support_request",
                project=project["id"],
                partner=partner["id"],
                area="care",
            )
        assert outbox() == []

    def errors(self, people, project, partner) -> set[str]:
        return errors_of(
            people["owner"],
            "digifarm_support_request",
            project=project["id"],
            partner=partner["id"],
            area="technology",
        )

    def test_needs_an_address(self, people, project):
        partner = create_partner(people, contact_email="")
        assert self.errors(people, project, partner) == {"partner"}

    def test_is_sent_once(self, people, project, partner):
        support = request(people, project, partner)
        empty_outbox()
        assert self.errors(people, project, partner) == {"partner"}
        assert outbox() == []
        request(people, project, partner, area="care")
        take("accept", support, people, "token")
        assert self.errors(people, project, partner) == {"partner"}

    @pytest.mark.parametrize(
        ("step", "role"), [("decline", "token"), ("withdraw", "owner")]
    )
    def test_may_be_sent_again_later(
        self, step, role, people, project, partner
    ):
        take(step, request(people, project, partner), people, role)
        assert request(people, project, partner).state == "requested"

    def test_tells_the_address_only_when_it_is_accepted(
        self, shared_app, people, project, partner
    ):
        support = request(people, project, partner)
        owner = Browser(shared_app, model.User.get(people["owner"]).id)
        data = {"project": project["id"], "state": "requested"}

        def seen() -> str:
            user = people["owner"]
            return json.dumps(
                [
                    as_user(
                        user, "digifarm_support_list", **data, contacts=True
                    ),
                    as_user(user, "digifarm_support_show", id=support.id),
                    as_user(user, "digifarm_support_inbox"),
                    as_user(user, "digifarm_partner_show", id=partner["id"]),
                    owner.get(
                        f"/civic_project/support/{project['name']}"
                    ).body,
                    owner.get("/dashboard/support").body,
                    [m.body for m in outbox() if "owner" in m.recipient_email],
                ],
                default=str,
            )

        assert "werkstatt@" not in seen()
        [asked] = outbox()
        assert "owner@" not in asked.body + asked.reply_to
        take("accept", support, people, "token")
        to_owner = outbox()[-1]
        assert to_owner.recipient_email == "owner@example.org"
        assert "werkstatt@example.org" in to_owner.body
        assert to_owner.reply_to == "werkstatt@example.org"

    def test_does_not_tell_it_when_it_is_declined(
        self, people, project, partner
    ):
        support = request(people, project, partner)
        take("decline", support, people, "token")
        to_owner = outbox()[-1]
        assert to_owner.recipient_email == "owner@example.org"
        assert "werkstatt@" not in to_owner.body + to_owner.reply_to


class TestSecrets(ReadOnly):
    """Contact and message are for the two sides, on their own pages only."""

    READERS = ("anonymous", "other", "owner", "project_editor", "sysadmin")

    @pytest.fixture(scope="class")
    @classmethod
    def supports(cls, people, project, partner) -> None:
        for n, who in enumerate(
            ({}, {"partner": partner["id"]}, TestNewPartner.NEW)
        ):
            areas = ("care", "content", "technology")
            data = {"project": project["id"], "area": areas[n], **who}
            for step in (None, "accept", "decline"):
                support = confirm(offer(**data))
                if step:
                    take(step, support, people, "owner")
        # The history of a package begins with what a person changes.
        as_user(
            people["owner"], "package_patch", id=project["id"], notes="Neu"
        )

    def check(self, *seen: Any) -> None:
        for one in seen:
            told = (
                one
                if isinstance(one, str)
                else json.dumps(one, default=str, ensure_ascii=False)
            )
            assert "Durstige" in told or "Werkstatt" in told
            for secret in SECRETS.values():
                assert secret not in told

    @pytest.mark.parametrize("role", READERS)
    def test_stay_out_of_the_api(
        self, role, supports, people, project, partner
    ):
        user = people[role]
        id_ = {"id": project["id"]}
        lists = [
            as_user(user, "digifarm_support_list", **which, state=state)
            for which in (
                {"project": project["id"]},
                {"partner": partner["id"]},
            )
            for state in ("accepted", "ended")
        ]
        assert len(lists[0]) == 3
        self.check(
            as_user(user, "package_show", **id_),
            as_user(user, "package_search", fq="dataset_type:civic_project"),
            as_user(user, "digifarm_project_show", **id_),
            as_user(user, "digifarm_partner_search"),
            as_user(user, "package_activity_list", **id_),
            as_user(user, "recently_changed_packages_activity_list"),
            json.dumps([lists, "Durstige"], ensure_ascii=False),
        )
        for secret in SECRETS.values():
            query = {"q": f'"{secret}"', "fq": "dataset_type:civic_project"}
            assert as_user(user, "package_search", **query)["count"] == 0

    def test_stay_out_of_the_index(self, supports):
        documents = make_connection().search("*:*", fl="*", rows=1000).docs
        self.check(documents)

    @pytest.mark.parametrize(
        "path",
        [
            "/civic_project/{project}",
            "/civic_project/",
            "/dataset/activity/{project}",
            "/partner/{partner}",
            "/partner/",
            "/partner/freunde-der-baeume-e-v",
            "/feeds/custom.atom?q=dataset_type:civic_project",
            "/api/3/action/digifarm_support_list?project={project}",
        ],
    )
    @pytest.mark.parametrize("role", ["anonymous", "owner"])
    def test_stay_out_of_pages(
        self, role, path, supports, shared_app, people, project, partner
    ):
        names = {"project": project["name"], "partner": partner["name"]}
        user = model.User.get(people[role] or "nobody")
        browser = Browser(shared_app, user.id if user else None)
        response = browser.get(path.format(**names))
        assert response.status_code == 200
        self.check(response.body)


class TestList(ReadOnly):
    PRIVATE = {"contact_name", "contact_email", "message", "modified"}

    @pytest.fixture(scope="class")
    @classmethod
    def ids(cls, people, project, partner) -> dict[SupportState, str]:
        """The id of a support in each state."""
        return {
            state: store_in(state, people, project, partner).id
            for state in SupportState
        }

    @pytest.mark.parametrize("state", list(SupportState))
    @pytest.mark.parametrize("role", ROLES[:-1])
    def test_of_a_project(self, role, state, ids, people, project):
        query = {"project": project["id"], "state": state.value}
        is_editor = role in SIDES[Actor.PROJECT]
        if state is SupportState.UNCONFIRMED:
            # Nobody hears of what nobody has confirmed.
            is_editor = role == "sysadmin"
        for contacts in (False, True):
            is_open = state in PUBLIC_STATES and not contacts
            if not (is_open or is_editor):
                with pytest.raises(tk.NotAuthorized):
                    as_user(
                        people[role],
                        "digifarm_support_list",
                        **query,
                        contacts=contacts,
                    )
                continue
            [found] = as_user(
                people[role],
                "digifarm_support_list",
                **query,
                contacts=contacts,
            )
            assert found["id"] == ids[state]
            assert contacts == (found.keys() >= self.PRIVATE)
            assert contacts == bool(found.keys() & self.PRIVATE)

    @pytest.mark.parametrize("state", list(SupportState))
    @pytest.mark.parametrize("role", ROLES[:-1])
    def test_of_a_partner(self, role, state, ids, people, partner):
        query = {"partner": partner["id"], "state": state.value}
        is_editor = role in {"partner_editor", "reviewer", "sysadmin"}
        if state is SupportState.UNCONFIRMED:
            is_editor = role == "sysadmin"
        if not (state in PUBLIC_STATES or is_editor):
            with pytest.raises(tk.NotAuthorized):
                as_user(people[role], "digifarm_support_list", **query)
            return
        [found] = as_user(people[role], "digifarm_support_list", **query)
        assert found["id"] == ids[state]
        assert not found.keys() & self.PRIVATE


class TestShow:
    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize("state", ["unconfirmed", "offered", "accepted"])
    def test_is_for_both_sides(self, role, state, support_in, people):
        support = support_in(SupportState(state))
        data = {"id": support.id}
        if role == "token":
            purpose = Purpose.SUPPORT
            if state == "unconfirmed":
                purpose = Purpose.SUPPORT_CONFIRM
            data = {"token": token_of(support, purpose)}
        allowed = SIDES[Actor.PROJECT] | SIDES[Actor.SUPPORTER]
        if state == "unconfirmed":
            allowed = {"token", "sysadmin"}
        if role in allowed:
            shown = as_user(
                people.get(role, ""), "digifarm_support_show", **data
            )
            # Who acts for the partner has not written it.
            reads_all = role not in {"partner_editor", "reviewer"}
            assert ("message" in shown) == reads_all
            assert reads_all == (SECRETS["message"] in str(shown))
            assert shown["project"]["title"] == "Durstige Bäume"
        else:
            with pytest.raises(tk.NotAuthorized):
                as_user(people[role], "digifarm_support_show", **data)

    def test_inbox_is_for_those_who_are_logged_in(self, people):
        with pytest.raises(tk.NotAuthorized):
            as_user("", "digifarm_support_inbox")

    @pytest.mark.parametrize("role", ROLES[1:-2])
    def test_inbox_holds_what_concerns_you(self, role, support_in, people):
        offered = support_in(SupportState.OFFERED)
        # In the name of the partner, by whoever it may be.
        offer(project=offered.project_id, partner=offered.partner_id)
        inbox = as_user(people[role], "digifarm_support_inbox")
        ids = {side: [s["id"] for s in inbox[side]] for side in inbox}
        for_project = role in {"owner", "project_editor"}
        for_supporter = role in {"offerer", "partner_editor"}
        assert ids == {
            "project": [offered.id] if for_project else [],
            "supporter": [offered.id] if for_supporter else [],
        }
