"""The mails that ask whether something is still as it says."""

from __future__ import annotations

import ckantoolkit as tk

from .. import config
from ..lib import addresses, outbox, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import model
from ..lib.language import speaking
from ..lib.mail import Mail
from ..lib.outbox import Check
from ..lib.tokens import Purpose
from . import kinds
from .kinds import Askee
from .model import WAITING_STATES, Confirmation, ConfirmationState

#: The template that says what silence has brought about.
SILENCE = "confirmation_silent"

#: These answer by a link.
ANSWERING = (Actor.ASKED, Actor.EDITOR)


def send(template: str, to: Actor, row: Confirmation) -> None:
    """Write a mail to one side; commits nothing.

    :param template: name of the mail's template
    """
    kind = kinds.of(row)
    if template in kind.unsent:
        return
    for askee in _askees(to, row):
        with speaking(askee.recipient.language):
            link = _link(to, row, askee)
            words = kind.words(row)
        outbox.write(
            f"{kind.mails}/{template}",
            askee.recipient,
            subject_id=row.id,
            reply_to=config.contact_email() or "",
            check=SILENT if template == SILENCE else CHECK,
            confirmation=row,
            link=link,
            days=tokens.FOLLOW_DAYS,
            **words,
        )


def linked(row: Confirmation) -> list[Askee]:
    """Whose links are of use now."""
    kind = kinds.of(row)
    found = [*kind.asked(row), *kind.others(row)]
    return [askee for askee in found if askee.has_link]


def _askees(to: Actor, row: Confirmation) -> list[Askee]:
    kind = kinds.of(row)
    if to is Actor.REVIEWER:
        users = people.reviewers()
        return [Askee(one) for one in people.recipients(users)]
    return kind.others(row) if to is Actor.EDITOR else kind.asked(row)


def _link(to: Actor, row: Confirmation, askee: Askee) -> str:
    """Where a mail leads: nobody gets a key but their own."""
    if to in ANSWERING and askee.has_link:
        return tk.h.url_for(
            "digifarm_confirmations.by_link",
            token=token_of(row, askee),
            qualified=True,
        )
    if to in ANSWERING:
        return tk.h.url_for(
            "digifarm_confirmations.read", id=row.id, qualified=True
        )
    return tk.h.url_for(
        "digifarm_reviews.index", part="unconfirmed", qualified=True
    )


def token_of(row: Confirmation, askee: Askee) -> str:
    """What lets one of those answer who are asked, and nobody else."""
    named = f"{row.id}/{askee.who}"
    return tokens.make(Purpose.CONFIRMATION, named, row.token_key)


def _may_go(mail: Mail) -> bool:
    """Whether somebody is still to be asked when a mail goes out."""
    row = model.Session.get(
        Confirmation, mail.subject_id, populate_existing=True
    )
    if row is None or row.subject not in kinds.KINDS:
        return False
    state = ConfirmationState(row.state)
    if state not in WAITING_STATES or not kinds.of(row).is_asked(row):
        return False
    return _is_for(mail, row, *ANSWERING, Actor.REVIEWER)


def _may_tell(mail: Mail) -> bool:
    """Whether somebody is still to hear what silence has brought about.

    That may be settled by itself, so that nobody is asked any more.
    """
    row = model.Session.get(
        Confirmation, mail.subject_id, populate_existing=True
    )
    if row is None or row.subject not in kinds.KINDS or row.answer:
        return False
    return _is_for(mail, row, *ANSWERING)


def _is_for(mail: Mail, row: Confirmation, *actors: Actor) -> bool:
    told = {
        addresses.mailbox(askee.recipient.email)
        for actor in actors
        for askee in _askees(actor, row)
    }
    return addresses.mailbox(mail.recipient_email) in told


def _sent(_: Mail) -> None:
    """Nothing is noted: who was asked when, the events say."""


CHECK = outbox.register(Check("confirmation", _may_go, _sent))
SILENT = outbox.register(Check("confirmation-silent", _may_tell, _sent))
