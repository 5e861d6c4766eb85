"""Whoever is asked about several things on one day gets one mail."""

from __future__ import annotations

import concurrent.futures
import re
import threading
from datetime import datetime, time, timedelta
from email.message import EmailMessage
from time import sleep
from typing import Any

import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.confirmations.mails import CHECKS
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib import clock, outbox, posting
from ckanext.digifarm.lib.mail import Mail

from ..acting import copy_of
from ..outbox import empty_outbox, waiting_mails
from .asking import EDITOR, OWNER, REVIEWER, answer, row_of

#: In the morning, after the mails of the night are due.
MORNING = time(6)

PART = "/civic_project/review?part=unconfirmed"

LINK = re.compile(
    r"^  http://test\.ckan\.net(?:/de)?/civic_project/\S+$", re.MULTILINE
)


def owned(project: dict[str, Any], people: dict[str, str], title: str) -> Any:
    """Another project of the same owner."""
    found = copy_of(project, title=title)
    owner = model.User.get(people["owner"])
    model.Session.add(
        model.PackageMember(
            package_id=found["id"], user_id=owner.id, capacity="editor"
        )
    )
    model.Session.commit()
    return found


@pytest.fixture
def eight(project, people) -> list[dict[str, Any]]:
    """All projects of one owner."""
    more = [owned(project, people, f"Nr. {n}") for n in range(7)]
    return [project, *more]


def next_morning(calendar: Any) -> None:
    """Let the hour come in which mails go out."""
    now = clock.now()
    tomorrow = datetime.combine(now.date() + timedelta(days=1), MORNING)
    calendar.ahead += tomorrow - now


def sent(server: Any) -> list[EmailMessage]:
    """What goes out now."""
    model.Session.rollback()
    before = len(server.messages)
    outbox.send_due()
    return server.messages[before:]


def text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part
    return str(part.get_content())


def links(mail: EmailMessage) -> list[str]:
    return [found.strip() for found in LINK.findall(text(mail))]


class TestOwner:
    def test_gets_one_mail_and_each_link_works(self, eight, calendar, server):
        calendar.go_on(366)
        assert len(waiting_mails(OWNER)) == 8
        # Nobody is written to at once: the next one may follow.
        assert sent(server) == []
        next_morning(calendar)
        [mail] = sent(server)
        assert mail["To"].addresses[0].addr_spec == OWNER
        assert mail["Subject"].endswith(" – and 7 more")
        assert mail["List-Unsubscribe"] is None
        found = links(mail)
        assert len({*found}) == 8
        for project in eight:
            assert f"- Is “{project['title']}” still as" in text(mail)
        assert text(mail).count("you need not log in") == 1
        assert text(mail).count("Where nobody answers") == 1
        assert waiting_mails() == []
        for link in found:
            answer(link.rpartition("/")[2])
        for project in eight:
            assert row_of(project).answer == "confirmed"
        assert sent(server) == []

    def test_each_link_names_its_project(self, eight, calendar, server):
        calendar.go_on(366)
        next_morning(calendar)
        [mail] = sent(server)
        for project in eight:
            title = project["title"]
            line = rf"- Is “{re.escape(title)}” still.*\n  \S+/(\S+)\n"
            found = re.search(line, text(mail))
            assert found
            answer(found[1])
            assert row_of(project).answer == "confirmed"

    def test_is_html_with_links(self, eight, calendar, server):
        calendar.go_on(366)
        next_morning(calendar)
        [mail] = sent(server)
        body = mail.get_body(("html",)).get_content()
        for project in eight:
            assert f">Is “{project['title']}” still as its page says?</a>" in (
                body
            )
        assert body.count("<li>") == 8

    def test_with_one_gets_what_was_written(self, project, calendar, server):
        calendar.go_on(366)
        [written] = waiting_mails()
        subject, body = written.subject, written.body
        next_morning(calendar)
        [mail] = sent(server)
        assert mail["Subject"] == subject
        assert text(mail).split() == body.split()

    def test_two_days_apart_two_mails(self, project, people, calendar, server):
        calendar.go_on(364)
        later = owned(project, people, "Später")
        row = model.Package.get(later["id"])
        created = row.metadata_created + timedelta(days=2)
        row.metadata_created = created
        model.Session.commit()
        for days, title in ((2, project["title"]), (2, "Später")):
            calendar.go_on(days)
            next_morning(calendar)
            [mail] = sent(server)
            assert mail["Subject"] == f"Is “{title}” still as its page says?"

    def test_what_was_answered_is_left_out(self, eight, calendar, server):
        calendar.go_on(366)
        next_morning(calendar)
        model.Session.rollback()
        row = Confirmation.of("project", eight[3]["id"])
        mail = model.Session.query(Mail).filter_by(subject_id=row.id).one()
        found = re.search(r"/link/(\S+)", mail.body)
        assert found
        answer(found[1])
        [mail] = sent(server)
        assert len(links(mail)) == 7
        assert eight[3]["title"] not in text(mail)
        assert waiting_mails() == []

    def test_in_german(self, eight, calendar, server):
        with changed_config("ckan.locale_default", "de"):
            calendar.go_on(366)
            next_morning(calendar)
            [mail] = sent(server)
        assert mail["Content-Language"] == "de"
        assert mail["Subject"].startswith("Stimmt")
        assert len({*links(mail)}) == 8
        # Whose default it is, needs no language in addresses.
        assert not any("/de/" in link for link in links(mail))

    def test_reminders_and_first_questions(
        self, project, people, calendar, server
    ):
        other = owned(project, people, "Später")
        row = model.Package.get(other["id"])
        row.metadata_created += timedelta(days=15)
        model.Session.commit()
        calendar.go_on(366)
        assert len(waiting_mails()) == 1
        empty_outbox()
        calendar.go_on(15)
        next_morning(calendar)
        [mail] = sent(server)
        assert "Now and then we ask" in text(mail)
        assert "Some time ago we asked you" in text(mail)
        assert len({*links(mail)}) == 2

    def test_other_mails_keep_their_way_out(
        self, project, people, calendar, server
    ):
        owned(project, people, "Nr. 2")
        calendar.go_on(366)
        way_out = "http://test.ckan.net/stop"
        model.Session.add(
            Mail(
                recipient_email=OWNER,
                language="en",
                subject="Digest",
                body="Digest\n",
                body_html="<p>Digest</p>",
                unsubscribe=way_out,
            )
        )
        model.Session.commit()
        next_morning(calendar)
        found = {mail["Subject"]: mail for mail in sent(server)}
        assert len(found) == 2
        assert found.pop("Digest")["List-Unsubscribe"] == f"<{way_out}>"
        [questions] = found.values()
        assert questions["List-Unsubscribe"] is None
        assert len(links(questions)) == 2


class TestOthers:
    def test_reviewers_get_one_mail(self, project, people, calendar, server):
        for number in range(14):
            owned(project, people, f"Nr. {number}")
        calendar.go_on(366)
        calendar.go_on(57)
        empty_outbox()
        calendar.go_on(14)
        next_morning(calendar)
        [mail] = sent(server)
        assert mail["To"].addresses[0].addr_spec == REVIEWER
        assert mail["Subject"].endswith(" – and 14 more")
        # They decide on one page: nobody is told of 15 links of their own.
        assert len(links(mail)) == 1
        assert "This mail is about 15 things.\n" in text(mail)
        assert text(mail).index("- Nr. 13\n") < text(mail).index(PART)
        assert "you need not log in" not in text(mail)
        assert text(mail).count("Please log in and decide") == 1

    def test_editors_and_owners(self, eight, calendar, server):
        calendar.go_on(366)
        empty_outbox()
        calendar.go_on(57)
        next_morning(calendar)
        [mail] = sent(server)
        assert mail["To"].addresses[0].addr_spec == EDITOR
        assert "Do you know?" in text(mail)
        assert len({*links(mail)}) == 8
        calendar.go_on(40)
        next_morning(calendar)
        found = {m["To"].addresses[0].addr_spec: m for m in sent(server)}
        assert {*found} == {OWNER, REVIEWER}
        for project in eight:
            words = f"- “{project['title']}” counts as not confirmed\n"
            assert words in text(found[OWNER])
        subject = found[OWNER]["Subject"]
        assert subject.endswith("” counts as not confirmed – and 7 more")
        for link in links(found[OWNER]):
            answer(link.rpartition("/")[2])
        for project in eight:
            assert row_of(project).silent is None

    def test_the_citys_team_has_to_log_in(
        self, eight, people, calendar, server
    ):
        owner = model.User.get(people["owner"])
        before, owner.email = owner.email, ""
        model.Session.commit()
        with changed_config(
            "ckanext.digifarm.contact_email", "stadt@example.org"
        ):
            calendar.go_on(366)
            next_morning(calendar)
            mails = sent(server)
        model.User.get(people["owner"]).email = before
        model.Session.commit()
        [mail] = mails
        assert mail["To"].addresses[0].addr_spec == "stadt@example.org"
        assert "you need not log in" not in text(mail)
        assert "Please log in and click" in text(mail)
        assert not any("/link/" in link for link in links(mail))


class TestSafety:
    def test_a_server_that_is_down(self, eight, calendar, server):
        calendar.go_on(366)
        next_morning(calendar)
        server.stop()
        assert sent(server) == []
        assert len(waiting_mails()) == 8
        assert {mail.attempts for mail in waiting_mails()} == {1}
        server.start()
        assert sent(server) == []
        calendar.ahead += timedelta(hours=1)
        [mail] = sent(server)
        assert len({*links(mail)}) == 8
        assert sent(server) == []

    def test_a_broken_one_holds_up_no_other(
        self, eight, calendar, server, monkeypatch
    ):
        calendar.go_on(366)
        next_morning(calendar)
        bad = waiting_mails()[0].id
        check = CHECKS["confirmation_asked"]

        def may_go(mail: Mail) -> bool:
            if mail.id == bad:
                raise RuntimeError("broken")
            return check.may_go(mail)

        broken = outbox.Check(check.name, may_go, check.sent, check.part)
        monkeypatch.setitem(outbox._CHECKS, check.name, broken)
        [mail] = sent(server)
        assert len(links(mail)) == 7
        [left] = waiting_mails()
        assert (left.id, left.attempts) == (bad, 1)

    def test_several_senders_send_it_once(
        self, eight, calendar, server, monkeypatch
    ):
        calendar.go_on(366)
        next_morning(calendar)
        gathered = Mail.gathered

        def slowly(mail: Mail) -> list[Mail]:
            # So that each has one of the mails before any has all.
            sleep(0.2)
            return gathered(mail)

        monkeypatch.setattr(Mail, "gathered", slowly)
        server.delay = 0.05
        start = threading.Barrier(3)

        def send() -> None:
            start.wait()
            try:
                outbox.send_due()
            finally:
                model.Session.remove()

        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            for future in [pool.submit(send) for _ in range(3)]:
                future.result()
        assert len(server.messages) == 1
        assert len({*links(server.messages[0])}) == 8
        assert waiting_mails() == []

    def test_answers_to_others_go_meanwhile(
        self, eight, calendar, server, monkeypatch
    ):
        calendar.go_on(366)
        next_morning(calendar)
        mails = model.Session.query(Mail).order_by(Mail.created).all()
        for mail in mails[:4]:
            mail.reply_to = "first@example.org"
        model.Session.commit()
        begun, done = threading.Event(), threading.Event()
        send, next_due, asked = posting.send, Mail.next_due, []

        def slowly(mail: Mail, **said: str) -> None:
            if mail.reply_to:
                begun.set()
                done.wait(20)
            send(mail, **said)

        def counted() -> Mail | None:
            asked.append(1)
            if len(asked) > 50:
                done.set()
            return next_due()

        def work() -> None:
            try:
                outbox.send_due()
            finally:
                model.Session.remove()

        monkeypatch.setattr(posting, "send", slowly)
        model.Session.rollback()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            first = pool.submit(work)
            assert begun.wait(20)
            monkeypatch.setattr(Mail, "next_due", counted)
            outbox.send_due()
            assert len(server.messages) == 1
            # It hasn't asked again and again.
            assert len(asked) == 2
            done.set()
            first.result()
        assert len(server.messages) == 2
