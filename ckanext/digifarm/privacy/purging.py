"""What time brings: what is needed no longer is forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from .. import config
from ..confirmations import privacy as confirmations
from ..exchange import privacy as imports
from ..handover import privacy as handover
from ..lib import clock
from ..lib.ckan import model
from ..lib.due_work import Kind
from ..lib.events import Event
from ..links import privacy as links
from ..mails import privacy as mails
from ..notices import privacy as notices
from ..owners import invitation_privacy as invitations
from ..owners import privacy as owners
from ..partners import privacy as partners
from ..proposals import privacy as proposals
from ..proposals.model import undecided
from ..questions import privacy as questions
from ..successors import privacy as successors
from ..support import privacy as supports
from ..tasks import privacy as tasks

DAY = timedelta(days=1)


class Unfinished(Exception):  # noqa: N818 – it is what there is to say
    """Some proposals could not be purged; all else is done.

    :param counts: how many rows were changed or deleted, by part
    :param proposals: the ids of those that are left for a later run
    """

    def __init__(self, counts: Counter[str], proposals: list[str]) -> None:
        super().__init__(f"Not purged: {', '.join(proposals)}")
        self.counts = counts
        self.proposals = proposals


def purge(*, dry_run: bool = False) -> Counter[str]:
    """Forget what is needed no longer; commits, part by part.

    :param dry_run: find out what would happen, and change nothing
    :returns: how many rows were changed or deleted: `unconfirmed`,
        `contacts`, `projects` (that were proposed and are none), `reasons`,
        `achievements` and
        `handovers` (of projects that were deleted), `imports` (tables that
        reviewers have uploaded), `mails`, `notices` and
        `accounts` (that were made for people who don't come)
    :raises Unfinished: where a proposal could not be purged
    """
    counts: Counter[str] = Counter()
    for name, forget in PARTS.items():
        counts[name.partition(" ")[0]] += forget()
        if not dry_run:
            model.Session.commit()
    if dry_run:
        model.Session.rollback()
        counts["projects"] = len(proposals.to_purge(_retained()))
        return +counts
    # Last, as each is a transaction of its own.
    counts["projects"], failed = proposals.purge(_retained())
    if failed:
        raise Unfinished(+counts, failed)
    return +counts


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
    "unconfirmed questions": lambda: questions.delete_old(_unconfirmed()),
    "unconfirmed invitations": lambda: invitations.delete_old(_unconfirmed()),
    "contacts of supports": lambda: supports.forget(_retained()),
    "contacts of partners": lambda: partners.forget(_retained()),
    "contacts of tasks": lambda: tasks.forget(_retained()),
    "contacts of proposals": lambda: proposals.forget(_retained()),
    "contacts of links": lambda: links.forget(_retained()),
    "contacts of successors": lambda: successors.forget(_retained()),
    "achievements": lambda: confirmations.delete_old(_retained()),
    "imports": imports.delete_old,
    "handovers": lambda: handover.delete_old(_retained()),
    "reasons": lambda: _forget_reasons(_retained()),
    "mails": lambda: mails.purge(_retained()),
    "notices": lambda: notices.purge(_retained()),
    "accounts": lambda: owners.purge(_retained()),
}


def _forget_reasons(before: datetime) -> int:
    """Forget who did something, and why; that it happened is kept.

    As long as nobody has decided on a proposal, its reasons are needed.
    """
    return Event.forget(
        Event.created < before, Event.subject_id.not_in(undecided())
    )


KINDS = (
    Kind("forget", lambda: PARTS, lambda part: PARTS[part](), DAY),
    Kind(
        "forget-proposals",
        lambda: proposals.to_purge(_retained()),
        lambda id_: proposals.purge_one(id_, _retained()),
    ),
)
