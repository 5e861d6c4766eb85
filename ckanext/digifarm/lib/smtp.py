"""Sends mails by the mail server that CKAN's options name.

Core's mailer breaks an address in a header that is longer than a line, so that
no mail program finds it; it waits for a server as long as that likes, and logs
who gets what.
"""

from __future__ import annotations

import contextlib
import smtplib
import time
from collections.abc import Iterator, Mapping
from email import policy, utils
from email.header import Header
from email.headerregistry import HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import ckantoolkit as tk

import ckan.plugins as p

from .ckan import mailer, version

#: How long the mail server may take for an answer, in seconds.
ANSWER_WITHIN = 30


class Letter(NamedTuple):
    """A mail, as it goes out.

    :param name: what to call who gets it, or ""
    :param email: their address
    :param headers: those besides the ones that each mail has
    """

    name: str
    email: str
    subject: str
    body: str
    body_html: str
    headers: Mapping[str, str]


def send(letter: Letter) -> None:
    """Send a mail, unless another plugin does.

    :raises MailerException: where no server is named, or it can't do what the
        options ask for
    :raises ValueError: where a line break would make another header of a name
        or an address
    """
    if _is_taken(letter):
        return
    if not tk.config["smtp.server"]:
        raise mailer.MailerException("smtp.server is not set")
    message = _message(letter)
    with _connection() as server:
        server.sendmail(
            tk.config["smtp.mail_from"],
            [letter.email],
            message.as_string(),
        )


def _is_taken(letter: Letter) -> bool:
    """Ask other plugins, as core does."""
    is_sent = False
    for plugin in p.PluginImplementations(p.INotifier):
        is_sent = plugin.notify_recipient(
            is_sent,
            letter.name,
            letter.email,
            letter.subject,
            letter.body,
            letter.body_html,
            {**letter.headers},
            [],
        )
    return bool(is_sent)


class _Whole(UniqueUnstructuredHeader):
    """A header that stands in one line: mail programs read it as it is."""

    name: str

    def fold(self, *, policy: policy.Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _Words(UniqueUnstructuredHeader):
    """A header of words: folded as a whole, as else spaces get lost.

    https://github.com/python/cpython/issues/92081: between two parts that are
    encoded, the space belongs to neither.
    """

    name: str

    def fold(self, *, policy: policy.Policy) -> str:
        if str(self).isascii():
            plain: Any = super()
            return plain.fold(policy=policy)
        folded = Header(str(self), "utf-8", header_name=self.name).encode()
        return f"{self.name}: {folded}{policy.linesep}"


#: It makes classes of these and its own.
_WHOLE: Any = _Whole
_WORDS: Any = _Words

_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _WHOLE)
_HEADERS.map_to_type("subject", _WORDS)

_POLICY = policy.default.clone(header_factory=_HEADERS)


def _message(letter: Letter) -> EmailMessage:
    message = EmailMessage(_POLICY)
    message.set_content(letter.body, cte="base64")
    message.add_alternative(letter.body_html, subtype="html", cte="base64")
    sender = (tk.config["ckan.site_title"], tk.config["smtp.mail_from"])
    reply_to = tk.config["smtp.reply_to"]
    headers = {
        **({"Reply-To": reply_to} if reply_to else {}),
        **letter.headers,
        "Subject": letter.subject,
        "From": utils.formataddr(sender),
        "To": utils.formataddr((letter.name, letter.email)),
        "Date": utils.formatdate(time.time()),
    }
    if not tk.config["ckan.hide_version"]:
        headers["X-Mailer"] = f"CKAN {version}"
    for name, value in headers.items():
        message[name] = value
    return message


@contextlib.contextmanager
def _connection() -> Iterator[smtplib.SMTP]:
    """A connection to the server of the options, logged in."""
    server = smtplib.SMTP(*_place(), None, ANSWER_WITHIN)
    try:
        _greet(server)
        yield server
    finally:
        # What was sent is sent, however it says good-bye.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()


def _greet(server: smtplib.SMTP) -> None:
    config: Any = tk.config
    server.ehlo()
    if config["smtp.starttls"]:
        if not server.has_extn("STARTTLS"):
            raise mailer.MailerException("The server knows no STARTTLS")
        server.starttls()
        server.ehlo()
    if config["smtp.user"]:
        if not config["smtp.password"]:
            raise mailer.MailerException("smtp.password is not set")
        server.login(config["smtp.user"], config["smtp.password"])


def _place() -> tuple[str, int]:
    """Host and port of the server; 0 for the usual port.

    :raises MailerException: where the option names no host
    """
    named = tk.config["smtp.server"]
    parts = urlsplit(named if "://" in named else f"smtp://{named}")
    if not parts.hostname:
        raise mailer.MailerException("smtp.server names no host")
    return parts.hostname, parts.port or 0
