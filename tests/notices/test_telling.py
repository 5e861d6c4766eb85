"""People are told what concerns them, each once."""

from __future__ import annotations

import pytest

from ckan import model
from ckanext.digifarm.notices.model import Notice, NoticeSettings
from dev.counting import counting

from ..outbox import empty_outbox, waiting_mails
from .news import LATER, URGENT, said, user

pytestmark = pytest.mark.usefixtures("shared_portal", "nothing")


def test_what_is_urgent_is_a_mail_at_once():
    reader = user()
    assert said(URGENT, reader) == 1
    [mail] = waiting_mails()
    assert (mail.recipient_email, mail.subject) == (
        reader.email,
        "“Bäume” is gone",
    )
    assert "It was deleted." in mail.body
    assert "- Look at the project: https://example.org/a" in mail.body
    [notice] = model.Session.query(Notice)
    assert (notice.mail_id, notice.sent) == (mail.id, None)


def test_what_is_not_waits():
    assert said(LATER, user()) == 1
    assert waiting_mails() == []
    [notice] = model.Session.query(Notice)
    assert notice.mail_id is None


def test_nobody_is_told_twice():
    first, second = user(), user()
    assert said(URGENT, first) == 1
    empty_outbox()
    assert said(URGENT, first, second) == 1
    assert [m.recipient_email for m in waiting_mails()] == [second.email]
    assert said(URGENT, first, key="b") == 1


def test_who_wants_none_gets_none():
    off, other = user(), user()
    model.Session.add(NoticeSettings(user_id=off.id, off=[URGENT.name]))
    model.Session.add(NoticeSettings(user_id=other.id, off=[LATER.name]))
    model.Session.commit()
    assert said(URGENT, off, other) == 2
    assert [m.recipient_email for m in waiting_mails()] == [other.email]


@pytest.mark.parametrize("state", ["deleted", "pending"])
def test_who_is_not_active_gets_none(state):
    gone = user()
    gone.state = state
    model.Session.commit()
    assert said(URGENT, gone) == 0
    assert waiting_mails() == []


def test_many_cost_no_more_statements():
    users = [user() for _ in range(5)]

    def cost(*readers: model.User, key: str) -> int:
        with counting() as counted:
            said(URGENT, *readers, key=key, is_told=False)
        return len(counted.sql)

    few = cost(users[0], key="few")
    assert cost(*users, key="many") == few
