"""Mails: how they are written, how they wait, how they are sent."""

from __future__ import annotations

import concurrent.futures
import datetime
import logging
import signal
import socket
import threading
from typing import Any

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from freezegun import freeze_time
from redis import ConnectionPool
from rq.registry import ScheduledJobRegistry

import ckan.lib.jobs
import ckan.lib.redis
from ckan import model
from ckan.lib import mailer
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.lib import clock, jobs, posting, smtp
from ckanext.digifarm.lib import outbox as mail
from ckanext.digifarm.lib.mail import Mail, MailState
from ckanext.digifarm.lib.outbox import Recipient
from ckanext.digifarm.support.model import Support

from ..acting import as_portal, as_user
from ..mail_server import MailServer, html, text
from ..offering import (
    OFFER,
    confirm,
    create_people,
    create_project,
    empty_outbox,
    empty_tables,
    get,
    links_of,
    offer,
    outbox,
)
from ..working import forget_jobs, work

pytestmark = pytest.mark.usefixtures("shared_app")

API = "/api/action/digifarm_support_offer"
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def nothing(shared_app) -> None:
    empty_tables()
    ckan.lib.jobs.get_queue().empty()


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def project(people) -> dict[str, Any]:
    return create_project(people)


@pytest.fixture
def redis_is_down(monkeypatch):
    pool = ConnectionPool.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setattr(ckan.lib.redis, "_connection_pool", pool)
    monkeypatch.setattr(ckan.lib.jobs, "_queues", {})


def put(*addresses: str, **changes: Any) -> list[str]:
    """Put mails into the outbox; gives their ids."""
    mails = [
        Mail(
            **{
                "recipient_email": address,
                "language": "en",
                "subject": "Hello",
                "body": "Hello\n",
                "body_html": "<p>Hello</p>",
                **changes,
            }
        )
        for address in addresses
    ]
    for one in mails:
        model.Session.add(one)
        model.Session.flush()
    model.Session.commit()
    return [one.id for one in mails]


def sent(server: MailServer, support: Support) -> list[Any]:
    """What arrives when an offer is confirmed: to the supporter, the owner."""
    empty_outbox()
    confirm(support)
    mail.send_due()
    return sorted(server.messages, key=MailServer.recipient_of)


class TestText:
    TITLE = "Bäume & „Büsche“ <b>'fett'</b> \"quer\" &amp; {name} %s 😀"

    @pytest.fixture(scope="class")
    @classmethod
    def project(cls, people):
        return create_project(people, title=cls.TITLE)

    @pytest.fixture
    def messages(self, server, project):
        support = offer(
            project=project["id"],
            contact_name="Kim <Ö> & Söhne",
            scope="<i>Alles</i> & mehr",
            message="Hallo <script>alert(1)</script>\r\n\r\n"
            "> zitiert\r\n  eingerückt & fertig {{ 7 * 7 }}\n",
        )
        return sent(server, support)

    def test_holds_what_people_wrote_as_they_wrote_it(self, messages):
        to_supporter, to_owner = messages
        assert to_owner["To"].addresses[0].addr_spec == "owner@example.org"
        plain = text(to_owner)
        assert f"“{self.TITLE}”" in plain
        assert self.TITLE in to_owner["Subject"]
        assert "Who: Kim <Ö> & Söhne\n" in plain
        assert "What exactly: <i>Alles</i> & mehr\n" in plain
        assert (
            "\n\n> Hallo <script>alert(1)</script>\n> \n> > zitiert\n"
            ">   eingerückt & fertig {{ 7 * 7 }}\n\n"
        ) in plain
        assert "Hello Kim <Ö> & Söhne,\n" in text(to_supporter)
        assert "\n\n\n" not in plain

    def test_is_html_too(self, messages):
        markup = html(messages[1])
        page = BeautifulSoup(markup, "html.parser")
        assert not page.select("script, b, i")
        assert page.title
        assert page.title.get_text() == messages[1]["Subject"]
        [quote] = page.select("blockquote")
        lines = list(quote.stripped_strings)
        assert lines[0] == "Hallo <script>alert(1)</script>"
        assert lines[1:] == ["> zitiert", "eingerückt & fertig {{ 7 * 7 }}"]
        told = page.get_text()
        assert f"“{self.TITLE}”" in told
        [link] = [
            a["href"]
            for a in page.select("a[href]")
            if "/support/" in a["href"]
        ]
        assert link in text(messages[1])
        assert "&amp;lt;" not in markup

    def test_tells_nothing_to_an_address_that_is_not_confirmed(
        self, server, project
    ):
        """Else anybody could have this portal send anything to anybody."""
        offer(
            project=project["id"],
            contact_name="Buy this",
            message="Buy this",
            scope="Buy this",
            partner_title="Buy this",
            partner_kind="other",
        )
        mail.send_due()
        [message] = server.messages
        for part in (str(message["To"]), text(message), html(message)):
            assert "Buy this" not in part
        assert "Hello,\n" in text(message)

    def test_of_a_reason_is_quoted(self, server, people, project):
        support = confirm(offer(project=project["id"]))
        empty_outbox()
        as_user(
            people["owner"],
            "digifarm_support_decline",
            id=support.id,
            reason="Zu spät\n\n<b>Leider</b>",
        )
        mail.send_due()
        [message] = server.messages
        assert "\n> Zu spät\n> \n> <b>Leider</b>\n" in text(message)
        assert "&lt;b&gt;Leider&lt;/b&gt;" in html(message)


class TestHeaders:
    def test_name_both_sides_and_the_portal(self, server, project):
        to_supporter, to_owner = sent(server, offer(project=project["id"]))
        for message in (to_supporter, to_owner):
            assert message["Auto-Submitted"] == "auto-generated"
            assert message["Message-ID"].endswith("@test.ckan.net>")
            assert message["Reply-To"] is None
            assert message["From"].addresses[0].addr_spec == (
                "info@test.ckan.net"
            )
        assert to_supporter["To"].addresses[0].display_name == "Geheime Person"
        assert to_supporter["Message-ID"] != to_owner["Message-ID"]

    @pytest.mark.parametrize("portals", ["", "portal@example.org"])
    def test_answers_reach_the_other_side(
        self, portals, server, people, project
    ):
        support = confirm(offer(project=project["id"]))
        empty_outbox()
        as_user(people["owner"], "digifarm_support_accept", id=support.id)
        with changed_config("smtp.reply_to", portals):
            mail.send_due()
        addresses = {
            message["To"].addresses[0].addr_spec: message.get_all("Reply-To")
            for message in server.messages
        }
        assert addresses == {
            "geheim@example.org": ["owner@example.org"],
            "owner@example.org": ["geheim@example.org"],
        }

    @pytest.mark.parametrize("end", ["\t", "\u2028"])
    def test_the_subject_is_one_line(self, end, server, project):
        stored = model.Package.get(project["id"])
        title, stored.title = stored.title, f"Bäume{end}Bcc: a@example.org"
        model.Session.commit()
        try:
            messages = sent(server, offer(project=project["id"]))
        finally:
            model.Package.get(project["id"]).title = title
            model.Session.commit()
        assert len(messages) == 2
        for message in messages:
            assert "Bäume Bcc: a@example.org" in message["Subject"]
            assert message["Bcc"] is None
            assert text(message).startswith("Hello")


class TestLanguage:
    @pytest.mark.parametrize(
        ("prefix", "language", "area"),
        [
            ("", "en", "Technical help"),
            ("/de", "de", "Technische Unterstützung"),
        ],
    )
    def test_is_that_of_the_person(
        self, prefix, language, area, shared_app, server, people, project
    ):
        data = {**OFFER, "project": project["id"]}
        response = shared_app.post(f"{prefix}{API}", json=data)
        assert response.status_code == 200
        # What comes later is written while somebody else uses the portal.
        support = confirm(get(response.json["result"]["id"]))
        [first, second, to_owner] = outbox()
        for written in (first, second):
            assert written.language == language
            link = links_of(written)[0]
            assert link.startswith(f"{prefix}/civic_project/support/")
            assert written.body.endswith(f"http://test.ckan.net{prefix}/\n")
        assert to_owner.language == "en"
        assert "Technical help" in to_owner.body
        assert f": {area}\n" in second.body
        mail.send_due()
        for message in server.messages:
            to = message["To"].addresses[0].addr_spec
            expected = language if to == OFFER["contact_email"] else "en"
            assert message["Content-Language"] == expected
            assert f'<html lang="{expected}">' in html(message)
        assert support.language == language

    def test_of_who_asks_does_not_matter(self, shared_app, people, project):
        support = confirm(offer(project=project["id"]))
        empty_outbox()
        with shared_app.flask_app.test_request_context(
            environ_overrides={
                "CKAN_LANG": "de",
                "CKAN_LANG_IS_DEFAULT": False,
            }
        ):
            as_user(people["owner"], "digifarm_support_accept", id=support.id)
        mails = outbox()
        assert len(mails) == 2
        for written in mails:
            assert written.language == "en"
            assert "Technical help" in written.body
            assert "/de/" not in written.body

    def test_of_the_project_is_that_of_the_portal(self, people, project):
        with changed_config("ckan.locale_default", "de"):
            support = confirm(offer(project=project["id"]))
            to_owner = outbox()[-1]
            assert to_owner.language == "de"
            assert "Technische Unterstützung" in to_owner.body
            assert "/de/" not in to_owner.body
        assert support.language == "de"

    def test_that_the_portal_no_longer_has_gives_way(self, project):
        support = offer(project=project["id"])
        support.language = "tlh"
        model.Session.commit()
        confirm(support)
        assert {written.language for written in outbox()} == {"en"}


class TestOutbox:
    def test_is_empty_once_all_is_sent(self, server, project):
        offer(project=project["id"])
        assert len(outbox()) == 1
        assert mail.send_due() == {"done": 1}
        assert outbox() == []
        assert mail.send_due() == {}
        assert server.recipients == ["geheim@example.org"]

    def test_keeps_nothing_of_what_did_not_happen(self, server, project):
        context = {"user": "", "ignore_auth": False, "defer_commit": True}
        data = {**OFFER, "project": project["id"]}
        call_action("digifarm_support_offer", context, **data)
        model.Session.flush()
        assert model.Session.query(Mail).count() == 1
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            # Another one's transaction.
            assert pool.submit(_send_in_thread).result() == {}
        model.Session.rollback()
        assert mail.send_due() == {}
        assert model.Session.query(Support).count() == 0
        assert server.messages == []
        assert ckan.lib.jobs.get_queue().count == 0

    def test_is_no_place_for_a_step_that_is_refused(self, people, project):
        support = confirm(offer(project=project["id"]))
        as_user(people["owner"], "digifarm_support_accept", id=support.id)
        empty_outbox()
        with pytest.raises(Exception, match="accepted already"):
            as_user(people["owner"], "digifarm_support_decline", id=support.id)
        assert outbox() == []

    def test_sends_the_oldest_first(self, server):
        put("b@example.org", created=clock.now())
        put("a@example.org", created=clock.days_ago(1))
        mail.send_due()
        assert [m["To"] for m in server.messages] == [
            "a@example.org",
            "b@example.org",
        ]

    def test_waits_while_the_server_is_down(self, server):
        server.stop()
        [id_] = put("kim@example.org")
        start = clock.now()
        pauses = []
        for attempt in range(1, 4):
            with freeze_time(start + attempt * DAY):
                assert mail.send_due() == {"failed": 1}
                [waiting] = outbox()
                assert waiting.attempts == attempt
                assert waiting.state == MailState.WAITING.value
                pauses.append((waiting.due - clock.now()).total_seconds())
                # Not again before it is due.
                assert mail.send_due() == {}
        assert pauses == [60, 240, 960]
        server.start()
        with freeze_time(start + 5 * DAY):
            assert mail.send_due() == {"done": 1}
            assert mail.send_due() == {}
        [message] = server.messages
        assert message["Message-ID"] == f"<{id_}@test.ckan.net>"

    def test_has_the_same_id_at_each_attempt(self, server):
        put("kim@example.org")
        stubborn = []
        server.unknown.add("kim@example.org")

        async def refuse(_, session, envelope):
            stubborn.append(envelope.content)
            return "451 not now"

        accept, server.handle_DATA = server.handle_DATA, refuse
        server.unknown.clear()
        assert mail.send_due() == {"failed": 1}
        server.handle_DATA = accept
        with freeze_time(clock.now() + DAY):
            assert mail.send_due() == {"done": 1}
        [message] = server.messages
        assert message["Message-ID"].encode() in stubborn[0]

    def test_waits_for_no_clock_that_is_behind(self, server):
        put("kim@example.org")
        with freeze_time(clock.now() - datetime.timedelta(seconds=2)):
            assert mail.count_due() == 1
            assert mail.send_due() == {"done": 1}

    def test_gives_up_after_some_attempts(self, server):
        server.unknown.add("gone@example.org")
        put("gone@example.org")
        with changed_config("ckanext.digifarm.mail.attempts", 3):
            for attempt in range(1, 4):
                with freeze_time(clock.now() + attempt * DAY):
                    mail.send_due()
        [given_up] = Mail.given_up()
        assert given_up.attempts == 3
        assert "550" in given_up.error
        server.unknown.clear()
        with freeze_time(clock.now() + 10 * DAY):
            assert mail.send_due() == {}
        assert server.messages == []

    def test_tries_for_about_two_days(self, server):
        server.stop()
        put("kim@example.org")
        now = start = clock.now()
        while waiting := outbox():
            if waiting[0].state == MailState.GIVEN_UP.value:
                break
            now = max(now, waiting[0].due)
            with freeze_time(now):
                mail.send_due()
        assert waiting[0].attempts == 10
        assert DAY <= now - start <= 3 * DAY

    @pytest.mark.parametrize(
        "poison",
        [
            {"recipient_email": "a@example.org\nBcc: b@example.org"},
            {"recipient_email": "a@example.org\r\nRCPT TO:<b@example.org>"},
            {"recipient_name": "Kim\nBcc: b@example.org"},
            {"subject": "Hello\nBcc: b@example.org"},
            {"reply_to": "a@example.org\nBcc: b@example.org"},
            {"recipient_email": "unknown@example.org"},
            {"recipient_email": "ö@ä.example"},
        ],
        ids=str,
    )
    def test_one_bad_mail_does_not_hold_up_others(self, poison, server):
        server.unknown.add("unknown@example.org")
        put("first@example.org", created=clock.days_ago(3))
        put(
            "poison@example.org",
            **{"created": clock.days_ago(2), **_without_address(poison)},
        )
        if "recipient_email" in poison:
            stored = outbox()[1]
            stored.recipient_email = poison["recipient_email"]
            model.Session.commit()
        put("last@example.org")
        mail.send_due()
        assert {"first@example.org", "last@example.org"} <= set(
            server.recipients
        )
        assert all(m["Bcc"] is None for m in server.messages)
        assert "b@example.org" not in server.recipients

    def test_waits_when_the_server_does_not_answer(self, monkeypatch):
        monkeypatch.setattr(smtp, "ANSWER_WITHIN", 0.1)
        put("kim@example.org")
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"127.0.0.1:{silent.getsockname()[1]}"
            with changed_config("smtp.server", address):
                assert mail.send_due() == {"failed": 1}
        assert outbox()[0].attempts == 1
        assert socket.getdefaulttimeout() is None

    def test_waits_where_no_server_is_named(self):
        put("kim@example.org")
        with changed_config("smtp.server", ""):
            assert mail.send_due() == {"failed": 1}
        assert len(outbox()) == 1


def _without_address(poison: dict[str, str]) -> dict[str, str]:
    return {k: v for k, v in poison.items() if k != "recipient_email"}


def _send_in_thread() -> dict[str, int]:
    try:
        return mail.send_due()
    finally:
        model.Session.remove()


def test_two_senders_send_each_mail_once(server):
    server.delay = 0.02
    addresses = [f"{n:02}@example.org" for n in range(12)]
    put(*addresses)
    start = threading.Barrier(3)

    def send() -> dict[str, int]:
        start.wait()
        return _send_in_thread()

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        counts = [f.result() for f in [pool.submit(send) for _ in range(3)]]
    assert server.recipients == addresses
    # All of them had some to send.
    assert all(0 < count["done"] < len(addresses) for count in counts)
    assert outbox() == []


def test_a_sender_that_dies_leaves_the_mail_to_others(server, monkeypatch):
    put("kim@example.org")

    class Killed(BaseException):
        pass

    def die(*args: Any, **words: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(posting, "send", die)
        with pytest.raises(Killed):
            mail.send_due()
    model.Session.remove()
    assert mail.send_due() == {"done": 1}


class TestWorker:
    def test_sends_what_an_action_has_written(self, server, project):
        offer(project=project["id"])
        [job] = ckan.lib.jobs.get_queue().jobs
        assert "geheim" not in repr((job.args, job.kwargs, job.meta))
        assert server.messages == []
        work()
        assert server.recipients == ["geheim@example.org"]
        assert outbox() == []

    def test_leaves_ctrl_c_to_the_tests(self):
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = [signal.getsignal(number) for number in numbers]
        work()
        assert [signal.getsignal(number) for number in numbers] == before

    def test_tries_again_later(self, server, project):
        server.stop()
        forget_jobs()
        offer(project=project["id"])
        work()
        [waiting] = outbox()
        assert waiting.attempts == 1
        queue = ckan.lib.jobs.get_queue()
        registry = ScheduledJobRegistry(queue=queue)
        [id_] = registry.get_job_ids()
        job = ckan.lib.jobs.job_from_id(id_)
        pause = registry.get_scheduled_time(job) - job.enqueued_at.replace(
            tzinfo=datetime.timezone.utc
        )
        assert 55 <= pause.total_seconds() <= 125
        registry.remove(job)
        job.delete()

    def test_gets_one_job_for_all_mails_of_a_step_and_does_it_first(
        self, people, project
    ):
        support = confirm(offer(project=project["id"]))
        ckan.lib.jobs.get_queue().empty()
        as_user(people["owner"], "digifarm_support_accept", id=support.id)
        names = [job.meta["title"] for job in ckan.lib.jobs.get_queue().jobs]
        assert names == ["send_mails", "do_jobs"]


@pytest.mark.usefixtures("redis_is_down")
class TestWithoutRedis:
    def test_nothing_is_sent_in_the_web_request(
        self, shared_app, server, project, caplog
    ):
        data = {**OFFER, "project": project["id"]}
        response = shared_app.post(API, json=data)
        assert response.status_code == 200
        assert response.json["result"]["state"] == "unconfirmed"
        assert get(response.json["result"]["id"]).state == "unconfirmed"
        assert server.messages == []
        [waiting] = outbox()
        assert waiting.attempts == 0
        assert "geheim" not in caplog.text

    def test_what_waits_is_done_by_the_cron_line(
        self, shared_app, server, project
    ):
        data = {**OFFER, "project": project["id"]}
        shared_app.post(API, json=data)
        result = CliRunner().invoke(digifarm, ["run-due"])
        assert result.exit_code == 0, result.output
        assert "mails: 1 done, 0 failed" in result.output
        assert server.recipients == ["geheim@example.org"]
        assert outbox() == []


class TestLog:
    @pytest.fixture(autouse=True)
    def everything(self, caplog, monkeypatch):
        for name in ("", "ckan", "ckanext", "ckan.lib.mailer", mail.__name__):
            logger = logging.getLogger(name)
            monkeypatch.setattr(logger, "disabled", False)
            caplog.set_level(logging.DEBUG, name)

    def told(self, caplog) -> str:
        # What the mail server of this test says of itself is its own affair.
        formatter = logging.Formatter("%(message)s")
        return "\n".join(
            formatter.format(record)
            for record in caplog.records
            if record.name != "mail.log"
        )

    def test_names_nobody_when_it_goes_well(
        self, server, people, project, caplog
    ):
        support = confirm(offer(project=project["id"]))
        as_user(people["owner"], "digifarm_support_accept", id=support.id)
        mail.send_due()
        assert len(server.messages) == 5
        for word in ("geheim@", "Geheime", "owner@"):
            assert word not in self.told(caplog)

    @pytest.mark.parametrize("problem", ["unknown", "down", "poison"])
    def test_names_nobody_when_it_goes_wrong(self, problem, server, caplog):
        address = "kim@example.org"
        if problem == "unknown":
            server.unknown.add(address)
        elif problem == "down":
            server.stop()
        else:
            address = f"{address}\nBcc: kim2@example.org"
        [id_] = put(address, recipient_name="Kim")
        assert mail.send_due() == {"failed": 1}
        told = self.told(caplog)
        assert id_ in told
        assert "kim" not in told.lower()
        with (
            pytest.raises(jobs.JobsWait) as raised,
            freeze_time(clock.now() + DAY),
        ):
            mail.send_mails()
        assert "kim" not in str(raised.value)

    def test_of_other_mails_is_left_alone(self, server, caplog):
        put("kim@example.org")
        mail.send_due()
        mailer.mail_recipient("Ada", "ada@example.org", "Hello", "Hello")
        assert "ada@example.org" in self.told(caplog)


def test_goes_to_the_team_where_a_project_has_nobody(people, project_factory):
    lonely = project_factory()
    with changed_config("ckanext.digifarm.contact_email", "team@example.org"):
        confirm(offer(project=lonely["id"]))
    addresses = [written.recipient_email for written in outbox()]
    assert addresses[1:] == ["geheim@example.org", "team@example.org"]


def test_goes_to_the_organisation_where_a_project_has_no_owner(
    people, project
):
    as_portal(
        "package_collaborator_delete",
        id=project["id"],
        user_id=people["owner"],
    )
    try:
        confirm(offer(project=project["id"]))
    finally:
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=people["owner"],
            capacity="editor",
        )
    assert outbox()[-1].recipient_email == "project_editor@example.org"


def test_can_be_written_on_the_command_line(shared_portal):
    """Reminders are."""
    to = Recipient("kim@example.org", "Kim", "de")
    mail.write(
        "support/emails/support_confirm",
        to,
        subject_id="",
        project=model.Package(title="Bäume"),
        link="http://test.ckan.net/x",
        days=1,
    )
    model.Session.commit()
    [written] = outbox()
    assert written.language == "de"
    assert "http://test.ckan.net/de" in written.body
