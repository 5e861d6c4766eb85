"""A form counts once if it went well, and not at all if it didn't."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa
from PIL import Image
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import FileStorage

from ckan import model
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.lib.rate_limits import LimitReached
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.questions.model import Question
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import TaskAssignment

from ..acting import in_two_threads
from ..locks import DONE, attempt
from ..offering import OFFER
from ..proposing import CONDITIONS, PROJECT, SECRETS
from ..scenes import (
    KIM,
    PARTNER,
    QUESTION,
    Scene,
    task,
    traces,
)
from ..uses import forget_uses

NAME = "a form"

NOTHING = {"events": [], "mails": [], "jobs": []}


@dataclass(frozen=True)
class Form:
    """Something that anybody may send.

    :param table: what becomes of it
    :param person: the field for the name of whoever sends it
    :param email: the field for their address
    :param fields: gives what is sent
    """

    action: str
    table: Any
    person: str
    email: str
    fields: Callable[[Scene], dict[str, Any]]

    def send(self, user: str, data: dict[str, Any], **more: Any) -> Any:
        """Send it.

        :param more: what else the context says
        """
        return call_action(
            self.action,
            {"user": user, "ignore_auth": False, **more},
            **{"submission": NAME, **data},
        )

    @property
    def count(self) -> int:
        """How many there are."""
        model.Session.rollback()
        return model.Session.query(self.table).count()


FORMS = {
    "offer": Form(
        "digifarm_support_offer",
        Support,
        "contact_name",
        "contact_email",
        lambda scene: {**OFFER, "project": scene.project["id"]},
    ),
    "offer of a new partner": Form(
        "digifarm_support_offer",
        Partner,
        "contact_name",
        "contact_email",
        lambda scene: {
            **OFFER,
            "project": scene.project["id"],
            "partner_title": PARTNER["title"],
            "partner_kind": "association",
        },
    ),
    "registration": Form(
        "digifarm_partner_register",
        Partner,
        "contact_name",
        "contact_email",
        lambda _: PARTNER,
    ),
    "claim": Form(
        "digifarm_task_take",
        TaskAssignment,
        "name",
        "email",
        lambda scene: {**KIM, "id": task("open")(scene).id},
    ),
    "question": Form(
        "digifarm_question_ask",
        Question,
        "name",
        "email",
        lambda scene: {**QUESTION, "project": scene.project["id"]},
    ),
    "proposal": Form(
        "digifarm_proposal_submit",
        Proposal,
        "proposer_name",
        "proposer_email",
        lambda _: {
            "project": PROJECT,
            "conditions": CONDITIONS,
            "consent": True,
            **SECRETS,
        },
    ),
}


@pytest.fixture(params=FORMS)
def form(request) -> Form:
    return FORMS[request.param]


@pytest.fixture
def data(form, scene) -> dict[str, Any]:
    return form.fields(scene)


@pytest.fixture(params=["anonymous", "other"])
def user(request, scene) -> str:
    return scene.named(request.param)


class TestTheSame:
    def test_sent_again_counts_once(self, form, data, user):
        answers = [form.send(user, data) for _ in range(3)]
        assert answers == [answers[0]] * 3
        assert form.count == 1

    def test_sent_at_once_counts_once(self, form, data, user, shared_app):
        form.send(user, data, defer_commit=True)
        model.Session.flush()
        told = traces(is_committed=False)
        model.Session.rollback()
        answers: list[Any] = []

        def click() -> None:
            answers.append(form.send(user, data))

        results = in_two_threads(shared_app, *[attempt(click)] * 4)
        assert results == [DONE] * 4
        assert answers == [answers[0]] * 4
        assert form.count == 1
        assert traces() == told

    def test_without_a_name_counts_each_time(self, form, data):
        for _ in range(2):
            form.send("", {**data, "submission": None})
        assert form.count == 2

    def test_with_another_name_counts_each_time(self, form, data):
        for name in ("one", "two"):
            form.send("", {**data, "submission": name})
        assert form.count == 2


class TestAnother:
    """What only looks like the same form."""

    def test_says_something_else(self, form, data):
        form.send("", data)
        form.send("", {**data, form.person: "Jemand anders"})
        assert form.count == 2

    def test_is_to_be_answered_elsewhere(self, form, data):
        form.send("", data)
        form.send("", {**data, form.email: "anders@example.org"})
        assert form.count == 2

    def test_is_sent_by_somebody_else(self, form, data, scene):
        without = {k: v for k, v in data.items() if k != form.email}
        form.send(scene.named("other"), without)
        late = {"id": ["Somebody was faster: this task is taken"]}
        second = attempt(lambda: form.send(scene.named("offerer"), without))
        is_claim = form.table is TaskAssignment
        assert second() == (late if is_claim else DONE)
        assert form.count == (1 if is_claim else 2)

    def test_has_another_picture_of_the_same_name(self, scene, tmp_path):
        form = FORMS["proposal"]
        data = form.fields(scene)
        with changed_config("ckan.storage_path", str(tmp_path)):
            for color in ("navy", "navy", "seagreen"):
                form.send("", {**data, "image_upload": upload(color)})
        assert form.count == 2


def upload(color: str) -> FileStorage:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), color).save(buffer, "PNG")
    buffer.seek(0)
    return FileStorage(buffer, "a.png", content_type="image/png")


class TestAfterAnError:
    """Who sends the form again has not sent it yet."""

    @pytest.fixture(autouse=True)
    def nothing_is_lost(self, form, data, user):
        yield
        assert form.count == 0
        assert traces() == NOTHING
        forget_uses()
        answer = form.send(user, data)
        assert form.count == 1
        assert form.send(user, data) == answer
        assert form.count == 1

    def test_of_what_was_said(self, form, data, user):
        with pytest.raises(tk.ValidationError):
            form.send(user, {**data, "consent": False})

    def test_of_a_limit(self, form, data, user, shared_app):
        with (
            changed_config("ckanext.digifarm.limits.address", "0 per hour"),
            shared_app.flask_app.test_request_context(),
            pytest.raises(LimitReached),
        ):
            form.send(user, data)
        model.Session.rollback()

    def test_of_a_mail(self, form, data, user, monkeypatch):
        def fail(*args: Any, **kwargs: Any) -> None:
            model.Session.flush()
            raise ZeroDivisionError

        with monkeypatch.context() as patch:
            patch.setattr("ckanext.digifarm.lib.outbox._rendered", fail)
            with pytest.raises(ZeroDivisionError):
                form.send(user, data)
        # Whoever commits now, commits nothing of it.
        model.Session.commit()

    def test_of_the_database(self, form, data, user):
        """A unique violation by the last that is written: a mail."""
        index = "create unique index of_a_test on digifarm_mail ((1))"
        model.Session.execute(sa.text(index))
        row = {
            "recipient_email": "a@example.org",
            "language": "en",
            "subject": "",
            "body": "",
            "body_html": "",
        }
        model.Session.execute(sa.insert(Mail).values(**row))
        model.Session.commit()
        try:
            with pytest.raises(IntegrityError):
                form.send(user, data)
            model.Session.commit()
        finally:
            model.Session.rollback()
            model.Session.execute(sa.text("drop index of_a_test"))
            model.Session.query(Mail).delete()
            model.Session.commit()

    def test_of_whoever_called(self, form, data, user):
        form.send(user, data, defer_commit=True)
        model.Session.rollback()
