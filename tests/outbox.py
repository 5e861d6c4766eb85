"""Reads the mails that wait in the outbox."""

from __future__ import annotations

import re

from ckan import model
from ckanext.digifarm.lib import outbox
from ckanext.digifarm.lib.mail import Mail


def waiting_mails(*recipients: str) -> list[Mail]:
    """The mails that wait, in the order in which they were written.

    :param recipients: only those to one of these addresses
    """
    model.Session.rollback()
    query = model.Session.query(Mail).order_by(Mail.created)
    return [
        mail
        for mail in query
        if not recipients or mail.recipient_email in recipients
    ]


def leaving_mails(*recipients: str) -> list[Mail]:
    """Those of the mails that wait that would go out now."""
    return [
        mail
        for mail in waiting_mails(*recipients)
        if not mail.checked_by or outbox._CHECKS[mail.checked_by].may_go(mail)
    ]


def empty_outbox() -> None:
    """Empty the outbox."""
    model.Session.query(Mail).delete()
    model.Session.commit()


def link_in(mail: Mail) -> str:
    """The path that the first link of a mail leads to."""
    found = re.search(r"http://test\.ckan\.net(/\S+)", mail.body)
    assert found, mail.body
    return found[1]


def token_in(mail: Mail) -> str:
    """What the first link of a mail ends with."""
    return link_in(mail).rpartition("/")[2]
