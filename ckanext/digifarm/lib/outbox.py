"""Mails are written in the request that causes them and sent afterwards.

The outbox is a table, so that a mail is there exactly if what it tells of has
happened, and waits there as long as the mail server doesn't answer. A mail
that is sent leaves it.
"""

from __future__ import annotations

import html
import logging
import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from rq.timeouts import JobTimeoutException

from .. import config
from . import clock, jobs, retired
from .ckan import mailer, model
from .language import speaking
from .mail import Mail, MailState

log = logging.getLogger(__name__)

#: How long the mail server may take for an answer, in seconds.
ANSWER_WITHIN = 30


@dataclass(frozen=True)
class Recipient:
    """Somebody who gets a mail.

    :param email: their address
    :param name: what to call them, or ""
    :param language: the one they are written in
    """

    email: str
    name: str
    language: str


def write(
    template: str,
    to: Recipient,
    *,
    subject_id: str,
    reply_to: str = "",
    **values: Any,
) -> None:
    """Put a mail into the outbox; commits nothing.

    :param template: a template in `templates/digifarm`, such as
        `support/emails/support_confirm`. Its first line is the subject, the
        rest is the text, in paragraphs; lines of what somebody has written
        begin with `> `
    :param to: who gets it
    :param subject_id: id of what it is about, so that it goes when that does
    :param reply_to: the address that answers go to, or "" for the portal's
    :param values: what the template needs
    """
    with speaking(to.language):
        subject, body = _rendered(template, {**values, "to": to})
        body_html = tk.render(
            "digifarm/lib/emails/mail.html",
            {"subject": subject, "body": body, "language": to.language},
        )
    model.Session.add(
        Mail(
            subject_id=subject_id,
            recipient_name=to.name,
            recipient_email=to.email,
            reply_to=reply_to,
            language=to.language,
            subject=subject,
            body=body,
            body_html=body_html,
        )
    )
    jobs.wake(send_mails)


def _rendered(template: str, values: dict[str, Any]) -> tuple[str, str]:
    """Subject and body of a mail as plain text."""
    # Jinja has escaped what was inserted, once.
    text = html.unescape(tk.render(f"digifarm/{template}.txt", values))
    subject, _, body = text.strip().partition("\n")
    # Where a part is left out, its empty lines stay.
    body = re.sub(r"\n\s*\n", "\n\n", body).strip()
    return " ".join(subject.split()), f"{body}\n"


def send_mails() -> None:
    """The job that sends what is due.

    :raises JobsWait: where something is left, so that the job is tried again
    """
    if retired.are_any():
        # Their links lead nowhere.
        return
    if failed := send_due()["failed"]:
        raise jobs.JobsWait(f"{failed} mails could not be sent yet")


def count_due() -> int:
    """How many mails wait and are due."""
    query = sa.select(sa.func.count()).select_from(Mail).where(Mail.is_due())
    return model.Session.scalar(query) or 0


def send_due() -> Counter[str]:
    """Send what is due, each mail in a transaction of its own.

    :returns: how many were `done`, and how many `failed`
    """
    results: Counter[str] = Counter()
    while mail := Mail.next_due():
        results["done" if _try_to_send(mail) else "failed"] += 1
        model.Session.commit()
    # The lock on nothing.
    model.Session.rollback()
    return results


def _try_to_send(mail: Mail) -> bool:
    try:
        _send(mail)
    except JobTimeoutException:
        raise
    # Whatever is wrong with one mail must not hold up the others.
    except Exception as e:  # noqa: BLE001
        _postpone(mail, e)
        return False
    model.Session.delete(mail)
    return True


def _send(mail: Mail) -> None:
    if not tk.config["smtp.server"]:
        raise mailer.MailerException("smtp.server is not set")
    domain = tk.config["ckan.site_url"].partition("://")[2].partition(":")[0]
    headers = {
        # The same at each attempt: a mail that arrived all the same is known.
        "Message-ID": f"<{mail.id}@{domain.strip('/')}>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": mail.language,
    }
    if mail.reply_to:
        headers["Reply-To"] = mail.reply_to
    with _discreet(), _impatient():
        mailer.mail_recipient(
            mail.recipient_name,
            mail.recipient_email,
            mail.subject,
            mail.body,
            mail.body_html,
            headers,
        )


def _postpone(mail: Mail, error: Exception) -> None:
    mail.attempts += 1
    mail.error = f"{type(error).__name__}: {error}"
    mail.due = clock.now() + jobs.pause(mail.attempts)
    if mail.attempts >= config.mail_attempts():
        mail.state = MailState.GIVEN_UP.value
    # What the error says may name the recipient.
    log.warning(
        "Mail %s could not be sent (attempt %s, %s): %s",
        mail.id,
        mail.attempts,
        mail.state,
        type(error).__name__,
    )


@contextmanager
def _discreet() -> Iterator[None]:
    """Keep core's mailer from logging addresses."""
    thread = threading.get_ident()

    def is_of_others(record: logging.LogRecord) -> bool:
        return record.thread != thread

    mailer.log.addFilter(is_of_others)
    try:
        yield
    finally:
        mailer.log.removeFilter(is_of_others)


@contextmanager
def _impatient() -> Iterator[None]:
    """Don't wait for ever: core's mailer sets no limit of its own."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(before or ANSWER_WITHIN)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
