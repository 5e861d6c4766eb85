"""What is asked now and then whether it is still as it says.

The clockwork is the same for all: who is asked and when, asked again, who
else is asked, what counts as silence. A subject brings the rest: whom to ask,
the words, and what an answer or silence does. It registers an `Asking` in a
module that is called `asking`.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from .. import config
from ..lib import addresses, clock
from ..lib.ckan import Context, DataDict, model
from ..lib.outbox import Recipient
from ..lib.people import recipients
from ..lib.step import Step
from .model import Confirmation, ConfirmationState


@dataclass(frozen=True)
class Tick:
    """What is done where nobody has answered.

    :param days: so many days after the question
    :param action: the step of the workflow
    """

    days: int
    action: str


#: The step that asks others, where there are some.
TO_OTHERS = "pass_on"

#: Who is asked next, and when. docs/confirmations.md has it, too.
TICKS = (
    Tick(14, "ask_again"),
    Tick(42, "ask_again"),
    Tick(56, TO_OTHERS),
    Tick(70, "refer"),
)

#: After so many days without an answer, it counts as silence.
SILENT_DAYS = 90

#: So many are a year.
MONTHS = 12

#: States in which it is asked again after a while.
RESTING = (ConfirmationState.ANSWERED, ConfirmationState.SEARCHING)

#: "Everything is as it says": each `Asking` has this answer.
CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Askee:
    """Somebody who is asked.

    :param recipient: how they are written to
    :param user: their account, if they have one
    :param has_link: whether the mail has a link by which they answer
    """

    recipient: Recipient
    user: model.User | None = None
    has_link: bool = True

    @property
    def who(self) -> str:
        """What links name them by: they are of use to nobody else.

        Short, or the link would be packed, and logs not know it as a key.
        """
        if self.user:
            return short(self.user.id)
        return short(addresses.mailbox(self.recipient.email))


def short(text: str) -> str:
    """What stands for an id or an address in a link."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def askees(users: Sequence[model.User]) -> list[Askee]:
    """Some users who are asked; the city's team where none has an address.

    That one gets no link, as many read its mails.
    """
    by_email = {user.email: user for user in users if user.email}
    return [
        Askee(to, user := by_email.get(to.email), user is not None)
        for to in recipients([*users])
    ]


@dataclass(frozen=True)
class Answer:
    """An answer that can be given.

    :param name: stands in the database, so it stays what it is
    :param label: the words of its button
    :param text: what comes of it, in a sentence
    :param thanks: what is said once it is given
    :param fields: what goes with it, as the schema file describes fields
    :param values: what these hold first, by their names
    :param confirms: whether it says that all else is as it says
    :param address: the path that it leads to (default: that of the thing)
    :param is_final: whether somebody should be asked once more before: it
        ends something, or takes it out of a list
    :param besides: fields on what is told besides, whatever the answer; they
        may stay empty, so they need no page of their own
    """

    name: str
    label: str
    text: str = ""
    thanks: str = ""
    fields: Sequence[dict[str, Any]] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    confirms: bool = True
    address: str = ""
    is_final: bool = False
    besides: Sequence[dict[str, Any]] = ()


class Asking:
    """What a subject brings that is asked now and then.

    All functions may be asked about a row whose thing is gone.
    """

    #: Stands in the database, so it stays what it is.
    name: str
    #: The folder of its mails: `confirmation_asked`, `…_asked_again`,
    #: `…_passed_on`, `…_undecided` and `…_silent`, as far as it has them.
    mails: str
    #: What of these it doesn't send.
    unsent: Collection[str] = ()
    ticks: Sequence[Tick] = TICKS
    silent_days: int = SILENT_DAYS

    def things(self) -> sa.Select[Any]:
        """A query for all that may be asked about.

        What is asked, and is not among them any more, is settled: nobody has
        to answer.

        :returns: with the columns `id` and `since`, from when on the time
            counts where nobody has answered yet
        """
        raise NotImplementedError

    def due(self, most: int) -> list[str]:
        """Ids of what is to be asked now, what waits for the longest first.

        One SQL statement.

        :param most: how many at most
        """
        things, row = self.things().subquery(), Confirmation
        since = sa.func.coalesce(row.settled, things.c.since)
        query = (
            sa.select(things.c.id)
            .outerjoin(row, self.is_of(things.c.id))
            .where(
                since < long_ago(),
                row.id.is_(None)
                | row.state.in_([state.value for state in RESTING]),
            )
            .order_by(since, things.c.id)
            .limit(most)
        )
        return list(model.Session.scalars(query))

    def is_of(self, id_: Any) -> sa.ColumnElement[bool]:
        """Whether a row is about one of these things."""
        row = Confirmation
        return (row.subject == self.name) & (row.subject_id == id_)

    def rests(self, row: Confirmation) -> bool:
        """Whether it was settled, so that nobody is asked again yet."""
        return row.settled is not None and row.settled >= long_ago()

    def late(self) -> sa.ColumnElement[bool]:
        """Whether a question is one of these, and silence counts by now."""
        row = Confirmation
        since = clock.days_ago(self.silent_days)
        return (row.subject == self.name) & (row.asked < since)

    def is_asked(self, row: Confirmation) -> bool:
        """Whether it may be asked about; one SQL statement."""
        things = self.things().subquery()
        query = sa.select(things.c.id).where(things.c.id == row.subject_id)
        return model.Session.scalar(query) is not None

    def project_id(self, subject_id: str) -> str | None:
        """The project that something belongs to, if it does to one."""
        raise NotImplementedError

    def asked(self, row: Confirmation) -> list[Askee]:
        """Who is asked."""
        raise NotImplementedError

    def others(self, row: Confirmation) -> list[Askee]:
        """Who else is asked, where those don't answer."""
        return []

    def may_answer(self, context: Context, row: Confirmation) -> bool:
        """Whether a user may answer by their account."""
        raise NotImplementedError

    def answers(self, row: Confirmation) -> list[Answer]:
        """The answers that can be given, in order, and in words."""
        raise NotImplementedError

    def words(self, row: Confirmation) -> dict[str, Any]:
        """What pages and mails say of it.

        :returns: `title`, and `address`, the path of its page; `question` and
            `lead`, the words above the answers; and what mails need besides
        """
        raise NotImplementedError

    def known(self, row: Confirmation) -> list[str]:
        """What the portal knows that may be wrong by now, in sentences."""
        return []

    def consequence(self, row: Confirmation) -> str:
        """What comes where nobody answers, and when, in a sentence; or ""."""
        return ""

    def label(self, row: Confirmation, answer: str) -> str:
        """The words of an answer that was given; "" where it is unknown."""
        answers = {one.name: one.label for one in self.answers(row)}
        return answers.get(answer, "")

    def edit(self, row: Confirmation, askee: Askee | None) -> str:
        """The address where somebody changes what it says, or "".

        :param askee: who has a link, or None where they have an account
        """
        return ""

    def silent_day(self, row: Confirmation) -> str:
        """From when on it counts as silence, in words; "" where it does."""
        if row.asked is None or row.silent:
            return ""
        day = row.asked + datetime.timedelta(days=self.silent_days)
        return str(tk.h.digifarm_partial_date(day.date().isoformat()))

    def act(
        self, context: Context, row: Confirmation, answer: str, data: DataDict
    ) -> None:
        """Do what an answer says, before it is written down; may commit.

        :param context: of whoever answers
        :param data: what was given of the answer's fields
        :raises ValidationError: where something is wrong with that
        """

    def told(self, data_dict: DataDict) -> dict[str, Any]:
        """What was given besides an answer, as steps have it in `values`.

        :raises ValidationError: where something is wrong with it
        """
        return {}

    def show(self, row: Confirmation) -> None:
        """Let people see at once what they have answered; after the commit.

        Where that fails, it is seen later.
        """

    #: What reviewers can decide where nobody answers: `ask_again`, `search`
    #: for somebody else, and `end`.
    decisions: Sequence[str] = ("ask_again",)

    def end(self, row: Confirmation, data: DataDict) -> None:
        """End it, as reviewers have decided; commits nothing.

        :param data: what was given of the fields of `ending`
        :raises ValidationError: where something is wrong with that
        """
        raise NotImplementedError

    def ending(self, row: Confirmation) -> Answer | None:
        """What reviewers fill in who end it."""
        return None

    def follow(self, step: Step[Confirmation]) -> None:
        """Do what a step brings with it, in its transaction."""


KINDS: dict[str, Asking] = {}


def register(kind: Asking) -> Asking:
    """Let it be asked.

    :raises ValueError: where there is another one of its name
    """
    if kind.name in KINDS:
        raise ValueError(f"{kind.name!r} is asked already")
    KINDS[kind.name] = kind
    return kind


def of(row: Confirmation) -> Asking:
    """What a row is about."""
    return KINDS[row.subject]


def thanks(words: str) -> str:
    """What is said to who confirms: also, that we leave them alone now.

    :param words: what comes of it
    """
    months = config.confirmation_months()
    if not months:
        return words
    again = (
        tk._("We ask again in a year at the earliest.")
        if months == MONTHS
        else tk.ungettext(
            "We ask again in {count} month at the earliest.",
            "We ask again in {count} months at the earliest.",
            months,
        ).format(count=months)
    )
    return f"{words} {again}"


def long_ago() -> datetime.datetime:
    """What was settled before is asked again."""
    return clock.months_ago(config.confirmation_months())
