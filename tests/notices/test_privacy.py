"""What people were told is theirs to read, and is forgotten."""

from __future__ import annotations

import datetime

import pytest
from freezegun import freeze_time

from ckan import model
from ckanext.digifarm import privacy
from ckanext.digifarm.lib import clock
from ckanext.digifarm.notices.model import Notice, NoticeSettings
from ckanext.digifarm.privacy.places import OF_OTHERS

from ..outbox import waiting_mails
from .news import LATER, URGENT, notices, said, user

pytestmark = pytest.mark.usefixtures("shared_app", "nothing")

KIM = "kim_privat@example.org"


@pytest.fixture(autouse=True)
def nobody_else(nothing) -> None:
    """Each test has a Kim of its own."""
    model.Session.query(model.User).filter_by(email=KIM).update(
        {"email": None}
    )
    model.Session.commit()


def settings_of(reader: model.User) -> NoticeSettings | None:
    model.Session.rollback()
    return model.Session.get(NoticeSettings, reader.id, populate_existing=True)


def test_export_tells_what_was_told_and_what_is_wanted():
    kim, other = user(email=KIM), user()
    said(LATER, kim, other, title="Bäume")
    NoticeSettings.change(kim.id, {"off": [URGENT.name], "digest": "daily"})
    NoticeSettings.change(other.id, {"digest": "never"})
    model.Session.commit()
    found = privacy.export(KIM)
    [told] = found["notice"]
    assert (told["about"], told["title"], told["sent"]) == (
        "What is new",
        "“Bäume” is new",
        None,
    )
    assert found["notice_settings"] == [
        {"off": [URGENT.name], "digest": "daily"}
    ]


def test_erase_deletes_what_was_told_and_keeps_what_is_wanted():
    """Who goes on using the account gets nothing that was turned off."""
    kim, other = user(email=KIM), user()
    said(URGENT, kim, other)
    NoticeSettings.change(kim.id, {"digest": "never"})
    model.Session.commit()
    assert privacy.erase(KIM).counts["notice"] == 1
    assert [one.user_id for one in notices()] == [other.id]
    assert [m.recipient_email for m in waiting_mails()] == [other.email]
    assert settings_of(kim)


def test_erase_deletes_all_of_an_account_that_is_closed():
    kim, other = user(email=KIM), user()
    said(LATER, kim)
    for reader in (kim, other):
        NoticeSettings.change(reader.id, {"digest": "never"})
    model.Session.commit()
    privacy.erase(KIM, with_account=True)
    assert notices() == []
    assert settings_of(kim) is None
    assert settings_of(other)


def test_erase_finds_words_in_what_others_were_told():
    user(email=KIM, fullname="Kim Privatissima")
    other = user()
    said(LATER, other, title=f"Fragen an {KIM}")
    said(LATER, other, key="b", title="Kim Privatissimas Bäume")
    said(LATER, other, key="c", title="Mit Kim Privatissima")
    found = privacy.erase(KIM)
    titles = [one.data["title"] for one in notices()]
    assert titles[0] == "Fragen an …"
    assert titles[2] == "Mit Kim Privatissima"
    place = f"What account {other.id} was told"
    assert place in {one.what for one in found.covered}
    assert (place, OF_OTHERS) in {(one.what, one.reason) for one in found.left}
    privacy.erase(KIM, names=["Kim Privatissima"], cover_names=True)
    assert notices()[2].data["title"] == "Mit …"


def test_purge_deletes_what_was_told_long_ago():
    reader = user()
    with freeze_time(clock.now() - datetime.timedelta(days=181)):
        said(LATER, reader, key="old")
    said(LATER, reader, key="new")
    assert privacy.purge()["notices"] == 1
    assert [one.key for one in notices()] == ["new"]


def test_accounts_that_go_take_theirs_along():
    reader = user()
    said(LATER, reader)
    NoticeSettings.change(reader.id, {"digest": "never"})
    model.Session.commit()
    model.Session.delete(reader)
    model.Session.commit()
    assert model.Session.query(Notice).count() == 0
    assert model.Session.query(NoticeSettings).count() == 0
