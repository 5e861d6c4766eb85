"""Who wants news gets them together in one mail, at an hour of their own."""

from __future__ import annotations

import datetime
import threading
import time
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from freezegun import freeze_time

from ckan import model
from ckan.model.types import make_uuid
from ckanext.digifarm.lib import clock, outbox
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.notices import digests, due, sending
from ckanext.digifarm.notices.model import Notice, NoticeSettings
from dev.counting import counting

from ..acting import in_two_threads
from ..outbox import empty_outbox, waiting_mails
from .news import LATER, URGENT, notices, said, user

pytestmark = pytest.mark.usefixtures("shared_app", "nothing")

DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
WEEK = 7 * DAY

[DIGESTS] = [kind for kind in due.KINDS if kind.name == "digests"]


def write(after: datetime.timedelta = WEEK) -> list[Mail]:
    """The digests that are written some time from now."""
    with freeze_time(clock.now() + after):
        digests.write_digests()
    return waiting_mails()


def choose(reader: model.User, digest: str) -> None:
    NoticeSettings.change(reader.id, {"digest": digest})
    model.Session.commit()


class TestWhen:
    def test_is_once_a_week_at_an_hour_of_ones_own(self):
        reader = user()
        said(LATER, reader)
        start = clock.now()
        hours = []
        # Each second hour, as all of them take long.
        for hour in range(0, 2 * 168, 2):
            now = start + hour * HOUR
            with freeze_time(now):
                digests.write_digests()
            if waiting_mails():
                empty_outbox()
                hours.append(hour)
                with freeze_time(now):
                    said(LATER, reader, key=str(hour))
        # What comes after its hour has begun waits for the next.
        assert len(hours) == 2
        assert hours[1] - hours[0] == 168

    def test_is_once_a_day_for_who_wants_that(self):
        reader = user()
        choose(reader, "daily")
        said(LATER, reader)
        assert len(write(DAY)) == 1
        empty_outbox()
        said(LATER, reader, key="b")
        assert len(write(DAY)) == 1

    def test_is_never_for_who_wants_none(self):
        reader = user()
        choose(reader, "never")
        said(LATER, reader)
        assert write(4 * WEEK) == []
        assert len(notices()) == 1

    def test_is_not_of_what_came_long_ago(self):
        reader = user()
        choose(reader, "never")
        said(LATER, reader)
        choose(reader, "weekly")
        assert write(5 * WEEK) == []

    def test_is_spread(self):
        ids = [make_uuid() for _ in range(200)]
        hours = {
            model.Session.scalar(sa.select(digests.hour_of(id_)))
            for id_ in ids
        }
        assert len(hours) > 80
        assert hours <= {*range(168)}

    def test_is_not_missed_where_nobody_looked(self):
        said(LATER, user())
        assert len(write(WEEK + 3 * DAY)) == 1


class TestWho:
    @pytest.mark.parametrize(
        "change",
        [
            {"state": "deleted"},
            {"state": "pending"},
            {"email": None},
            {"email": ""},
        ],
        ids=str,
    )
    def test_is_not_there_gets_none(self, change):
        reader, other = user(), user()
        said(LATER, reader, other)
        for name, value in change.items():
            setattr(reader, name, value)
        model.Session.commit()
        assert [m.recipient_email for m in write()] == [other.email]

    def test_has_no_news_gets_none(self):
        user()
        assert write() == []

    def test_has_turned_all_of_it_off_gets_none(self):
        reader = user()
        said(LATER, reader)
        NoticeSettings.change(reader.id, {"off": [LATER.name]})
        model.Session.commit()
        assert write() == []

    def test_was_told_at_once_is_not_told_again(self):
        said(URGENT, user())
        empty_outbox()
        assert write() == []


class TestMail:
    def test_names_all_that_is_new_by_its_kind(self):
        reader = user(fullname="Kim")
        for number in (1, 2):
            said(LATER, reader, key=str(number), title=f"Neues {number}")
        [mail] = write()
        assert mail.subject == "News of projects and datasets for you"
        assert mail.body.startswith(
            "Hello Kim,\n\nthis is new:\n\nWhat is new:\n"
            "- “Neues 2” is new – See it: https://example.org/b\n"
            "- “Neues 1” is new – See it: https://example.org/b\n\n"
        )
        assert mail.unsubscribe.startswith(
            "http://test.ckan.net/dashboard/notifications/off/"
        )
        assert "more" not in mail.body.partition("Kind regards")[0]

    def test_is_html_too(self):
        said(LATER, user(), title="<b>Bäume & „Büsche“</b>\n- x")
        [mail] = write()
        page = BeautifulSoup(mail.body_html, "html.parser")
        [item] = page.select("ul li")
        assert "“<b>Bäume & „Büsche“</b> - x” is new" in item.get_text()
        assert [a["href"] for a in item.select("a")] == [
            "https://example.org/b"
        ]
        assert not page.select("b")

    def test_has_at_most_40_lines(self):
        reader = user()
        for number in range(43):
            said(LATER, reader, key=str(number), title=f"Nr. {number}")
        [mail] = write()
        assert mail.body.count("\n- ") == 40
        assert "“Nr. 42”" in mail.body
        assert "“Nr. 2”" not in mail.body
        assert (
            "And 3 more: http://test.ckan.net/dashboard/notifications\n"
            in mail.body
        )

    def test_is_sent_and_then_nothing_waits(self, server):
        reader = user()
        said(LATER, reader)
        write()
        outbox.send_due()
        assert server.recipients == [reader.email]
        assert write() == []
        assert notices()[0].sent


def crowd(number: int, each: int = 1) -> list[str]:
    """Ids of many new users whom something is to be told."""
    prefix = f"crowd-{time.monotonic_ns()}"
    users = [
        {
            "id": f"{prefix}-{n:05}",
            "name": f"{prefix}-{n:05}",
            "email": f"{prefix}-{n:05}@example.org",
            "state": "active",
        }
        for n in range(number)
    ]
    model.Session.execute(sa.insert(model.user_table), users)
    rows = [
        {
            "id": make_uuid(),
            "user_id": reader["id"],
            "kind": LATER.name,
            "key": str(n),
            "package_ids": [],
            "data": {"title": f"Nr. {n}"},
            "created": clock.now(),
        }
        for reader in users
        for n in range(each)
    ]
    model.Session.execute(sa.insert(Notice), rows)
    model.Session.commit()
    return [reader["id"] for reader in users]


class TestMany:
    def test_cost_no_more_in_a_batch(self):
        def cost(readers: int) -> int:
            crowd(readers)
            with counting() as counted:
                assert len(write()) == readers
            empty_outbox()
            return len(counted.sql)

        assert cost(50) == cost(1)

    def test_are_written_to_in_one_run(self, monkeypatch):
        ids = crowd(1000, each=3)
        commits = []
        commit = model.Session.commit
        monkeypatch.setattr(
            model.Session, "commit", lambda: (commits.append(1), commit())
        )
        start = time.monotonic()
        mails = write()
        assert time.monotonic() - start < 60
        assert sorted(mail.subject_id for mail in mails) == ids
        assert len(commits) == 10
        assert {one.mail_id for one in notices()} == {m.id for m in mails}

    def test_are_not_held_in_memory(self, monkeypatch):
        monkeypatch.setattr(digests, "BATCH", 20)
        held: list[int] = []
        write_batch = digests._write

        def measured(*args: Any) -> None:
            held.append(len([*model.Session]))
            write_batch(*args)

        monkeypatch.setattr(digests, "_write", measured)
        crowd(100)
        write()
        assert held == [0] * 5

    def test_are_written_to_once_where_it_breaks_off(self, monkeypatch):
        monkeypatch.setattr(digests, "BATCH", 20)
        ids = crowd(60)
        write_batch, calls = digests._write, []

        def breaks(*args: Any) -> None:
            write_batch(*args)
            calls.append(args)
            if len(calls) == 2:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(digests, "_write", breaks)
            with pytest.raises(KeyboardInterrupt):
                write()
        model.Session.rollback()
        assert len(waiting_mails()) == 20
        assert sorted(mail.subject_id for mail in write()) == ids

    def test_are_written_to_once_by_two(self, monkeypatch, shared_app):
        """Also where nothing else kept them apart."""
        monkeypatch.setattr(digests, "BATCH", 20)
        ids = crowd(60)
        model.Session.remove()
        later = clock.now() + WEEK
        both, write_batch = threading.Barrier(2, timeout=20), digests._write

        def at_once(*args: Any) -> None:
            # Both have seen the same people.
            both.wait()
            write_batch(later, args[1])

        monkeypatch.setattr(digests, "_write", at_once)
        with freeze_time(later):
            in_two_threads(
                shared_app, digests.write_digests, digests.write_digests
            )
        assert sorted(m.subject_id for m in waiting_mails()) == ids

    def test_are_due_work(self, shared_app):
        ids = crowd(30)
        model.Session.remove()
        with freeze_time(clock.now() + WEEK):
            counts = in_two_threads(shared_app, DIGESTS.run, DIGESTS.run)
        assert {"done": 1} in counts
        assert sorted(m.subject_id for m in waiting_mails()) == ids
        assert sending.count(waiting_mails()[0].id) == 1
