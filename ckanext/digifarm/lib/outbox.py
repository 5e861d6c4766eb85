"""Mails are written in the request that causes them and sent afterwards.

The outbox is a table, so that a mail is there exactly if what it tells of has
happened, and waits there as long as the mail server doesn't answer. A mail
that is sent leaves it.

No mailbox of somebody outside gets more mails than the limits allow, whatever
the way, of those that others let be sent there. What strangers let be sent is
left out then; what a project does, or somebody by account, is told as soon as
there is room. What somebody does by a link of a mail, what reviewers decide
and what the portal's own people are told is not counted.
"""

from __future__ import annotations

import html
import logging
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from flask import has_request_context
from rq.timeouts import JobTimeoutException

from .. import config
from . import acting, clock, gathered, jobs, posting, rate_limits, retired
from .actors import Actor
from .ckan import make_uuid, model
from .gathered import Part
from .language import speaking
from .mail import Mail, MailState

log = logging.getLogger(__name__)

#: In how many seconds a mail that is due goes out at the latest, by the line
#: of cron.
SENT_WITHIN = 300


#: Who may let a mail be sent to any address.
STRANGERS = frozenset({Actor.ANYBODY, Actor.USER})

#: What these do is always told at once.
DECIDING = frozenset({Actor.REVIEWER, Actor.PORTAL})


@dataclass(frozen=True)
class Recipient:
    """Somebody who gets a mail.

    :param email: their address
    :param name: what to call them, or ""
    :param language: the one they are written in
    :param is_outside: whether they are none of the portal's own people, so
        that others must not fill their mailbox
    """

    email: str
    name: str
    language: str
    is_outside: bool = False


@dataclass(frozen=True)
class Check:
    """What a subject says of its mails when they go out.

    :param name: stands in the database, so it stays what it is
    :param may_go: whether a mail is still to be sent; it may have been written
        anew then, see `rewrite`
    :param sent: notes that a mail was sent. It is part of the transaction in
        which the mail leaves the outbox
    :param part: what a mail says where it goes out as one with others to the
        same reader, in whose language this is asked; see gathered.py. With
        None, each goes out alone, and at once
    """

    name: str
    may_go: Callable[[Mail], bool]
    sent: Callable[[Mail], object]
    part: Callable[[Mail], Part] | None = None


_CHECKS: dict[str, Check] = {}


def register(check: Check) -> Check:
    """Let a check be known.

    :raises ValueError: where there is another one of its name
    """
    if check.name in _CHECKS:
        raise ValueError(f"There is a check {check.name!r} already")
    _CHECKS[check.name] = check
    return check


def outsider(email: str, name: str, language: str) -> Recipient:
    """Somebody outside who gets a mail; see `Recipient`."""
    return Recipient(email, name, language, is_outside=True)


def _due_in(to: Recipient, *, is_rationed: bool) -> int | None:
    """In how many seconds a mail may go out.

    :returns: None where it is left out
    """
    if is_rationed and to.is_outside:
        return rate_limits.fill_mailbox(to.email)
    if not (to.is_outside and has_request_context()):
        return 0
    who = acting.who()
    if who.actor in DECIDING or _is_sysadmin(who.user_id):
        return 0
    if who.actor in STRANGERS:
        return None if rate_limits.fill_mailbox(to.email) else 0
    # Who has come by a link of a mail has that mailbox; an account's address
    # may be anybody's.
    is_limited = who.actor is Actor.PROJECT or who.user_id
    return rate_limits.fill_mailbox(to.email) if is_limited else 0


def _is_sysadmin(user_id: str | None) -> bool:
    """Whether an account may all, and decides in place of reviewers."""
    user = model.User.get(user_id)
    return bool(user and user.sysadmin)


def write(
    template: str,
    to: Recipient,
    *,
    subject_id: str,
    reply_to: str = "",
    is_rationed: bool = False,
    check: Check | None = None,
    unsubscribe: str = "",
    id_: str = "",
    **values: Any,
) -> str:
    """Put a mail into the outbox, unless it is left out; commits nothing.

    :param template: a template in `templates/digifarm`, such as
        `support/emails/support_confirm`. Its first line is the subject, the
        rest is the text, in paragraphs; lines of what somebody has written
        begin with `> `
    :param to: who gets it
    :param subject_id: id of what it is about, so that it goes when that does
    :param reply_to: the address that answers go to, or "" for the portal's
    :param is_rationed: whether it waits where many mails went to somebody
        outside lately, also where the portal itself writes it
    :param check: who is asked once more when it goes out
    :param unsubscribe: by a POST to this address its reader gets no more of
        them, without being asked anything (RFC 8058)
    :param id_: its id (default: a new one)
    :param values: what the template needs
    :returns: its id, or "" where it is left out
    """
    words = _written(template, to, values)
    # Only here: one that is left out takes as long, and the answer has the
    # same headers.
    seconds = _due_in(to, is_rationed=is_rationed)
    if seconds is None:
        log.info("A mail about %s was left out: too many", subject_id)
        return ""
    id_ = id_ or make_uuid()
    state, due = _when(seconds, check)
    model.Session.add(
        Mail(
            id=id_,
            subject_id=subject_id,
            recipient_name=to.name,
            recipient_email=to.email,
            reply_to=reply_to,
            language=to.language,
            checked_by=check.name if check else "",
            unsubscribe=unsubscribe,
            **words,
            state=state.value,
            due=due,
        )
    )
    if state is MailState.WAITING:
        wake()
    return id_


def _when(seconds: int, check: Check | None) -> tuple[MailState, datetime]:
    """How a mail waits, and for how long.

    :param seconds: as `_due_in` gives it
    """
    if seconds:
        return MailState.HELD, clock.now() + timedelta(seconds=seconds)
    if check and check.part:
        return MailState.GATHERED, gathered.morning()
    return MailState.WAITING, clock.now()


def rewrite(mail: Mail, template: str, **values: Any) -> None:
    """Write a mail of the outbox anew, in the same language.

    :param template: as `write` takes it
    :param values: what it needs
    """
    to = Recipient(mail.recipient_email, mail.recipient_name, mail.language)
    for name, words in _written(template, to, values).items():
        setattr(mail, name, words)


def take_back(subject_id: str, email: str) -> None:
    """Forget mails that are not sent yet; commits nothing.

    :param subject_id: id of what they are about
    :param email: to whom they would go
    """
    model.Session.execute(
        sa.delete(Mail).where(
            Mail.subject_id == subject_id, Mail.recipient_email == email
        )
    )


def wake() -> None:
    """Let a worker send what is due once the transaction is committed."""
    jobs.wake(send_mails, is_urgent=True)


def _written(
    template: str, to: Recipient, values: dict[str, Any]
) -> dict[str, str]:
    """What a mail says, by the columns of its table."""
    with speaking(to.language):
        subject, body = _rendered(template, {**values, "to": to})
        body_html = tk.render(
            "digifarm/lib/emails/mail.html",
            {
                "subject": subject,
                "body": body,
                "language": to.language,
                "site": f"{tk.config['ckan.site_url']}/",
            },
        )
    return {"subject": subject, "body": body, "body_html": body_html}


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
        every = mail.gathered()
        if every and not _is_held(mail):
            results["done" if _try_to_send(every) else "failed"] += 1
        model.Session.commit()
    # The lock on nothing.
    model.Session.rollback()
    return results


def _is_held(mail: Mail) -> bool:
    """Whether a mail that was held has to wait for longer."""
    if mail.state != MailState.HELD.value:
        return False
    if seconds := rate_limits.fill_mailbox(mail.recipient_email):
        mail.due = clock.now() + timedelta(seconds=seconds)
        return True
    mail.state = MailState.WAITING.value
    return False


def _try_to_send(every: list[Mail]) -> bool:
    """Send a mail, or all that go out as one.

    What is to be sent no longer is forgotten.
    """
    # One that is broken must not hold up the others.
    mails = every[:1] if len(every) == 1 else [*filter(_is_sound, every)]
    try:
        # What the check has changed goes with a mail that fails.
        with model.Session.begin_nested():
            _check_and_send(mails)
    except JobTimeoutException:
        raise
    # Whatever is wrong with one mail must not hold up the others.
    except Exception as e:  # noqa: BLE001
        for mail in mails:
            _postpone(mail, e)
        return False
    for mail in mails:
        model.Session.delete(mail)
    return len(mails) == len(every)


def _is_sound(mail: Mail) -> bool:
    """Whether a mail can be looked at; else it is tried later."""
    try:
        with model.Session.begin_nested():
            if _may_go(mail):
                _part(mail, mail.language)
    except JobTimeoutException:
        raise
    except Exception as e:  # noqa: BLE001
        _postpone(mail, e)
        return False
    return True


def _check_and_send(mails: list[Mail]) -> None:
    going = [mail for mail in mails if _may_go(mail)]
    for mail in going:
        if mail.checked_by:
            # Before: what fails here must not let it be sent twice.
            _CHECKS[mail.checked_by].sent(mail)
    model.Session.flush()
    if len(going) > 1:
        posting.send(going[0], **_together(going))
    elif going:
        posting.send(going[0], **posting.words(going[0]))


def _may_go(mail: Mail) -> bool:
    return not mail.checked_by or _CHECKS[mail.checked_by].may_go(mail)


def _part(mail: Mail, language: str) -> Part:
    part = _CHECKS[mail.checked_by].part
    assert part  # noqa: S101 – else it isn't gathered
    with speaking(language):
        return part(mail)


def _together(mails: list[Mail]) -> dict[str, str]:
    """What one mail says that is made of several."""
    first = mails[0]
    to = Recipient(first.recipient_email, first.recipient_name, first.language)
    parts = [_part(mail, to.language) for mail in mails]
    said = gathered.values(first.subject, parts)
    return _written(gathered.TEMPLATE, to, said)


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
