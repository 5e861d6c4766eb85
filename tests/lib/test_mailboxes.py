"""No mailbox is filled by others, whatever way leads there."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import clock, outbox, rate_limits
from ckanext.digifarm.lib.mail import Mail, MailState
from ckanext.digifarm.lib.rate_limits import LimitReached

from ..acting import as_user
from ..offering import OFFER, REVIEWERS, confirm, get
from ..scenes import (
    KIM,
    PARTNER,
    QUESTION,
    Scene,
    partner,
    task,
    traces,
)

OPTION = "ckanext.digifarm.limits.email"
#: Of the partner that a scene has.
CONTACT = "werkstatt@example.org"


@pytest.fixture
def request_from(shared_app) -> Callable[..., Any]:
    """A request of somebody, by their network address."""

    @contextmanager
    def request_from(address: str = "192.0.2.1") -> Iterator[None]:
        with shared_app.flask_app.test_request_context(
            environ_base={"REMOTE_ADDR": address}
        ):
            yield

    return request_from


@pytest.fixture
def one_mail():
    with changed_config(OPTION, "1 per hour"):
        yield


@pytest.fixture
def contact(scene) -> str:
    """Id of a partner of the directory with a contact."""
    return partner("active")(scene).id


def mails(state: MailState = MailState.WAITING) -> Counter[str]:
    """To whom mails are on their way, or held."""
    query = model.Session.query(Mail).filter(Mail.state == state.value)
    return Counter(mail.recipient_email for mail in query)


def asked(scene: Scene, contact: str, **data: Any) -> dict[str, Any]:
    return {
        "project": scene.project["id"],
        "area": "technology",
        "partner": contact,
        **data,
    }


FORMS: dict[str, Callable[[Scene, str], tuple[str, dict[str, Any]]]] = {
    "offer": lambda scene, email: (
        "digifarm_support_offer",
        {**OFFER, "project": scene.project["id"], "contact_email": email},
    ),
    "registration": lambda _, email: (
        "digifarm_partner_register",
        {**PARTNER, "contact_email": email},
    ),
    "claim": lambda scene, email: (
        "digifarm_task_take",
        {**KIM, "id": task("open")(scene).id, "email": email},
    ),
    "question": lambda scene, email: (
        "digifarm_question_ask",
        {**QUESTION, "project": scene.project["id"], "email": email},
    ),
}


@pytest.mark.usefixtures("one_mail")
class TestWhatStrangersSend:
    @pytest.mark.parametrize("name", FORMS)
    def test_is_taken_but_the_mail_is_left_out(
        self, name, scene, request_from
    ):
        """So nobody learns whether an address was used."""
        action, data = FORMS[name](scene, "kim@example.org")
        answers = []
        for n in range(3):
            with request_from(f"192.0.2.{n}"):
                answers.append(as_user("", action, **data))
        for answer in answers:
            answer.pop("id", None)
        assert answers == [answers[0]] * 3
        assert mails() == {"kim@example.org": 1}
        assert not mails(MailState.HELD)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("kim@example.org", "KIM@Example.ORG"),
            ("kim@example.org", "kim+1@example.org"),
            ("kim@example.org", " Kim <kim+a+b@example.org> "),
            ("kim@müller.example", "kim@xn--mller-kva.example"),
            ("kim@müller.example", "kim@MU\u0308LLER.example"),
            ("vic.tim@gmail.com", "v.i.c.t.i.m@gmail.com"),
            ("vic.tim@gmail.com", "Victim+x@GoogleMail.com"),
        ],
    )
    def test_counts_all_spellings_of_a_mailbox(
        self, one, other, scene, request_from
    ):
        for email in (one, other):
            with request_from():
                action, data = FORMS["offer"](scene, email)
                as_user("", action, **data)
        assert sum(mails().values()) == 1

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("kim@example.org", "kim2@example.org"),
            ("kim@example.org", "kim@example.com"),
            ("vic.tim@example.org", "victim@example.org"),
        ],
    )
    def test_counts_other_mailboxes_apart(
        self, one, other, scene, request_from
    ):
        for email in (one, other):
            with request_from():
                action, data = FORMS["offer"](scene, email)
                as_user("", action, **data)
        assert sum(mails().values()) == 2

    def test_keeps_nobody_from_what_they_do_logged_in(
        self, scene, request_from
    ):
        """Only the receipt is left out; it stands on their dashboard."""
        action, data = FORMS["offer"](scene, "offerer@example.org")
        with request_from("192.0.2.1"):
            as_user("", action, **data)
        with request_from("192.0.2.2"):
            answer = as_user(scene.named("offerer"), action, **data)
        assert answer["state"] == "offered"
        assert mails()["offerer@example.org"] == 1
        # Whom it waits for hear of it.
        assert mails()["owner@example.org"] == 1

    def test_keeps_nobody_from_following_their_link(self, scene, request_from):
        action, data = FORMS["offer"](scene, "kim@example.org")
        with request_from():
            support = get(as_user("", action, **data)["id"])
            confirm(support)
        assert mails() == {"kim@example.org": 2, "owner@example.org": 1}

    def test_never_keeps_the_portals_own_people_uninformed(
        self, scene, request_from
    ):
        user = scene.named("offerer")
        for _ in range(3):
            with request_from():
                action, data = FORMS["offer"](scene, "")
                as_user(user, action, **data)
        assert mails()["owner@example.org"] == 3


@pytest.mark.usefixtures("one_mail")
class TestWhatProjectsSend:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("digifarm_support_create", "digifarm_support_create"),
            ("digifarm_support_create", "digifarm_support_request"),
            ("digifarm_support_request", "digifarm_support_create"),
            ("digifarm_support_request", "digifarm_support_request"),
        ],
    )
    def test_is_refused_before_anything_is_written(
        self, before, after, scene, contact, request_from
    ):
        owner = scene.named("owner")
        with request_from():
            as_user(owner, before, **asked(scene, contact))
        there = traces()
        again = asked(scene, contact, area="care")
        with (
            request_from(),
            pytest.raises(LimitReached, match="to this contact lately"),
        ):
            as_user(owner, after, **again)
        model.Session.rollback()
        assert traces() == there

    def test_tells_nobody_what_a_mailbox_has_got(
        self, scene, contact, request_from
    ):
        """Else a project could guess the address of a contact."""
        action, data = FORMS["offer"](scene, CONTACT)
        with request_from():
            as_user("", action, **data)
        with request_from():
            as_user(
                scene.named("owner"),
                "digifarm_support_request",
                **asked(scene, contact),
            )
        assert mails(MailState.HELD) == {CONTACT: 1}

    def test_can_be_ended_at_any_time_and_is_told_later(
        self, scene, contact, request_from
    ):
        owner = scene.named("owner")
        with request_from():
            support = as_user(
                owner, "digifarm_support_create", **asked(scene, contact)
            )
        with request_from():
            as_user(
                owner,
                "digifarm_support_end",
                id=support["id"],
                reason="Es ist vorbei",
            )
        assert mails()[CONTACT] == 1
        assert mails(MailState.HELD) == {CONTACT: 1}
        [mail] = model.Session.query(Mail).filter_by(state="held")
        assert 3590 <= (mail.due - clock.now()).total_seconds() <= 3600

    def test_brings_no_mailbox_more_than_the_limit(
        self, scene, contact, request_from
    ):
        """By a loop of recording and ending, whatever time passes."""
        owner = scene.named("owner")
        for _ in range(4):
            with request_from(), suppress(LimitReached):
                support = as_user(
                    owner, "digifarm_support_create", **asked(scene, contact)
                )
                as_user(owner, "digifarm_support_end", id=support["id"])
            model.Session.rollback()
        assert mails()[CONTACT] == 1
        assert mails(MailState.HELD)[CONTACT] == 1


@pytest.mark.usefixtures("one_mail")
class TestWhatAccountsSend:
    """CKAN doesn't ask whether an account's address is theirs."""

    def test_fills_no_mailbox_by_giving_back(self, scene, request_from):
        user, id_ = scene.named("other"), task("open")(scene).id
        kim = {key: KIM[key] for key in ("name", "consent")}
        for _ in range(3):
            with request_from():
                as_user(user, "digifarm_task_take", id=id_, **kim)
            with request_from():
                as_user(user, "digifarm_task_return", id=id_)
        assert mails()["other@example.org"] == 1
        assert mails(MailState.HELD)["other@example.org"] == 3

    def test_fills_no_mailbox_by_taking_back(self, scene, request_from):
        user = scene.named("offerer")
        for n in range(3):
            said = {**PARTNER, "title": f"Verein {n}", "contact_email": ""}
            with request_from():
                id_ = as_user(user, "digifarm_partner_register", **said)["id"]
            with request_from():
                as_user(user, "digifarm_partner_withdraw", id=id_)
        assert mails()["offerer@example.org"] == 1

    def test_by_a_link_comes_at_once(self, scene, request_from):
        start = task("taken", "held")(scene)
        email = start.row and "kim@example.org"
        assert rate_limits.fill_mailbox(email) == 0
        with request_from():
            as_user("", "digifarm_task_return", token=start.token)
        assert mails()[email] == 1


@pytest.mark.usefixtures("one_mail")
@pytest.mark.parametrize(
    ("role", "organization"),
    [
        ("reviewer", REVIEWERS),
        ("sysadmin", REVIEWERS),
        # Then only sysadmins decide.
        ("sysadmin", ""),
    ],
)
def test_what_reviewers_decide_is_always_told(
    role, organization, scene, request_from
):
    start = partner("proposed")(scene)
    email = start.row.contact_email
    rate_limits.fill_mailbox(email)
    assert rate_limits.fill_mailbox(email)
    option = "ckanext.digifarm.review_organization"
    with request_from(), changed_config(option, organization):
        as_user(scene.named(role), "digifarm_partner_accept", id=start.id)
    assert mails()[email] == 1


class TestHeldMails:
    @pytest.fixture
    def held(self, scene, server) -> Mail:
        """A mail for which there should be room by now."""
        now = clock.now()
        mail = Mail(
            recipient_email=CONTACT,
            language="en",
            subject="It has ended",
            body="",
            body_html="",
            state=MailState.HELD.value,
            due=now - datetime.timedelta(seconds=1),
        )
        model.Session.add(mail)
        model.Session.commit()
        return mail

    def test_go_when_there_is_room(self, held, server):
        assert outbox.send_due() == {"done": 1}
        assert server.recipients == [CONTACT]

    def test_wait_where_somebody_else_was_faster(self, held, server, one_mail):
        rate_limits.fill_mailbox(CONTACT)
        assert outbox.send_due() == {}
        assert server.recipients == []
        model.Session.refresh(held)
        assert held.state == MailState.HELD.value
        assert 3590 <= (held.due - clock.now()).total_seconds() <= 3600

    def test_count_once_they_are_sent(self, held, server, one_mail):
        outbox.send_due()
        assert rate_limits.fill_mailbox(CONTACT)
