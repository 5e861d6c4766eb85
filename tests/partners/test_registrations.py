"""Partners that ask to be listed: from the form to the directory."""

from __future__ import annotations

import concurrent.futures
import random
import string
import threading
from collections.abc import Callable, Iterator
from typing import Any

import ckantoolkit as tk
import itsdangerous
import pytest

from ckan import model
from ckan.model.types import make_uuid
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib import clock, forms, tokens
from ckanext.digifarm.lib.actors import Actor
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.partners.model import Partner, PartnerState
from ckanext.digifarm.partners.workflow import TRANSITIONS, WORKFLOW
from ckanext.digifarm.support.model import Support

from ..acting import as_user
from ..browsing import Browser, Form, html, read_form, text_of
from ..offering import empty_tables
from ..outbox import empty_outbox, link_in, token_in, waiting_mails
from ..rows import values_of

pytestmark = pytest.mark.usefixtures("shared_portal", "shared_app", "nothing")

CONTACT = "kontakt@example.org"
FULL: dict[str, Any] = {
    "title": "Radclub Süd e. V.",
    "kind": "association",
    "url": "https://radclub.example.org",
    "description": "Wir **zählen** Räder",
    "offer": "Wir leihen **Lastenräder** aus",
    "areas": ["technology"],
    "competences": ["Löten"],
    "action_fields": ["environment"],
    "contact_name": "Geheime Person",
    "contact_email": CONTACT,
    "consent": True,
}
REVIEWERS = ("reviewer", "sysadmin")
OTHERS = ("looker", "editor", "other", "anonymous")
HIDDEN = (PartnerState.UNCONFIRMED, PartnerState.PROPOSED)

#: The subject of each mail.
SUBJECTS = {
    "partner_confirm": "Please confirm your registration as a partner",
    "partner_proposed": "A partner has registered: Radclub Süd e. V.",
    "partner_accepted": "“Radclub Süd e. V.” is in the directory of partners",
    "partner_declined": "Your registration of “Radclub Süd e. V.”",
    "partner_received": (
        "Your registration of “Radclub Süd e. V.” has arrived"
    ),
    "partner_changed": ("A partner has changed its entry: Radclub Süd e. V."),
    "partner_withdrawn": "A registration was withdrawn: Radclub Süd e. V.",
    "partner_merged": "“Radclub Süd e. V.” and “Ziel” are one entry now",
    "partner_deleted": "Your registration of “Radclub Süd e. V.” is withdrawn",
}


@pytest.fixture
def nothing(shared_portal) -> None:
    empty_tables()


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, str]:
    """Names of users, by what they may do."""
    roles = ("reviewer", "looker", "editor", "other")
    names = {role: factories.User()["name"] for role in roles}
    factories.Organization(
        name="review-office",
        users=[
            {"name": names["reviewer"], "capacity": "editor"},
            {"name": names["looker"], "capacity": "member"},
        ],
    )
    factories.Organization(
        users=[{"name": names["editor"], "capacity": "admin"}]
    )
    return {
        **names,
        "sysadmin": factories.Sysadmin()["name"],
        "anonymous": "",
    }


@pytest.fixture(autouse=True)
def reviewers(people) -> Iterator[None]:
    with changed_config(
        "ckanext.digifarm.review_organization", "review-office"
    ):
        yield


@pytest.fixture
def unconfirmed() -> str:
    """The id of a partner that somebody without an account registered."""
    return register()["id"]


@pytest.fixture
def proposed() -> str:
    """The id of a partner that waits for a reviewer."""
    return store(PartnerState.PROPOSED)


def store(state: PartnerState) -> str:
    """The id of what `register` leaves in a state, without its mails.

    For tests of what comes later.
    """
    values = {name: FULL[name] for name in FULL if name != "consent"}
    partner = Partner(
        **values,
        name=make_uuid(),
        language="en",
        consented=clock.now(),
        state=state.value,
    )
    model.Session.add(partner)
    model.Session.flush()
    ways = [("digifarm_partner_register", None, "unconfirmed")]
    if state is not PartnerState.UNCONFIRMED:
        ways.append(("digifarm_partner_confirm", "unconfirmed", state.value))
    for way in ways:
        Event.record(Subject.PARTNER, partner.id, *way)
    model.Session.commit()
    return partner.id


def register(user: str = "", **changes: Any) -> dict[str, Any]:
    return as_user(user, "digifarm_partner_register", **{**FULL, **changes})


def confirm(token: str) -> dict[str, Any]:
    return as_user("", "digifarm_partner_confirm", token=token)


def state_of(id_: str) -> str:
    model.Session.rollback()
    return Partner.get(id_).state


def history(id_: str) -> list[str]:
    return [event.target for event in Event.of(Subject.PARTNER, id_)]


def email_of(user: str) -> str:
    return model.User.get(user).email


def errors_of(call: Callable[..., Any], *args: Any, **data: Any) -> set[str]:
    with pytest.raises(tk.ValidationError) as raised:
        call(*args, **data)
    model.Session.rollback()
    return set(raised.value.error_dict)


def at_once(app: Any, *calls: Callable[[], Any]) -> list[str]:
    """What becomes of calls at the same moment: "done" or "refused"."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> str:
        with app.flask_app.test_request_context():
            start.wait(timeout=10)
            try:
                call()
            except tk.ValidationError:
                return "refused"
            finally:
                model.Session.remove()
        return "done"

    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


class TestWayIntoTheDirectory:
    def test_without_an_account(self, people):
        answer = register()
        id_ = answer["id"]
        assert answer == {"id": id_, "state": "unconfirmed"}
        [mail] = waiting_mails()
        assert mail.recipient_email == CONTACT
        assert mail.subject == SUBJECTS["partner_confirm"]
        # Anybody may have written anything to anybody in the form.
        for words in ("Geheime", "Radclub", "Räder", "radclub"):
            assert words not in mail.body + mail.body_html

        empty_outbox()
        confirmed = confirm(token_in(mail))
        token = confirmed.pop("token")
        assert confirmed == {
            "id": id_,
            "title": FULL["title"],
            "state": "proposed",
        }
        [receipt] = waiting_mails(CONTACT)
        assert receipt.subject == SUBJECTS["partner_received"]
        assert link_in(receipt) == f"/partner/link/{token}"
        [mail] = waiting_mails(email_of(people["reviewer"]))
        assert mail.subject == SUBJECTS["partner_proposed"]
        assert link_in(mail) == "/partner/review"
        assert CONTACT not in mail.body

        empty_outbox()
        partner = as_user(
            people["reviewer"], "digifarm_partner_accept", id=id_
        )
        assert partner["name"] == "radclub-sued-e-v"
        [mail] = waiting_mails()
        assert mail.recipient_email == CONTACT
        assert mail.subject == SUBJECTS["partner_accepted"]
        assert "Hello Geheime Person," in mail.body
        assert link_in(mail) == "/partner/radclub-sued-e-v"

        [listed] = as_user("", "digifarm_partner_search")["results"]
        public = {
            name: value
            for name, value in FULL.items()
            if name not in {"contact_name", "contact_email", "consent"}
        }
        assert {name: listed[name] for name in public} == public
        assert "contact_email" not in listed
        assert history(id_) == ["unconfirmed", "proposed", "active"]
        *_, accepted = Event.of(Subject.PARTNER, id_)
        assert accepted.created_by == model.User.get(people["reviewer"]).id

    def test_ends_with_a_reason(self, people, proposed):
        as_user(
            people["reviewer"],
            "digifarm_partner_decline",
            id=proposed,
            reason="Zu weit weg\n<b>leider</b>",
        )
        [mail] = waiting_mails()
        assert mail.recipient_email == CONTACT
        assert "> Zu weit weg\n> <b>leider</b>\n" in mail.body
        assert "<b>leider</b>" not in mail.body_html
        *_, declined = Event.of(Subject.PARTNER, proposed)
        assert (declined.target, declined.reason) == (
            "deleted",
            "Zu weit weg\n<b>leider</b>",
        )

    def test_is_shorter_with_an_account(self, people):
        user = people["other"]
        answer = register(user, contact_email="fremd@example.org")
        assert answer["state"] == "proposed"
        assert {mail.recipient_email for mail in waiting_mails()} == {
            email_of(people["reviewer"]),
            email_of(user),
        }
        partner = Partner.get(answer["id"])
        assert partner.contact_email == email_of(user)
        [event] = Event.of(Subject.PARTNER, partner.id)
        assert event.created_by == model.User.get(user).id

    def test_is_as_long_with_an_account_without_address(self):
        user = factories.User()["name"]
        model.User.get(user).email = None
        model.Session.commit()
        answer = register(user)
        assert answer["state"] == "unconfirmed"
        assert [m.recipient_email for m in waiting_mails()] == [CONTACT]
        wrong = errors_of(register, user, title="Anders", contact_email="")
        assert wrong == {"contact_email"}

    def test_needs_somebody_of_the_city(self, people):
        """Without reviewers, the mail goes to the city's address."""
        with (
            changed_config("ckanext.digifarm.review_organization", None),
            changed_config(
                "ckanext.digifarm.contact_email", "stadt@example.org"
            ),
        ):
            register(people["other"])
        assert {m.recipient_email for m in waiting_mails()} == {
            "stadt@example.org",
            email_of(people["other"]),
        }

    def test_keeps_names_of_addresses_apart(self, people):
        names = []
        for title in ("Review", "Radclub", "Radclub!", "日本", "?!"):
            id_ = register(people["other"], title=title)["id"]
            partner = call_action("digifarm_partner_accept", id=id_)
            names.append(partner["name"])
        made = ["radclub", "radclub-2", "riben", "partner"]
        assert names == ["review-2", *made]

    def test_a_declined_one_may_be_let_in_later(self, people, proposed):
        """By a name as good as that of all others."""
        call_action("digifarm_partner_decline", id=proposed)
        as_user(people["reviewer"], "digifarm_partner_restore", id=proposed)
        [listed] = as_user("", "digifarm_partner_search")["results"]
        assert listed["name"] == "radclub-sued-e-v"


class TestUntilThen:
    @pytest.fixture(params=HIDDEN)
    def hidden(self, request) -> str:
        return store(request.param)

    def test_nobody_finds_it(self, hidden, people, project_factory):
        project = project_factory(help_wanted=["technology"])
        for user in people.values():
            found = as_user(user, "digifarm_partner_search", q="Radclub")
            assert found == {"count": 0, "results": [], "meant": ""}
            matches = as_user(user, "digifarm_match", project=project["id"])
            assert matches["count"] == 0

    def test_only_reviewers_see_it(self, hidden, people):
        for role in REVIEWERS:
            shown = as_user(people[role], "digifarm_partner_show", id=hidden)
            assert shown["contact_email"] == CONTACT
            with pytest.raises(tk.ObjectNotFound):
                as_user(people[role], "digifarm_match", partner=hidden)
        for role in OTHERS:
            for action, data in (
                ("digifarm_partner_show", {"id": hidden}),
                ("digifarm_partner_update", {"id": hidden, "title": "X"}),
                ("digifarm_partner_delete", {"id": hidden}),
                ("digifarm_match", {"partner": hidden}),
                ("digifarm_support_list", {"partner": hidden}),
            ):
                with pytest.raises(tk.NotAuthorized):
                    as_user(people[role], action, **data)

    def test_pages_hide_it(self, hidden, people, shared_app):
        other = model.User.get(people["other"]).id
        for user in (None, other):
            browser = Browser(shared_app, user)
            for page in ("", "edit/", "delete/", "merge/"):
                path = f"/partner/{page}{hidden}"
                response = browser.get(path)
                led = user is None and page != ""
                assert (response.request.path == "/user/login") is led
                assert led or response.status_code == 404
            assert "Radclub" not in browser.get("/partner/?q=radclub").body
            assert browser.get("/partner/candidates?q=Radclub").json == []

    def test_projects_can_not_name_it(self, hidden, project_factory):
        project = project_factory(help_wanted=["technology"])
        data = {"project": project["id"], "area": "technology"}
        offer = {**data, "contact_name": "A", "contact_email": CONTACT}
        for action, params in (
            ("digifarm_support_create", data),
            ("digifarm_support_request", data),
            ("digifarm_support_offer", {**offer, "consent": True}),
        ):
            with pytest.raises(tk.ObjectNotFound):
                call_action(action, **params, partner=hidden)
        assert model.Session.query(Support).count() == 0

    def test_an_import_does_not_take_it_for_known(
        self, hidden, run_import, option
    ):
        rows = [{"Name": "Zählt Räder", "Technik": FULL["title"]}]
        assert run_import(rows, option).exit_code == 0
        [listed] = as_user("", "digifarm_partner_search")["results"]
        assert listed["id"] != hidden
        assert state_of(hidden) != "active"

    def test_a_reviewers_delete_button_explains_itself(
        self, hidden, people, shared_app
    ):
        reviewer = model.User.get(people["reviewer"]).id
        browser = Browser(shared_app, reviewer)
        for step in ("delete", "restore"):
            response = browser.post(
                f"/partner/{step}/{hidden}",
                data={"_csrf_token": browser.token()},
            )
            assert response.status_code == 200
            assert "is not settled yet" in response.body
        assert state_of(hidden) in {state.value for state in HIDDEN}


def test_what_tests_store_is_what_actions_leave(unconfirmed):
    stored = Partner.get(store(PartnerState.UNCONFIRMED))
    assert values_of(stored) == values_of(Partner.get(unconfirmed))
    assert history(stored.id) == history(unconfirmed)
    confirm(token_in(waiting_mails()[0]))
    stored = Partner.get(store(PartnerState.PROPOSED))
    assert values_of(stored) == values_of(Partner.get(unconfirmed))
    assert history(stored.id) == history(unconfirmed)


class TestWhoMay:
    @pytest.mark.parametrize("role", OTHERS)
    def test_not_decide(self, role, people, proposed):
        for action in ("accept", "decline"):
            with pytest.raises(tk.NotAuthorized):
                as_user(
                    people[role], f"digifarm_partner_{action}", id=proposed
                )
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], "digifarm_partner_proposed_list")
        assert state_of(proposed) == "proposed"
        assert waiting_mails() == []

    @pytest.mark.parametrize("role", REVIEWERS)
    @pytest.mark.parametrize("action", ["accept", "decline"])
    def test_decide(self, action, role, people, proposed):
        [listed] = as_user(people[role], "digifarm_partner_proposed_list")
        assert (listed["id"], listed["contact_email"]) == (proposed, CONTACT)
        as_user(people[role], f"digifarm_partner_{action}", id=proposed)
        assert as_user(people[role], "digifarm_partner_proposed_list") == []

    def test_register_although_logged_in_or_not(self, people):
        for number, user in enumerate(people.values()):
            assert register(user, title=f"Verein {number}")["id"]

    def test_list_holds_the_oldest_first_and_only_what_waits(self, people):
        user = people["other"]
        ids = [register(user, title=t)["id"] for t in ("Zebra", "Ampel")]
        register(title="Unbestätigt")
        call_action("digifarm_partner_create", title="Da", kind="other")
        listed = call_action("digifarm_partner_proposed_list")
        assert [partner["id"] for partner in listed] == ids


class TestTransitions:
    #: What is so already needs no error.
    SO_ALREADY = (
        ("digifarm_partner_delete", PartnerState.DELETED),
        ("digifarm_partner_restore", PartnerState.ACTIVE),
    )

    @pytest.fixture
    def target(self) -> str:
        """The id of a partner to join others with."""
        created = call_action(
            "digifarm_partner_create", title="Ziel", kind="other"
        )
        return created["id"]

    @pytest.mark.parametrize("state", list(PartnerState))
    @pytest.mark.parametrize(
        "action",
        sorted(
            {
                step.action
                for step in TRANSITIONS
                if step.source not in {None, step.target}
                and step.action.startswith("digifarm_partner")
            }
        ),
    )
    def test_by_the_table(self, action, state, people, target):
        id_ = store(state)
        key = Partner.get(id_).token_key
        before = history(id_)
        params: dict[str, Any] = {"id": id_}
        if action == "digifarm_partner_confirm":
            token = tokens.make(Purpose.PARTNER_CONFIRM, id_, key)
            params = {"token": token}
        elif action == "digifarm_partner_merge":
            params["into"] = target
        elif action == "digifarm_partner_change":
            params["description"] = "Anders"
        step = WORKFLOW.transition(action, state)
        if step is None:
            if (action, state) in self.SO_ALREADY:
                call_action(action, **params)
            else:
                assert errors_of(call_action, action, **params)
            assert state_of(id_) == state.value
            assert history(id_) == before
            assert Partner.get(id_).token_key == key
            assert waiting_mails() == []
            return
        call_action(action, **params)
        assert state_of(id_) == step.target.value
        assert history(id_) == [*before, step.target.value]
        addresses = {
            Actor.REVIEWER: email_of(people["reviewer"]),
            Actor.CONTACT: CONTACT,
        }
        assert {(m.recipient_email, m.subject) for m in waiting_mails()} == {
            (addresses[side], SUBJECTS[template])
            for side, template in step.mails.items()
        }


class TestAtTheSameMoment:
    def test_a_double_click_registers_once(self, shared_app):
        def click() -> None:
            register(submission="the same form")

        assert at_once(shared_app, click, click, click) == ["done"] * 3
        assert model.Session.query(Partner).count() == 1
        assert len(waiting_mails()) == 1
        assert model.Session.query(Event).count() == 1

    def test_a_second_click_gets_the_answer_of_the_first(self):
        first = register(submission="form")
        assert register(submission="form") == first
        assert register(submission="another")["id"] != first["id"]

    def test_a_link_is_good_for_one_click(self, shared_app, unconfirmed):
        token = token_in(waiting_mails()[0])
        empty_outbox()

        def click() -> None:
            confirm(token)

        assert at_once(shared_app, click, click) == ["done", "refused"]
        assert len(waiting_mails(CONTACT)) == 1
        assert len(waiting_mails()) == 2
        assert history(unconfirmed) == ["unconfirmed", "proposed"]

    def test_two_reviewers_decide_once(self, shared_app, proposed):
        def accept() -> None:
            call_action("digifarm_partner_accept", id=proposed)

        def decline() -> None:
            call_action("digifarm_partner_decline", id=proposed)

        assert at_once(shared_app, accept, decline) == ["done", "refused"]
        assert len(history(proposed)) == 3
        [mail] = waiting_mails()
        accepted = mail.subject == SUBJECTS["partner_accepted"]
        assert state_of(proposed) == ("active" if accepted else "deleted")

    def test_two_of_one_title_are_not_both_let_in(
        self, shared_app, people, monkeypatch
    ):
        ids = [register(people["other"])["id"] for _ in range(2)]
        is_listed, both = Partner.is_listed, threading.Barrier(2)

        def slowly(*args: Any) -> bool:
            found = is_listed(*args)
            both.wait(timeout=10)
            return found

        monkeypatch.setattr(Partner, "is_listed", slowly)
        results = at_once(
            shared_app,
            lambda: call_action("digifarm_partner_accept", id=ids[0]),
            lambda: call_action("digifarm_partner_accept", id=ids[1]),
        )
        assert results == ["done", "refused"]
        assert sorted(map(state_of, ids)) == ["active", "proposed"]


class TestLinks:
    def test_that_were_used(self, unconfirmed):
        token = token_in(waiting_mails()[0])
        confirm(token)
        assert errors_of(confirm, token) == {"token"}
        assert state_of(unconfirmed) == "proposed"

    def test_that_expired(self, monkeypatch):
        signer = itsdangerous.TimestampSigner
        now = signer.get_timestamp
        week = 7 * 24 * 60 * 60
        tokens_of = {}
        for title, age in (("Jung", week - 60), ("Alt", week + 60)):
            with monkeypatch.context() as patch:
                patch.setattr(
                    signer,
                    "get_timestamp",
                    lambda self, age=age: now(self) - age,
                )
                register(title=title)
            tokens_of[title] = token_in(waiting_mails()[-1])
        assert confirm(tokens_of["Jung"])["state"] == "proposed"
        assert errors_of(confirm, tokens_of["Alt"]) == {"token"}

    def test_that_are_forged_or_foreign(self, unconfirmed):
        token = token_in(waiting_mails()[0])
        partner = Partner.get(unconfirmed)
        other = Partner.get(register(title="Anders")["id"])
        key = partner.token_key
        for wrong in (
            "",
            "a.b.c",
            "\x00",
            token[:-1],
            token.replace(token[3], "x" if token[3] != "x" else "y", 1),
            tokens.make(Purpose.SUPPORT, partner.id, key),
            tokens.make(Purpose.SUPPORT_CONFIRM, partner.id, key),
            tokens.make(Purpose.FORM, partner.id, key),
            tokens.make(Purpose.PARTNER_CONFIRM, other.id, key),
            tokens.make(Purpose.PARTNER_CONFIRM, "nothing", key),
        ):
            assert errors_of(confirm, wrong) == {"token"}, wrong
        assert state_of(unconfirmed) == "unconfirmed"
        confirm(token)

    def test_of_a_partner_open_no_support(self, unconfirmed):
        token = token_in(waiting_mails()[0])
        for action in ("confirm", "accept", "end"):
            wrong = errors_of(
                as_user, "", f"digifarm_support_{action}", token=token
            )
            assert wrong == {"token"}


class TestTitlesThatAreThere:
    def test_are_refused_at_once(self, unconfirmed):
        call_action("digifarm_partner_create", title="Da", kind="other")
        empty_outbox()
        assert errors_of(register, title="Da") == {"title"}
        assert waiting_mails() == []

    def test_are_refused_when_they_came_meanwhile(self, proposed):
        call_action(
            "digifarm_partner_create", title=FULL["title"], kind="other"
        )
        wrong = errors_of(call_action, "digifarm_partner_accept", id=proposed)
        assert wrong == {"id"}
        assert state_of(proposed) == "proposed"
        assert waiting_mails() == []
        call_action("digifarm_partner_decline", id=proposed)

    def test_of_others_that_wait_are_no_hindrance(self, unconfirmed):
        """Who waits is nobody's business."""
        assert register(contact_email="b@example.org")["state"] == (
            "unconfirmed"
        )


@pytest.mark.parametrize("value", [None, False, "", "no", 1, {}, ["true"]])
def test_nothing_is_stored_without_consent(value):
    assert errors_of(register, consent=value) == {"consent"}
    assert model.Session.query(Partner).count() == 0
    assert waiting_mails() == []


def test_the_day_of_consent_is_kept(unconfirmed):
    partner = Partner.get(unconfirmed)
    assert abs((partner.consented - partner.created).total_seconds()) < 60


#: Nothing that could be packed into less.
NOISE = "".join(random.Random(1).choices(string.ascii_letters, k=20_000))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", None),
        ("title", ["a"]),
        ("title", "a\nb"),
        ("title", "a\x00"),
        ("title", "a" * 201),
        ("kind", ""),
        ("kind", "circus"),
        ("kind", {"a": 1}),
        ("url", "javascript:alert(1)"),
        ("url", ["https://example.org"]),
        ("description", "a" * 10_001),
        ("description", 5),
        ("description", "\ud800"),
        ("offer", "a" * 5_001),
        ("offer", 5),
        ("areas", ["fun"]),
        ("areas", 5),
        ("competences", ["a" * 101]),
        ("competences", 5),
        ("action_fields", [["environment"]]),
        ("contact_name", ""),
        ("contact_name", "a" * 201),
        ("contact_name", "a\r\nBcc: b@example.org"),
        ("contact_email", ""),
        ("contact_email", "not an address"),
        ("contact_email", "a@example.org\nBcc: b@example.org"),
        ("contact_email", f"{'a' * 250}@example.org"),
        ("contact_email", ["a@example.org"]),
        ("submission", ["a"]),
        ("submission", "\x00"),
        pytest.param("submission", NOISE, id="submission-long"),
    ],
)
def test_what_is_wrong_is_refused_by_name(field, value):
    assert errors_of(register, **{field: value}) == {field}
    assert model.Session.query(Partner).count() == 0
    assert waiting_mails() == []


def test_what_is_not_asked_for_is_not_taken(people):
    id_ = register(
        name="mein-name",
        organization_id=factories.Organization()["id"],
        state="active",
        token_key="a",
        id="a",
    )["id"]
    partner = Partner.get(id_)
    assert partner.state == "unconfirmed"
    assert partner.organization_id is None
    assert partner.token_key != "a"
    assert "mein-name" not in {partner.id, partner.name}


@pytest.mark.parametrize("action", ["accept", "decline"])
@pytest.mark.parametrize(
    ("id_", "error"),
    [
        ("nothing", tk.ObjectNotFound),
        (None, tk.ValidationError),
        (["a"], tk.ValidationError),
        ("\x00", tk.ValidationError),
    ],
)
def test_an_unknown_id(id_, error, action):
    with pytest.raises(error):
        call_action(f"digifarm_partner_{action}", id=id_)


@pytest.mark.parametrize("reason", [["a"], "\x00", "a" * 1001, {"a": "b"}])
def test_a_wrong_reason_is_refused(reason, proposed):
    wrong = errors_of(
        call_action, "digifarm_partner_decline", id=proposed, reason=reason
    )
    assert wrong == {"reason"}
    assert state_of(proposed) == "proposed"


class TestPages:
    SCRIPT = "<script>alert(1)</script>"

    @pytest.fixture(autouse=True)
    def patient(self, monkeypatch) -> None:
        """Nobody waits for three seconds here."""
        monkeypatch.setattr(forms, "MIN_SECONDS", 0)

    @pytest.fixture
    def visitor(self, shared_app) -> Browser:
        return Browser(shared_app)

    @pytest.fixture
    def reviewer(self, shared_app, people) -> Browser:
        return Browser(shared_app, model.User.get(people["reviewer"]).id)

    def filled_in(self, browser: Browser, **changes: Any) -> Form:
        form = browser.form("/partner/register")
        values = {**FULL, "competences": "Löten", "consent": "true"}
        return form.with_values(**{**values, **changes})

    def test_from_the_form_into_the_directory(self, visitor, reviewer):
        response = visitor.send(self.filled_in(visitor))
        assert response.request.path == "/partner/register/sent"
        [mail] = waiting_mails()
        link = link_in(mail)
        page = visitor.get(link)
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in page.headers["X-Robots-Tag"]
        # A mail scanner opens it, too.
        [partner] = model.Session.query(Partner)
        assert state_of(partner.id) == "unconfirmed"
        form = read_form(page, ".wrapper form[method=post]")
        response = visitor.send(form)
        assert "will look at it" in response.body
        assert state_of(partner.id) == "proposed"
        assert visitor.send(form).status_code == 410

        queue = reviewer.get("/partner/review")
        text = text_of(html(queue).select_one("[role=main]"))
        for words in (FULL["title"], "Association", CONTACT, "Löten"):
            assert words in text
        form = read_form(queue, "form[action$='/review/accept']")
        response = reviewer.send(form)
        assert "is in the directory now" in response.body
        assert visitor.get("/partner/radclub-sued-e-v").status_code == 200
        response = reviewer.send(form)
        assert "settled already" in response.body

    def test_a_reviewer_declines_with_a_reason(self, reviewer, proposed):
        form = reviewer.form("/partner/review", "form[action$='/decline']")
        response = reviewer.send(form.with_values(reason="Doppelt"))
        assert "has been declined" in response.body
        assert "> Doppelt" in waiting_mails(CONTACT)[0].body
        assert "Nothing waits" in reviewer.get("/partner/review").body

    def test_a_line_break_is_one_character(self, reviewer, proposed):
        """Browsers send two for it, and the field of the form counts one."""
        form = reviewer.form("/partner/review", "form[action$='/decline']")
        reason = "a\r\n" * 500
        response = reviewer.send(form.with_values(reason=reason))
        assert "has been declined" in response.body

    def test_with_an_account_it_waits_at_once(self, shared_app, people):
        user = model.User.get(people["other"])
        browser = Browser(shared_app, user.id)
        form = self.filled_in(browser)
        page = html(browser.get("/partner/register"))
        assert not page.select_one("[name=contact_email]")
        assert user.email in page.text
        response = browser.send(form.with_values(contact_email=None))
        [partner] = model.Session.query(Partner)
        assert response.request.path == f"/partner/mine/{partner.id}"
        assert (partner.state, partner.contact_email) == (
            "proposed",
            user.email,
        )

    def test_mistakes_are_shown_and_nothing_is_lost(self, visitor):
        form = self.filled_in(
            visitor, title="", url="ftp://a", consent=None, contact_email="a"
        )
        response = visitor.send(form)
        page = html(response)
        for link in page.select("#errors a"):
            assert page.select_one(link["href"]), link
        wrong = {link["href"] for link in page.select("#errors a")}
        assert wrong == {
            f"#field-{name}"
            for name in ("title", "url", "consent", "contact_email")
        }
        again = read_form(response, "form.digifarm-form")
        for name in ("url", "contact_name", "contact_email", "stamp"):
            assert again[name] == form[name]
        assert again.values["areas"] == ["technology"]
        assert model.Session.query(Partner).count() == 0
        visitor.send(
            again.with_values(
                title="Radclub",
                url="",
                contact_email=CONTACT,
                consent="true",
            )
        )
        assert len(waiting_mails()) == 1

    def test_a_double_click_counts_once(self, visitor):
        form = self.filled_in(visitor)
        answers = {visitor.send(form).request.path for _ in range(2)}
        assert answers == {"/partner/register/sent"}
        assert len(waiting_mails()) == 1

    def test_a_form_that_a_program_fills_in_is_shown_again(self, visitor):
        form = self.filled_in(visitor, **{forms.HONEYPOT: "https://spam"})
        response = visitor.send(form)
        assert "a field that people don’t see" in response.body
        assert model.Session.query(Partner).count() == 0
        assert waiting_mails() == []

    def test_a_form_sent_too_soon_is_shown_again(self, visitor, monkeypatch):
        monkeypatch.setattr(forms, "MIN_SECONDS", 60)
        form = self.filled_in(visitor)
        response = visitor.send(form)
        assert "once more" in response.body
        assert model.Session.query(Partner).count() == 0
        monkeypatch.setattr(forms, "MIN_SECONDS", 0)
        visitor.send(read_form(response, "form.digifarm-form"))
        assert model.Session.query(Partner).count() == 1

    @pytest.mark.parametrize(
        "stamp",
        [
            *("", "a", "\x00", None),
            pytest.param(tokens.new_key(), id="another key"),
        ],
    )
    def test_a_form_of_nowhere_is_shown_again(self, stamp, visitor):
        response = visitor.send(self.filled_in(visitor, stamp=stamp))
        assert "once more" in response.body
        assert model.Session.query(Partner).count() == 0

    def test_nobody_learns_which_addresses_are_known(self, visitor, people):
        register(people["other"], title="Erster")
        pages = set()
        for number, email in enumerate(
            (email_of(people["other"]), "neu@example.org")
        ):
            form = self.filled_in(
                visitor, title=f"Verein {number}", contact_email=email
            )
            response = visitor.send(form)
            main = text_of(html(response).select_one("[role=main]"))
            assert email in main
            main = main.replace(email, "the address")
            pages.add((response.request.path, response.status_code, main))
        assert len(pages) == 1
        answers = [
            register(title=f"Club {email}", contact_email=email)
            for email in (email_of(people["other"]), "neu@example.org")
        ]
        assert [set(answer) for answer in answers] == [{"id", "state"}] * 2
        assert {answer["state"] for answer in answers} == {"unconfirmed"}

    def test_text_is_shown_as_text(self, visitor, reviewer, people):
        register(
            people["other"],
            title=f"Club {self.SCRIPT}",
            description=self.SCRIPT,
            offer=self.SCRIPT,
            competences=[self.SCRIPT],
            contact_name=self.SCRIPT,
        )
        assert self.SCRIPT not in reviewer.get("/partner/review").body
        response = visitor.send(
            self.filled_in(visitor, title=self.SCRIPT, kind="")
        )
        assert self.SCRIPT not in response.body

    def test_speaks_german(self, visitor, reviewer, people):
        page = html(visitor.get("/de/partner/register"))
        assert page.html["lang"] == "de"
        for word in ("Verein", "Umwelt", "Jemand, der sich kümmert"):
            assert word in text_of(page.select_one("[role=main]"))
        register(people["other"])
        page = html(reviewer.get("/de/partner/review"))
        assert page.html["lang"] == "de"
        assert "Verein" in text_of(page.select_one("[role=main]"))
        for other, status in (("register/sent", 200), ("confirm/a", 410)):
            response = visitor.get(f"/de/partner/{other}")
            assert response.status_code == status
            assert html(response).html["lang"] == "de"

    def test_mails_speak_the_language_of_the_form(self, visitor):
        form = visitor.form("/de/partner/register").with_values(
            **{**FULL, "consent": "true"}
        )
        form.action = "/de/partner/register"
        response = visitor.send(form)
        assert response.request.path.endswith("/partner/register/sent")
        [mail] = waiting_mails()
        assert mail.language == "de"
        assert link_in(mail).startswith("/de/partner/confirm/")
        assert 'lang="de"' in mail.body_html

    def test_forms_need_a_token(self, visitor, reviewer, proposed):
        visitor.get("/partner/register")
        reviewer.get("/partner/review")
        key = Partner.get(proposed).token_key
        token = tokens.make(Purpose.PARTNER_CONFIRM, proposed, key)
        visitor.get(f"/partner/confirm/{token}")
        for browser, path in (
            (visitor, "register"),
            (visitor, f"confirm/{token}"),
            (reviewer, "review/accept"),
            (reviewer, "review/decline"),
        ):
            response = browser.post(f"/partner/{path}", data={"id": proposed})
            assert response.status_code == 400, path
        assert state_of(proposed) == "proposed"

    def test_the_queue_is_for_reviewers(
        self, visitor, shared_app, people, proposed
    ):
        response = visitor.get("/partner/review")
        assert response.request.path == "/user/login"
        for role in ("looker", "editor", "other"):
            browser = Browser(shared_app, model.User.get(people[role]).id)
            assert browser.get("/partner/review").status_code == 403
            assert "/partner/review" not in browser.get("/partner/").body
            for step in ("accept", "decline"):
                data = {"_csrf_token": browser.token(), "id": proposed}
                response = browser.post(f"/partner/review/{step}", data=data)
                assert response.status_code == 403
        data = {"_csrf_token": visitor.token(), "id": proposed}
        visitor.post("/partner/review/accept", data=data)
        assert state_of(proposed) == "proposed"

    def test_what_is_not_there_is_not_found(self, reviewer, visitor):
        token = reviewer.token()
        for step, status in (("accept", 404), ("vote", 405)):
            response = reviewer.post(
                f"/partner/review/{step}",
                data={"_csrf_token": token, "id": "nothing"},
            )
            assert response.status_code == status
        for id_ in ("", "\x00", None):
            data = {"_csrf_token": token, "id": id_} if id_ else {}
            response = reviewer.post(
                "/partner/review/accept",
                data={"_csrf_token": token, **data},
            )
            assert response.status_code == 200
        assert reviewer.get("/partner/review/accept").status_code == 404
        again = visitor.post(
            "/partner/confirm/nothing", data={"_csrf_token": visitor.token()}
        )
        assert again.status_code == 410
        assert "This link can" in again.body
