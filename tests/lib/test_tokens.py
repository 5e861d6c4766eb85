"""Links that let somebody do one thing, once, for some days."""

from __future__ import annotations

import datetime

import ckantoolkit as tk
import pytest
from freezegun import freeze_time

from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import clock, tokens
from ckanext.digifarm.lib.tokens import Purpose

from ..acting import as_user
from ..offering import (
    confirm,
    create_people,
    create_project,
    empty_tables,
    get,
    offer,
    outbox,
    token_of,
)

pytestmark = pytest.mark.usefixtures("shared_app")

PURPOSE = Purpose.SUPPORT_CONFIRM


@pytest.fixture
def token() -> str:
    return tokens.make(PURPOSE, "an id", "a key")


def complaint(token: str, *purposes: Purpose) -> str:
    with pytest.raises(tk.Invalid) as raised:
        tokens.read(token, *(purposes or [PURPOSE]))
    return raised.value.error


def test_names_a_row_and_its_key(token):
    assert tokens.read(token, PURPOSE) == ("an id", "a key")
    assert tokens.read(token, Purpose.FORM, PURPOSE) == ("an id", "a key")


def test_fits_into_an_address(token):
    assert tk.h.url_for("digifarm_offers.by_link", token=token).endswith(token)


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("other", list(Purpose))
def test_is_good_for_one_purpose(purpose, other):
    token = tokens.make(purpose, "an id", "a key")
    if purpose is other:
        assert tokens.read(token, other) == ("an id", "a key")
    else:
        assert "not valid" in complaint(token, other)


@pytest.mark.parametrize(
    ("on", "is_good"),
    [
        ("2026-05-03 12:00:00", True),
        ("2026-05-07 23:59:00", True),
        ("2026-05-08 00:01:00", False),
        ("2027-05-01 00:00:00", False),
        # Signed by a machine whose clock is far ahead.
        ("2026-04-01 00:00:00", False),
    ],
)
def test_expires(on, is_good):
    with freeze_time("2026-05-01"):
        token = tokens.make(PURPOSE, "an id", "a key")
    with freeze_time(on):
        if is_good:
            assert tokens.read(token, PURPOSE)
        else:
            assert complaint(token) == "This link has expired"
            assert "expired" in complaint(token, Purpose.FORM, PURPOSE)
            # Whoever tries a link for something else learns no more.
            assert "not valid" in complaint(token, Purpose.FORM)


def test_expires_when_the_portal_says():
    with freeze_time("2026-05-01"):
        token = tokens.make(PURPOSE, "an id", "a key")
    with (
        freeze_time("2026-05-03"),
        changed_config("ckanext.digifarm.token_days", 1),
    ):
        assert complaint(token) == "This link has expired"


@pytest.mark.parametrize(
    "change",
    [
        lambda token: "",
        lambda token: "nonsense",
        lambda token: "...",
        lambda token: token[:-1],
        lambda token: token[1:],
        lambda token: token.rpartition(".")[0],
        lambda token: f"{token}x",
        lambda token: token.replace(".", "x.", 1),
        lambda token: f"ä{token}",
        lambda token: f"{token}\x00",
        # The end of another one, which was signed at the same moment.
        lambda token: (
            token.partition(".")[0]
            + "."
            + tokens.make(PURPOSE, "b", "b").partition(".")[2]
        ),
    ],
)
def test_is_of_no_use_when_it_is_changed(change, token):
    assert "not valid" in complaint(change(token))


def test_is_of_no_use_on_another_portal(token):
    with changed_config("SECRET_KEY", "of another portal"):
        assert "not valid" in complaint(token)
    assert tokens.read(token, PURPOSE)


def test_keys_are_new_each_time():
    assert len({tokens.new_key() for _ in range(100)}) == 100


class TestOfSupport:
    @pytest.fixture(autouse=True)
    def nothing(self, shared_app) -> None:
        empty_tables()

    @pytest.fixture(scope="class")
    @classmethod
    def project(cls, shared_app):
        return create_project(create_people())

    def refusal(self, action: str, **data: str) -> str:
        with pytest.raises(tk.ValidationError) as raised:
            as_user("", action, **data)
        [(field, [message])] = raised.value.error_dict.items()
        assert field == "token"
        return message

    def test_is_of_use_once(self, project):
        support = offer(project=project["id"])
        first = token_of(support, Purpose.SUPPORT_CONFIRM)
        assert first in outbox()[0].body
        second = token_of(confirm(support))
        assert "used" in self.refusal("digifarm_support_confirm", token=first)
        as_user("", "digifarm_support_withdraw", token=second)
        for action in ("withdraw", "end", "show"):
            message = self.refusal(f"digifarm_support_{action}", token=second)
            assert "used" in message
        assert get(support.id).state == "withdrawn"

    def test_is_of_no_use_for_another_step(self, project):
        support = offer(project=project["id"])
        confirming = token_of(support, Purpose.SUPPORT_CONFIRM)
        following = token_of(support)
        for action, token in (
            ("confirm", following),
            ("withdraw", confirming),
            ("accept", confirming),
        ):
            message = self.refusal(f"digifarm_support_{action}", token=token)
            assert "not valid" in message
        assert get(support.id).state == "unconfirmed"

    def test_is_of_no_use_for_another_support(self, project):
        one, two = (confirm(offer(project=project["id"])) for _ in range(2))
        mixed = tokens.make(Purpose.SUPPORT, one.id, two.token_key)
        assert "used" in self.refusal("digifarm_support_withdraw", token=mixed)
        message = self.refusal(
            "digifarm_support_withdraw", token=token_of(one), id=two.id
        )
        assert message == "This link is for something else"
        for action in ("withdraw", "show"):
            with pytest.raises(tk.NotAuthorized):
                tk.check_access(
                    f"digifarm_support_{action}",
                    {"user": ""},
                    {"token": token_of(one), "id": two.id},
                )
        assert {get(one.id).state, get(two.id).state} == {"offered"}

    def test_of_nothing(self, shared_app):
        token = tokens.make(Purpose.SUPPORT, "gone", "key")
        assert "used" in self.refusal("digifarm_support_end", token=token)

    def test_does_not_expire_the_offer(self, project):
        """It can be followed for long, and withdrawn."""
        support = confirm(offer(project=project["id"]))
        token = token_of(support)
        with freeze_time(clock.now() + datetime.timedelta(days=800)):
            message = self.refusal("digifarm_support_withdraw", token=token)
        assert message == "This link has expired"
        assert get(support.id).state == "offered"
        with freeze_time(clock.now() + datetime.timedelta(days=400)):
            as_user("", "digifarm_support_withdraw", token=token)
        assert get(support.id).state == "withdrawn"
