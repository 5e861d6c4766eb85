"""The mails that ask whether something is still as it says."""

from __future__ import annotations

from collections.abc import Callable

import ckantoolkit as tk

from .. import config
from ..lib import addresses, outbox, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import model
from ..lib.gathered import Part
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
            values = {
                **kind.words(row),
                "link": _link(to, row, askee),
                "how": _how(to, askee),
                "known": kind.known(row),
                "edit": kind.edit(row, askee),
                "consequence": kind.consequence(row),
            }
        outbox.write(
            f"{kind.mails}/{template}",
            askee.recipient,
            subject_id=row.id,
            reply_to=config.contact_email() or "",
            check=CHECKS[template],
            confirmation=row,
            days=tokens.FOLLOW_DAYS,
            **values,
        )


def _how(to: Actor, askee: Askee) -> str:
    """What to do; not all answer without their account."""
    if to is Actor.REVIEWER:
        return tk._("Please log in and decide what becomes of it:")
    if askee.has_link:
        return tk._("Please click on one of the answers; you need not log in:")
    return tk._("Please log in and click on one of the answers:")


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


def _row(mail: Mail) -> Confirmation | None:
    """What a mail asks about, if that is still known here."""
    row = model.Session.get(
        Confirmation, mail.subject_id, populate_existing=True
    )
    return row if row and row.subject in kinds.KINDS else None


def _may_go(mail: Mail) -> bool:
    """Whether somebody is still to be asked when a mail goes out."""
    row = _row(mail)
    if row is None:
        return False
    state = ConfirmationState(row.state)
    if state not in WAITING_STATES or not kinds.of(row).is_asked(row):
        return False
    return _is_for(mail, row, *ANSWERING, Actor.REVIEWER)


def _may_tell(mail: Mail) -> bool:
    """Whether somebody is still to hear what silence has brought about.

    That may be settled by itself, so that nobody is asked any more.
    """
    row = _row(mail)
    if row is None or row.answer:
        return False
    return _is_for(mail, row, *ANSWERING)


def _is_for(mail: Mail, row: Confirmation, *actors: Actor) -> bool:
    return any(_askee(mail, row, actor) for actor in actors)


def _askee(mail: Mail, row: Confirmation, actor: Actor) -> Askee | None:
    """Who of one side gets a mail, if they are still on it."""
    mailbox = addresses.mailbox(mail.recipient_email)
    for askee in _askees(actor, row):
        if addresses.mailbox(askee.recipient.email) == mailbox:
            return askee
    return None


def _sent(_: Mail) -> None:
    """Nothing is noted: who was asked when, the events say."""


def _check(
    template: str,
    name: str,
    to: Actor,
    heading: Callable[[], str],
    may_go: Callable[[Mail], bool] = _may_go,
) -> Check:
    """What is said of the mails of one template.

    :param name: stands in the database, so it stays what it is
    :param to: who gets them
    :param heading: stands above what they ask, where one mail asks it all
    """

    def part(mail: Mail) -> Part:
        row = _row(mail)
        assert row  # noqa: S101 – it may go
        kind = kinds.of(row)
        askee = _askee(mail, row, to) or Askee(
            outbox.Recipient(mail.recipient_email, "", mail.language),
            has_link=False,
        )
        words = kind.words(row)
        is_asked = template in ASKING
        # What silence has brought about, differs: the subject says it.
        said = mail.subject if template == SILENCE else words["title"]
        return Part(
            f"{heading()} {_how(to, askee)}",
            words["question"] if is_asked else said,
            _link(to, row, askee),
            kind.known(row) if is_asked else (),
            kind.consequence(row) if is_asked else "",
        )

    return outbox.register(Check(name, may_go, _sent, part))


#: These ask whoever they go to.
ASKING = (
    "confirmation_asked",
    "confirmation_asked_again",
    "confirmation_passed_on",
)

#: What is said of mails when they go out, by their templates.
CHECKS = {
    "confirmation_asked": _check(
        "confirmation_asked",
        "confirmation",
        Actor.ASKED,
        lambda: tk._(
            "Now and then we ask whether things are still as they say here."
        ),
    ),
    "confirmation_asked_again": _check(
        "confirmation_asked_again",
        "confirmation-again",
        Actor.ASKED,
        lambda: tk._(
            "Some time ago we asked you about these, and nobody has answered"
            " yet."
        ),
    ),
    "confirmation_passed_on": _check(
        "confirmation_passed_on",
        "confirmation-passed-on",
        Actor.EDITOR,
        lambda: tk._(
            "We have asked others about these several times, and nobody has"
            " answered. Do you know?"
        ),
    ),
    "confirmation_undecided": _check(
        "confirmation_undecided",
        "confirmation-undecided",
        Actor.REVIEWER,
        lambda: tk._(
            "For ten weeks we have asked about these civic projects, and"
            " nobody has answered."
        ),
    ),
    "confirmation_silent": _check(
        "confirmation_silent",
        "confirmation-silent",
        Actor.ASKED,
        lambda: tk._(
            "We have asked you about these for a long time, and nobody has"
            " answered. One answer undoes what has come of that."
        ),
        _may_tell,
    ),
}
