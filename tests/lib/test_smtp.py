"""Mails go to the mail server as CKAN's own, and some headers stay whole."""

from __future__ import annotations

import email
import email.policy
import smtplib
import socket
import time
from email.header import decode_header, make_header
from typing import Any

import pytest
from typing_extensions import override

import ckan.plugins as p
from ckan.lib import mailer
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import smtp
from ckanext.digifarm.lib.smtp import Letter

from ..mail_server import html, text

pytestmark = pytest.mark.usefixtures("shared_portal")

#: Longer than a line of a mail may be before it is folded.
LONG = f"<https://example.org/dashboard/notifications/off/{'Wy-_.' * 60}>"


def letter(**changes: Any) -> Letter:
    usual: dict[str, Any] = {
        "name": "Kim Öztürk",
        "email": "kim@example.org",
        "subject": "Bäume",
        "body": "Grüße\n",
        "body_html": "<p>Grüße</p>",
        "headers": {},
    }
    return Letter(**{**usual, **changes})


def test_a_long_address_stands_in_one_line(server):
    headers = {"List-Unsubscribe": LONG}
    smtp.send(letter(headers=headers))
    [raw] = server.raw
    assert f"\r\nList-Unsubscribe: {LONG}\r\n".encode() in raw
    plain = email.message_from_bytes(raw, policy=email.policy.compat32)
    assert plain["List-Unsubscribe"] == LONG


@pytest.mark.parametrize("length", range(0, 90, 3))
@pytest.mark.parametrize(
    "words",
    [
        "„Schreibwerk – Büro für Leichte Sprache“: Läuft die Unterstützung?",
        "Short words and a late ü for the end of a very long line, you see",
        "Only words that need no encoding, and so many of them, too, twice",
    ],
)
def test_a_subject_keeps_its_spaces(length, words, server):
    subject = f"{'x' * length} {words} {words}".strip()
    smtp.send(letter(subject=subject))
    [raw] = server.raw
    for how in (email.policy.default, email.policy.compat32):
        read = email.message_from_bytes(raw, policy=how)["Subject"]
        unfolded = read.replace("\r\n", "").replace("\n", "")
        said = str(make_header(decode_header(unfolded)))
        assert said.strip() == subject


def test_core_breaks_it(server):
    """Once it doesn't, this module is needed no longer."""
    mailer.mail_recipient(
        "Kim",
        "kim@example.org",
        "Hello",
        "Hello",
        headers={"List-Unsubscribe": LONG},
    )
    [raw] = server.raw
    assert LONG.encode() not in raw


def test_all_else_is_as_core_writes_it(server):
    headers = {"Message-ID": "<a@example.org>", "Content-Language": "de"}
    title = "Offene Daten für Münster " * 12
    name = "Kim Öztürk-Gräßlich von der Offenen Werkstatt " * 4
    with (
        changed_config("ckan.site_title", "Münster, offen"),
        changed_config("smtp.reply_to", "antwort@example.org"),
    ):
        smtp.send(letter(name=name, subject=title, headers=headers))
        mailer.mail_recipient(
            name,
            "kim@example.org",
            title,
            "Grüße\n",
            "<p>Grüße</p>",
            headers,
        )
    ours, cores = map(_headers, server.raw)
    # Core's loses spaces.
    read = ours.pop("subject").replace("\r\n", "")
    assert str(make_header(decode_header(read))) == title
    assert cores.pop("subject")
    assert ours == cores
    ours, cores = server.messages
    assert (text(ours), html(ours)) == (text(cores), html(cores))
    assert ours["Reply-To"] == "antwort@example.org"
    assert ours["From"].addresses[0].display_name == "Münster, offen"
    assert max(map(len, server.raw[0].split(b"\r\n"))) <= 78


def _headers(raw: bytes) -> dict[str, str]:
    """The headers of a mail as they came, without those of one mail alone."""
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    found = {name.lower(): value for name, value in message.items()}
    assert len(found) == len(message.items())
    return {
        k: v for k, v in found.items() if k not in {"date", "content-type"}
    }


def test_who_may_answer_elsewhere_is_named_once(server):
    with changed_config("smtp.reply_to", "portal@example.org"):
        smtp.send(letter(headers={"Reply-To": "kim@example.org"}))
    assert server.messages[0].get_all("Reply-To") == ["kim@example.org"]


@pytest.mark.parametrize("is_hidden", [True, False])
def test_the_version_is_told_where_it_may_be(is_hidden, server):
    with changed_config("ckan.hide_version", is_hidden):
        smtp.send(letter())
    assert ("X-Mailer" in server.messages[0]) is not is_hidden


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("part", ["name", "email", "subject", "header"])
def test_a_line_break_makes_no_header(part, end, server):
    words = f"kim@example.org{end}Bcc: b@example.org"
    changes: dict[str, Any] = {part: words}
    if part == "header":
        changes = {"headers": {"List-Unsubscribe": words}}
    with pytest.raises(ValueError, match="linefeed"):
        smtp.send(letter(**changes))
    assert server.messages == []


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("smtp.server", "", "not set"),
        ("smtp.server", ":25", "no host"),
        ("smtp.starttls", True, "STARTTLS"),
        ("smtp.user", "portal", "smtp.password"),
    ],
)
def test_what_the_options_ask_for_is_done_or_nothing(
    option, value, message, server
):
    with (
        changed_config(option, value),
        pytest.raises(mailer.MailerException, match=message),
    ):
        smtp.send(letter())
    assert server.messages == []


def test_a_server_that_wants_no_login_gets_no_password(server):
    with (
        changed_config("smtp.user", "portal"),
        changed_config("smtp.password", "geheim"),
        pytest.raises(OSError, match="AUTH"),
    ):
        smtp.send(letter())
    assert server.messages == []


def test_nobody_waits_for_ever(monkeypatch):
    monkeypatch.setattr(smtp, "ANSWER_WITHIN", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        start = time.monotonic()
        with (
            changed_config("smtp.server", address),
            pytest.raises(OSError, match="timed out"),
        ):
            smtp.send(letter())
    assert time.monotonic() - start < 5
    assert socket.getdefaulttimeout() is None


class TestOtherPlugins:
    @pytest.fixture
    def asked(self, monkeypatch) -> list[Any]:
        """Each call of two plugins, the first of which sends the mail."""
        asked: list[Any] = []

        class Notifier:
            def __init__(self, answer: bool) -> None:
                self._answer = answer

            def notify_recipient(self, is_sent: bool, *args: Any) -> bool:
                asked.append((is_sent, *args))
                return is_sent or self._answer

        found = [Notifier(True), Notifier(False)]
        monkeypatch.setattr(p, "PluginImplementations", lambda _: found)
        return asked

    @pytest.mark.parametrize("address", [None, ""])
    def test_are_asked_as_core_does(self, address, asked, server):
        one = letter(headers={"Message-ID": "<a@example.org>"})
        with changed_config("smtp.server", address or server.address):
            smtp.send(one)
            ours, asked[:] = [*asked], []
            mailer.mail_recipient(*one)
        assert ours[0][-1] == []
        assert [call[:-1] for call in ours] == [call[:-1] for call in asked]
        assert [call[0] for call in ours] == [False, True]
        assert server.messages == []


def test_what_was_sent_is_sent_however_it_ends(server, monkeypatch):
    class Rude(smtplib.SMTP):
        @override
        def quit(self) -> Any:
            self.close()
            raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(smtplib, "SMTP", Rude)
    smtp.send(letter())
    assert len(server.messages) == 1
