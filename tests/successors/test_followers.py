"""Who follows a dataset is told in the digest what replaces it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from freezegun import freeze_time

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.lib import clock, outbox
from ckanext.digifarm.lib.events import Reader
from ckanext.digifarm.notices import digests
from ckanext.digifarm.notices.kinds import KINDS
from ckanext.digifarm.notices.model import Notice

from ..acting import as_portal, as_user
from ..notices.gathered import gather
from ..outbox import waiting_mails
from .conftest import change, replace

KIND = "followed-data"


@pytest.fixture(autouse=True)
def begun(nothing_left) -> None:
    model.Session.query(Reader).delete()
    model.Session.commit()
    gather()


def follow(dataset) -> str:
    name = factories.User()["name"]
    as_user(name, "follow_dataset", id=dataset["id"])
    return name


def told() -> dict[str, list[str]]:
    model.Session.rollback()
    found: dict[str, list[str]] = {}
    for notice in model.Session.query(Notice).filter_by(kind=KIND):
        name = model.Session.get(model.User, notice.user_id).name
        found.setdefault(name, []).append(KINDS[KIND].line([notice.data]))
    return found


def test_followers_are_told_once(dataset):
    old, new = dataset("Alt"), dataset("Neu")
    follower, _ = follow(old), follow(new)
    replace(old, new)
    gather()
    gather()
    assert told() == {follower: ["“Alt” was replaced by “Neu”."]}


def test_who_has_said_so_is_not_told(dataset, people):
    old, new = dataset(), dataset()
    as_user(people["publisher"], "follow_dataset", id=old["id"])
    as_user(
        people["publisher"],
        "digifarm_successor_set",
        dataset=old["id"],
        successor=new["id"],
    )
    gather()
    assert told() == {}


def test_what_was_taken_back_is_not_told(dataset):
    old, new = dataset(), dataset()
    follow(old)
    replace(old, new)
    as_portal("digifarm_successor_remove", dataset=old["id"])
    gather()
    assert told() == {}


def test_what_was_named_last_is_told(dataset):
    old, wrong, right = dataset("Alt"), dataset("Falsch"), dataset("Neu")
    follower = follow(old)
    replace(old, wrong)
    replace(old, right)
    gather()
    assert told() == {follower: ["“Alt” was replaced by “Neu”."]}


@pytest.mark.parametrize("columns", [{"private": True}, {"state": "deleted"}])
@pytest.mark.parametrize("which", [0, 1])
def test_what_they_may_not_read_is_not_told(dataset, which, columns):
    pair = dataset("Alt"), dataset("Neu")
    follower = follow(pair[0])
    replace(*pair)
    change(pair[which], **columns)
    gather()
    assert as_user(follower, "digifarm_notice_list")["results"] == []
    with freeze_time(clock.now() + timedelta(days=8)):
        digests.write_digests()
        outbox.send_due()
    address = model.User.by_name(follower).email
    assert [m for m in waiting_mails() if m.recipient_email == address] == []


def test_what_is_taken_back_before_the_mail_goes_is_not_in_it(dataset):
    old, new = dataset("Alt"), dataset("Neu")
    follower = follow(old)
    replace(old, new)
    gather()
    with freeze_time(clock.now() + timedelta(days=8)):
        digests.write_digests()
    address = model.User.by_name(follower).email
    assert address in {mail.recipient_email for mail in waiting_mails()}
    as_portal("digifarm_successor_remove", dataset=old["id"])
    outbox.send_due()
    assert told() == {}
