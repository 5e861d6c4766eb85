"""Mails that wait, or were given up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..lib import personal
from ..lib.ckan import model
from ..lib.mail import Mail, MailState
from ..lib.personal import Person
from ..lib.words import Words


def of(person: Person) -> list[Mail]:
    """The mails to somebody; those to others hold theirs."""
    condition = person.has(Mail.recipient_email)
    return personal.rows(Mail, condition, locked=False)


def erase(person: Person, address: Words, about: Collection[str]) -> int:
    """Delete all mails that hold somebody's address; commits nothing.

    They are to it, are answered to it, quote it, or tell others of what was
    offered, proposed or taken with it.

    :param about: ids of that
    :returns: how many rows were deleted
    """
    model.Session.flush()
    texts = sa.func.concat_ws(" ", Mail.subject, Mail.body, Mail.body_html)
    found = model.Session.scalars(
        sa.select(Mail)
        .where(
            person.has(Mail.recipient_email)
            | person.has(Mail.reply_to)
            | texts.op("~*")(address.sql)
            | Mail.subject_id.in_(about)
        )
        .with_for_update()
    )
    return personal.delete(
        mail
        for mail in found.all()
        if mail.subject_id in about or address.are_in(_said(mail))
    )


def purge(before: datetime) -> int:
    """Delete what was given up; commits nothing."""
    return personal.delete(
        model.Session.scalars(
            sa.select(Mail).where(
                Mail.state == MailState.GIVEN_UP.value, Mail.created < before
            )
        )
    )


def export(mail: Mail) -> dict[str, Any]:
    """What a mail says that wait, without what makes its links work."""
    return {
        "to": mail.recipient_email,
        "name": mail.recipient_name,
        "subject": mail.subject,
        "text": personal.without_keys(mail.body),
        "state": mail.state,
        "created": mail.created,
    }


def _said(mail: Mail) -> list[str]:
    return [
        mail.recipient_email,
        mail.reply_to,
        mail.subject,
        mail.body,
        mail.body_html,
        mail.error,
    ]
