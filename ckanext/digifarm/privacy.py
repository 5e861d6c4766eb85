"""What the portal knows of people without an account, and how it forgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from . import config
from .lib import clock, personal
from .lib.ckan import model
from .lib.due_work import Kind
from .lib.events import Event, Subject
from .mails import privacy as mails
from .owners import privacy as accounts
from .partners import privacy as partners
from .proposals import privacy as proposals
from .proposals.model import OPEN_STATES, Proposal
from .support import privacy as supports
from .tasks import privacy as tasks

DAY = timedelta(days=1)


class Unfinished(Exception):  # noqa: N818 – it is what there is to say
    """Some proposals could not be purged; all else is done.

    :param counts: how many rows were changed or deleted, by table
    :param proposals: the ids of those that are left for a later run
    """

    def __init__(self, counts: Counter[str], proposals: list[str]) -> None:
        super().__init__(f"Not purged: {', '.join(proposals)}")
        self.counts = counts
        self.proposals = proposals


def export(email: str) -> dict[str, list[dict[str, Any]]]:
    """All that is stored with an e-mail address.

    :param email: in any spelling of upper and lower case
    :returns: rows by table, each a dictionary of its columns
    """
    found: dict[str, list[Any]] = {
        "support": supports.of(email),
        "partner": partners.of(email),
        "proposal": proposals.of(email),
        "task": tasks.of(email),
        "mail": mails.of(email),
    }
    found["event"] = [
        event
        for subject in (Subject.SUPPORT, Subject.PARTNER, Subject.PROPOSAL)
        for row in found[subject.value]
        for event in Event.of(subject, row.id)
    ]
    return {
        **{
            table: [personal.dictize(row) for row in found[table]]
            for table in found
        },
        "account": accounts.export(email),
    }


def erase(email: str) -> Counter[str]:
    """Forget whoever has an e-mail address; commits.

    What they never confirmed is deleted. An offer that waits is withdrawn,
    without a mail. What is accepted goes on, by a private person without a
    name, or by a partner without a contact. Tasks that they have taken are
    open again, without a mail. A proposal that waits is withdrawn, without a
    mail, and what was not approved is purged with its project; an approved
    project stays. An account that was made for them and that they don't use
    is deleted.

    :param email: in any spelling of upper and lower case
    :returns: how many rows were changed or deleted, by table
    :raises Unfinished: where a proposal could not be purged
    """
    counts: Counter[str] = Counter()
    # Also what they did by an account that has another address by now.
    users = _users(email)
    # First, as each is a transaction of its own.
    counts["proposal"], failed = proposals.erase(email)
    # By what the others say of them.
    counts["mail"] = mails.erase(email)
    # Partners before supports, as merging locks them in this order.
    counts["partner"] = partners.erase(email)
    counts["support"] = supports.erase(email)
    counts["task"] = tasks.erase(email)
    counts["event"] = Event.forget(Event.created_by.in_(users))
    counts["account"] = accounts.erase(email)
    model.Session.commit()
    return _finished(counts, failed)


def purge() -> Counter[str]:
    """Forget what is needed no longer; commits, part by part.

    :returns: how many rows were changed or deleted: `unconfirmed`,
        `contacts`, `projects` (that were proposed and are none), `reasons`,
        `mails` and `accounts` (that were made for people who don't come)
    :raises Unfinished: where a proposal could not be purged
    """
    counts: Counter[str] = Counter()
    for name, forget in PARTS.items():
        counts[name.partition(" ")[0]] += forget()
        model.Session.commit()
    # Last, as each is a transaction of its own.
    counts["projects"], failed = proposals.purge(_retained())
    return _finished(counts, failed)


def _retained() -> datetime:
    """What happened before is needed no longer."""
    return clock.days_ago(config.retention_days())


def _unconfirmed() -> datetime:
    """What was sent before can't be confirmed any more."""
    return clock.days_ago(config.token_days())


#: What is forgotten in time, a transaction each: by a name of which the first
#: word says what it is.
PARTS: dict[str, Callable[[], int]] = {
    "unconfirmed supports": lambda: supports.delete_unconfirmed(
        _unconfirmed()
    ),
    "unconfirmed partners": lambda: partners.delete_unconfirmed(
        _unconfirmed()
    ),
    "unconfirmed tasks": lambda: tasks.delete_unconfirmed(_unconfirmed()),
    "unconfirmed proposals": lambda: proposals.delete_unconfirmed(
        _unconfirmed()
    ),
    "contacts of supports": lambda: supports.forget(_retained()),
    "contacts of partners": lambda: partners.forget(_retained()),
    "contacts of tasks": lambda: tasks.forget(_retained()),
    "contacts of proposals": lambda: proposals.forget(_retained()),
    "reasons": lambda: _forget_reasons(_retained()),
    "mails": lambda: mails.purge(_retained()),
    "accounts": lambda: accounts.purge(_retained()),
}


def _finished(counts: Counter[str], failed: list[str]) -> Counter[str]:
    if failed:
        raise Unfinished(+counts, failed)
    return +counts


def _forget_reasons(before: datetime) -> int:
    """Forget who did something, and why; that it happened is kept.

    As long as nobody has decided on a proposal, its reasons are needed.
    """
    undecided = sa.select(Proposal.id).where(
        Proposal.state.in_([state.value for state in OPEN_STATES])
    )
    return Event.forget(
        Event.created < before, Event.subject_id.not_in(undecided)
    )


def _users(email: str) -> set[str]:
    """Ids of the accounts that somebody with an address has acted by."""
    rows = (
        *supports.of(email),
        *proposals.of(email),
        *tasks.of(email),
    )
    found = {row.user_id for row in rows if row.user_id}
    address = email.strip().lower()
    column = model.User.email
    found |= {
        *model.Session.scalars(
            sa.select(model.User.id).where(
                sa.func.lower(column) == address, column != ""
            )
        )
    }
    return found


KINDS = (
    Kind("forget", lambda: PARTS, lambda part: PARTS[part](), DAY),
    Kind(
        "forget-proposals",
        lambda: proposals.to_purge(_retained()),
        lambda id_: proposals.purge_one(id_, _retained()),
    ),
)
