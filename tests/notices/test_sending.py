"""What people are told is looked at once more when its mail goes out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.lib import clock, outbox
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.notices import digests, sending, urgent, writing
from ckanext.digifarm.notices.model import NEVER, Notice, NoticeSettings
from dev.counting import counting

from ..acting import organization_of
from ..mail_server import text
from ..outbox import waiting_mails
from ..working import run_due
from .news import LATER, URGENT, notices, said, user

pytestmark = pytest.mark.usefixtures("shared_portal", "nothing")


def package(**fields: Any) -> model.Package:
    found = model.Package.get(factories.Dataset(**fields)["id"])
    assert found
    return found


def hide(found: model.Package) -> None:
    found.private = True
    model.Session.commit()


def digest(reader: model.User, *packages: model.Package | None) -> Mail:
    """A digest that waits, with a line for each of some packages."""
    for number, about in enumerate(packages):
        said(
            LATER,
            reader,
            key=str(number),
            title=f"News {number}",
            package_ids=[about.id] if about else [],
        )
    found = notices()
    letter = writing.digest(reader, found, 0)
    id_ = sending.write(letter, reader, sending.DIGEST)
    model.Session.query(Notice).update({"mail_id": id_})
    model.Session.commit()
    [mail] = waiting_mails()
    return mail


class TestAtOnce:
    def test_is_sent_and_noted(self, server):
        reader = user()
        said(URGENT, reader, package_ids=[package().id])
        assert outbox.send_due() == {"done": 1}
        assert server.recipients == [reader.email]
        [notice] = notices()
        assert notice.mail_id is None
        assert notice.sent

    def test_ends_its_first_line_once(self, server):
        for title in ("It is new", "It says: gone."):
            outbox.write(
                "notices/emails/notice",
                outbox.Recipient(user().email, "", "en"),
                subject_id="",
                title=title,
            )
        model.Session.commit()
        bodies = " ".join(mail.body for mail in waiting_mails())
        assert "\nIt is new.\n" in bodies
        assert "\nIt says: gone.\n" in bodies

    def test_stays_on_the_page_of_who_turns_it_off(self, server):
        reader = user()
        said(URGENT, reader)
        model.Session.add(NoticeSettings(user_id=reader.id, off=[URGENT.name]))
        model.Session.commit()
        outbox.send_due()
        assert (server.messages, waiting_mails()) == ([], [])
        [notice] = notices()
        assert (notice.mail_id, notice.sent) == (None, None)
        run_due("urgent-notices")
        assert waiting_mails() == []

    @pytest.mark.parametrize("reason", ["deleted", "pending", "hidden"])
    def test_is_dropped_where_it_may_not_be_told(self, reason, server):
        reader, about = user(), package()
        said(URGENT, reader, package_ids=[about.id])
        if reason == "hidden":
            hide(about)
        else:
            reader.state = reason
        model.Session.commit()
        outbox.send_due()
        assert server.messages == []
        assert waiting_mails() == []
        assert notices() == []

    def test_of_what_is_gone_for_good_is_dropped(self, server):
        said(URGENT, user(), package_ids=["no-such-package"])
        outbox.send_due()
        assert (server.messages, notices()) == ([], [])

    def test_of_what_only_the_team_may_read_is_told_to_the_team(self, server):
        member, other = user(), user()
        about = package(
            owner_org=organization_of(member=[member.name]), private=True
        )
        said(URGENT, member, other, package_ids=[about.id])
        outbox.send_due()
        assert server.recipients == [member.email]

    def test_goes_where_its_reader_is_now(self, server):
        reader = user()
        said(URGENT, reader)
        [mail] = waiting_mails()
        before = mail.unsubscribe
        reader.email = "new@example.org"
        model.Session.commit()
        outbox.send_due()
        assert server.recipients == ["new@example.org"]
        assert before not in str(server.messages[0]["List-Unsubscribe"])

    def test_that_fails_is_told_later(self, server):
        reader = user()
        server.unknown.add(reader.email)
        said(URGENT, reader)
        assert outbox.send_due() == {"failed": 1}
        [notice] = notices()
        [mail] = waiting_mails()
        assert (notice.mail_id, notice.sent) == (mail.id, None)
        assert mail.attempts == 1

    def test_whose_check_fails_stops_no_other(self, server, monkeypatch):
        first, second = user(), user()
        said(URGENT, first)
        outbox.write(
            "notices/emails/notice",
            outbox.Recipient(second.email, "", "en"),
            subject_id="",
        )
        model.Session.commit()

        def fails(mail: Mail) -> bool:
            model.Session.execute(model.sql.text("SELECT nothing"))
            return True

        check = outbox.Check("notice", fails, lambda mail: None)
        monkeypatch.setitem(outbox._CHECKS, "notice", check)
        assert outbox.send_due() == {"done": 1, "failed": 1}
        assert server.recipients == [second.email]


class TestTogether:
    """What is urgent, and was found at once with others of its kind."""

    def found(self, reader: model.User, *packages: model.Package) -> None:
        for number, about in enumerate(packages):
            said(
                URGENT,
                reader,
                key=str(number),
                title=f"Data {number}",
                package_ids=[about.id],
                is_told=False,
            )
        assert waiting_mails() == []
        run_due("urgent-notices")
        model.Session.rollback()

    def test_is_one_mail(self, server):
        reader = user()
        self.found(reader, package(), package())
        assert urgent.waiting() == []
        assert outbox.send_due() == {"done": 1}
        [message] = server.messages
        assert message["Subject"] == URGENT.label()
        for number in range(2):
            assert f"“Data {number}” is gone" in text(message)
        assert "List-Unsubscribe" in message
        assert [one.mail_id for one in notices()] == [None, None]
        assert all(one.sent for one in notices())

    def test_of_one_is_as_any_other(self, server):
        self.found(user(), package())
        outbox.send_due()
        [message] = server.messages
        assert message["Subject"] == "“Data 0” is gone"

    def test_leaves_out_what_may_not_be_read_by_then(self, server):
        first, second, third = package(), package(), package()
        self.found(user(), first, second, third)
        hide(second)
        outbox.send_due()
        [message] = server.messages
        assert "Data 0" in text(message)
        assert "Data 1" not in text(message)
        assert "Data 1" not in str(message)
        assert len(notices()) == 2

    def test_is_not_sent_where_nothing_is_left(self, server):
        first, second = package(), package()
        self.found(user(), first, second)
        hide(first)
        hide(second)
        outbox.send_due()
        assert (server.messages, waiting_mails()) == ([], [])

    def test_is_no_part_of_a_digest(self, server):
        self.found(user(), package(), package())
        later = clock.now() + timedelta(days=8)
        with freeze_time(later):
            digests.write_digests()
        assert len(waiting_mails()) == 1


class TestDigest:
    def test_is_sent_as_it_was_written(self, server):
        reader = user()
        mail = digest(reader, package(), None)
        outbox.send_due()
        [message] = server.messages
        assert text(message) == mail.body
        assert all(one.sent and not one.mail_id for one in notices())

    def test_is_written_anew_without_what_may_not_be_read(self, server):
        hidden = package()
        digest(user(), package(), hidden, None)
        hide(hidden)
        outbox.send_due()
        told = text(server.messages[0])
        assert "“News 0” is new" in told
        assert "“News 2” is new" in told
        assert "News 1" not in told
        assert [one.key for one in notices()] == ["0", "2"]

    def test_is_not_sent_where_nothing_is_left(self, server):
        hidden = package()
        digest(user(), hidden)
        hide(hidden)
        assert outbox.send_due() == {"done": 1}
        assert (server.messages, waiting_mails(), notices()) == ([], [], [])

    def test_is_not_sent_to_who_wants_none_any_more(self, server):
        reader = user()
        digest(reader, None)
        NoticeSettings.change(reader.id, {"digest": NEVER})
        model.Session.commit()
        outbox.send_due()
        assert (server.messages, waiting_mails()) == ([], [])
        [notice] = notices()
        assert (notice.mail_id, notice.sent) == (None, None)

    def test_costs_no_more_with_many_lines(self, server):
        organization = organization_of(editor=[user().name])

        def cost(lines: int) -> int:
            model.Session.query(Notice).delete()
            reader = user()
            digest(
                reader,
                *(package(owner_org=organization) for _ in range(lines)),
            )
            model.Session.remove()
            with counting() as counted:
                outbox.send_due()
            return len(counted.sql)

        assert cost(40) == cost(2)
        assert len(server.messages) == 2
