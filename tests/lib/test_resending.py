"""Who has just sent a form sends its mail again, or to another address."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import ckantoolkit as tk
import pytest
from freezegun import freeze_time

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import clock, forms, tokens
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.lib.rate_limits import LimitReached
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.questions.model import Question
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import TaskAssignment

from ..acting import as_user
from ..browsing import Browser, html, text_of
from ..offering import OFFER
from ..proposing import CONDITIONS, PROJECT, SECRETS
from ..scenes import KIM, PARTNER, Scene, task, traces
from ..uses import forget_uses

WRONG, RIGHT = "kmi@example.org", "kim@example.org"


@dataclass(frozen=True)
class Form:
    """A form for everybody, whose mail can be sent again.

    :param send: the action that it is sent by
    :param again: the action that sends the mail again
    :param confirm: the action of the link in the mail
    :param email: the parameter for the address, and its column
    :param fields: gives what is sent
    :param path: gives the page of the form
    """

    send: str
    again: str
    confirm: str
    table: Any
    email: str
    fields: Callable[[Scene], dict[str, Any]]
    path: Callable[[Scene, dict[str, Any]], str]

    def sent(self, scene: Scene, email: str = WRONG) -> dict[str, Any]:
        """The answer to the form."""
        data = {**self.fields(scene), self.email: email, "submission": "one"}
        return as_user("", self.send, **data)

    def row(self) -> Any:
        """What has become of it."""
        model.Session.rollback()
        model.Session.expire_all()
        return model.Session.query(self.table).one()


FORMS = {
    "offer": Form(
        "digifarm_support_offer",
        "digifarm_support_resend",
        "digifarm_support_confirm",
        Support,
        "contact_email",
        lambda scene: {**OFFER, "project": scene.project["id"]},
        lambda scene, _: (
            f"/civic_project/support/offer/{scene.project['name']}"
        ),
    ),
    "registration": Form(
        "digifarm_partner_register",
        "digifarm_partner_resend",
        "digifarm_partner_confirm",
        Partner,
        "contact_email",
        lambda _: PARTNER,
        lambda _, __: "/partner/register",
    ),
    "claim": Form(
        "digifarm_task_take",
        "digifarm_task_resend",
        "digifarm_task_confirm",
        TaskAssignment,
        "email",
        lambda scene: {**KIM, "id": task("open")(scene).id},
        lambda _, data: f"/civic_project/tasks/take/{data['id']}",
    ),
    "question": Form(
        "digifarm_question_ask",
        "digifarm_question_resend",
        "digifarm_question_confirm",
        Question,
        "email",
        lambda scene: {
            **KIM,
            "message": "Wem gehören die Bäume?",
            "project": scene.project["id"],
        },
        lambda scene, _: (
            f"/civic_project/questions/ask/{scene.project['name']}"
        ),
    ),
    "proposal": Form(
        "digifarm_proposal_submit",
        "digifarm_proposal_resend",
        "digifarm_proposal_confirm",
        Proposal,
        "proposer_email",
        lambda _: {
            "project": PROJECT,
            "conditions": CONDITIONS,
            "consent": True,
            **SECRETS,
        },
        lambda _, __: "/civic_project/propose",
    ),
}


@pytest.fixture(params=FORMS)
def form(request) -> Form:
    return FORMS[request.param]


@pytest.fixture
def request_from(shared_app) -> Callable[[str], Any]:
    """A request of somebody, by their network address."""
    return lambda address: shared_app.flask_app.test_request_context(
        environ_base={"REMOTE_ADDR": address}
    )


@pytest.fixture
def visitor(shared_app, monkeypatch) -> Iterator[Browser]:
    monkeypatch.setattr(forms, "MIN_SECONDS", 0)
    with (
        changed_config("ckanext.digifarm.limits.email", "999 per hour"),
        changed_config("ckanext.digifarm.limits.address", "999 per hour"),
    ):
        yield Browser(shared_app)


def mails() -> list[Mail]:
    model.Session.rollback()
    return model.Session.query(Mail).order_by(Mail.created).all()


def token_in(mail: Mail) -> str:
    """The token of a mail's link."""
    [path] = re.findall(r"/confirm/(\S+)", mail.body)
    return path


def errors_of(action: str, **data: Any) -> dict[str, Any]:
    with pytest.raises(tk.ValidationError) as raised:
        as_user("", action, **data)
    model.Session.rollback()
    return raised.value.error_dict


class TestTheSameAddress:
    def test_gets_the_mail_again_and_both_links_are_good(self, form, scene):
        sent = form.sent(scene)
        before = traces()
        result = as_user("", form.again, token=sent["token"])
        assert result == sent
        first, second = mails()
        assert (first.recipient_email, first.subject) == (
            second.recipient_email,
            second.subject,
        )
        # Nothing else has happened.
        assert traces()["events"] == before["events"]
        as_user("", form.confirm, token=token_in(first))
        if form.table is Question:
            # It is sent once, and nobody minds a second click.
            as_user("", form.confirm, token=token_in(second))
        else:
            assert errors_of(form.confirm, token=token_in(second))["token"]

    def test_gets_none_once_it_is_confirmed(self, form, scene):
        sent = form.sent(scene)
        as_user("", form.confirm, token=token_in(mails()[0]))
        count = len(mails())
        assert set(errors_of(form.again, token=sent["token"])) == {"token"}
        assert len(mails()) == count


class TestAnotherAddress:
    def test_gets_the_mail_and_the_first_link_is_of_no_use(self, form, scene):
        sent = form.sent(scene)
        [first] = mails()
        lost = token_in(first)
        result = as_user("", form.again, token=sent["token"], email=RIGHT)
        # What has not gone out yet stays here.
        [mail] = mails()
        assert mail.recipient_email == RIGHT
        assert getattr(form.row(), form.email) == RIGHT
        assert form.row().state == "unconfirmed"
        assert set(errors_of(form.confirm, token=lost)) == {"token"}
        as_user("", form.confirm, token=token_in(mail))
        assert form.row().state != "unconfirmed"
        assert "token" in result

    def test_can_be_corrected_again_by_the_new_token_only(self, form, scene):
        sent = form.sent(scene)
        result = as_user("", form.again, token=sent["token"], email=RIGHT)
        assert errors_of(form.again, token=sent["token"])["token"]
        as_user("", form.again, token=result["token"], email=WRONG)
        assert [mail.recipient_email for mail in mails()] == [WRONG]

    @pytest.mark.parametrize("email", ["kim", "a@b@c", ["a"], "\x00"])
    def test_must_be_one(self, email, form, scene):
        sent = form.sent(scene)
        errors = errors_of(form.again, token=sent["token"], email=email)
        assert set(errors) == {"email"}
        assert getattr(form.row(), form.email) == WRONG


def test_mails_of_others_to_that_address_stay(scene):
    """Somebody else wants the same task, and their address was typed."""
    form = FORMS["claim"]
    first = form.sent(scene, RIGHT)
    [row] = model.Session.query(TaskAssignment)
    data = {**KIM, "id": row.task_id, "email": RIGHT, "submission": "two"}
    other = as_user("", form.send, **data)
    as_user("", form.again, token=other["token"], email="pat@example.org")
    assert sorted(mail.recipient_email for mail in mails()) == [
        RIGHT,
        "pat@example.org",
    ]
    assert first


class TestTokens:
    def test_are_for_who_sends_a_form(self, form, scene):
        data = {**form.fields(scene), form.email: RIGHT}
        assert "token" not in as_user("", form.send, **data)

    def test_of_other_links_are_of_no_use(self, form, scene):
        form.sent(scene)
        for token in (token_in(mails()[0]), "nonsense"):
            assert set(errors_of(form.again, token=token)) == {"token"}
        assert len(mails()) == 1

    def test_are_good_for_a_day(self, form, scene):
        sent = form.sent(scene)
        late = clock.now() + datetime.timedelta(days=1, minutes=1)
        with freeze_time(late):
            errors = errors_of(form.again, token=sent["token"])
        assert errors == {"token": ["This link has expired"]}

    def test_confirm_nothing(self, form, scene):
        sent = form.sent(scene)
        assert errors_of(form.confirm, token=sent["token"])["token"]
        assert form.row().state == "unconfirmed"


class TestLimits:
    def test_are_those_of_the_forms(self, form, scene, request_from):
        sent = form.sent(scene)
        forget_uses()
        option = "ckanext.digifarm.limits.address"
        with (
            changed_config(option, "1 per hour"),
            request_from("198.51.100.7"),
        ):
            as_user("", form.again, token=sent["token"])
            with pytest.raises(LimitReached):
                as_user("", form.again, token=sent["token"])
            model.Session.rollback()
        assert len(mails()) == 2

    def test_no_mailbox_gets_more_than_it_may_and_nobody_hears_of_it(
        self, form, scene, request_from
    ):
        sent = form.sent(scene)
        forget_uses()
        option = "ckanext.digifarm.limits.email"
        with (
            changed_config(option, "1 per hour"),
            request_from("198.51.100.7"),
        ):
            answers = [
                as_user("", form.again, token=sent["token"]) for _ in range(2)
            ]
        assert answers == [sent, sent]
        assert len(mails()) == 2


class TestPages:
    def open(self, visitor: Browser, form: Form, scene: Scene) -> Any:
        """The page after the form was sent."""
        data = form.fields(scene)
        project = data.pop("project", {})
        typed = {
            **(project if isinstance(project, dict) else {}),
            **{
                name: value
                for name, value in data.items()
                if isinstance(value, str | list) and name != "id"
            },
            "consent": "true",
            form.email: WRONG,
        }
        page = visitor.form(form.path(scene, data))
        return visitor.send(page.with_values(**typed))

    def test_show_the_address_and_take_another_one(self, visitor, form, scene):
        response = self.open(visitor, form, scene)
        path = response.request.path
        assert path.endswith("/sent")
        assert WRONG in text_of(html(response))
        assert "no-store" in response.headers["Cache-Control"]
        assert "public" not in response.headers["Cache-Control"]
        again = visitor.form(path)
        assert again["email"] == WRONG

        response = visitor.send(again.with_values(email="kim"))
        assert response.status_code == 200
        assert html(response).select_one("#errors")
        assert getattr(form.row(), form.email) == WRONG

        response = visitor.send(again.with_values(email=RIGHT))
        assert response.request.path == path
        assert RIGHT in text_of(html(response))
        assert [mail.recipient_email for mail in mails()] == [RIGHT]

    def test_tell_others_nothing(self, visitor, form, scene):
        path = self.open(visitor, form, scene).request.path
        stranger = visitor.stranger()
        response = stranger.get(path)
        assert response.status_code == 200
        assert WRONG not in response.body
        assert not html(response).select("form.digifarm-form")
        data = {"_csrf_token": stranger.token(), "email": RIGHT}
        response = stranger.post(path, data=data)
        assert response.status_code == 200
        assert getattr(form.row(), form.email) == WRONG
        assert len(mails()) == 1

    def test_need_a_token_of_the_session(self, visitor, form, scene):
        path = self.open(visitor, form, scene).request.path
        assert visitor.post(path, data={"email": RIGHT}).status_code == 400
        assert len(mails()) == 1

    def test_say_how_it_stands_once_it_is_confirmed(
        self, visitor, form, scene
    ):
        path = self.open(visitor, form, scene).request.path
        again = visitor.form(path)
        as_user("", form.confirm, token=token_in(mails()[0]))
        count = len(mails())
        response = visitor.send(again)
        assert response.status_code == 410
        assert len(mails()) == count
        assert WRONG not in visitor.get(path).body


def test_a_token_is_the_same_for_the_same_form(form, scene):
    data = {**form.fields(scene), form.email: WRONG, "submission": "one"}
    first, second = [as_user("", form.send, **data) for _ in range(2)]
    assert first == second
    id_, key = tokens.read(first["token"], tokens.Purpose.SENT)
    assert (id_, key) == (form.row().id, form.row().token_key)
