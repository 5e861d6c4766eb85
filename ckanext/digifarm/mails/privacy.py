"""Mails that wait, or were given up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from ..lib import personal
from ..lib.ckan import model
from ..lib.mail import Mail, MailState
from ..support import privacy as supports


def of(email: str) -> list[Mail]:
    """The mails to an address; those to others hold theirs."""
    return personal.holding(email, Mail.recipient_email, locked=False)


def erase(email: str) -> int:
    """Delete all mails that hold an address; commits nothing.

    :returns: how many rows were deleted
    """
    ids = [support.id for support in supports.of(email)]
    return personal.delete(_about(email, ids))


def purge(before: datetime) -> int:
    """Delete what was given up; commits nothing."""
    return personal.delete(
        model.Session.scalars(
            sa.select(Mail).where(
                Mail.state == MailState.GIVEN_UP.value, Mail.created < before
            )
        )
    )


def _about(email: str, supports: Sequence[str]) -> list[Mail]:
    """The mails that hold an address, locked.

    They are to it, are answered to it, quote it, or tell others of what was
    offered with it.

    :param supports: ids of the supports that were offered with it
    """
    address = email.strip()
    if not address:
        return []
    quoted = rf"(^|[^\w.+-]){re.escape(address)}($|[^\w-])"
    return list(
        model.Session.scalars(
            sa.select(Mail)
            .where(
                (sa.func.lower(Mail.recipient_email) == address.lower())
                | (sa.func.lower(Mail.reply_to) == address.lower())
                | Mail.body.regexp_match(quoted, flags="i")
                | Mail.subject_id.in_(supports)
            )
            .with_for_update()
        )
    )
