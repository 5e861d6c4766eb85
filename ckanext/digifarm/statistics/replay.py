"""All that has happened, told anew in its order.

What comes of it depends on the events alone, and on the day. So the same is
found whenever it is told, whoever was forgotten and whatever was purged since.
"""

from __future__ import annotations

import datetime
import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import sqlalchemy as sa

from ..lib import partial_dates
from ..lib.ckan import model
from ..lib.events import Change, Event, Subject
from ..partners.model import PartnerState
from ..proposals.model import ProposalState
from ..support.model import SupportState
from ..tasks.model import TaskState
from .booking import Book, month_of
from .flows import REPEATED, flows
from .groups import Facts
from .levels import Levels
from .numbers import ALIVE, OVER, Number
from .project_story import ProjectStory, help_after

#: After so many days an entry no longer counts as confirmed.
CONFIRMED_DAYS = 365

#: After how many days it is looked what became of a project.
ANNIVERSARIES = {365: Number.AFTER_ONE_YEAR, 730: Number.AFTER_TWO_YEARS}

#: So many rows are read at a time.
CHUNK = 2000

DAY = datetime.timedelta(days=1)


def tell(book: Book, until: datetime.datetime) -> datetime.date | None:
    """Tell all that has happened until a moment; one SQL statement.

    :param book: where it is booked; the last month is left to be closed
    :returns: the month of the first event, if there is one
    """
    replay = _Replay(book)
    begins = None
    for event in _events(until):
        begins = begins or month_of(event.created)
        replay.wait_until(event.created)
        book.turn(event.created)
        replay.take(event)
    replay.wait_until(until)
    return begins


def _events(until: datetime.datetime) -> Iterator[Any]:
    row = Event
    query = (
        sa.select(
            row.subject,
            row.subject_id,
            row.action,
            row.source,
            row.target,
            row.project_id,
            row.data,
            row.created,
        )
        .where(row.created <= until)
        .order_by(row.created, row.number)
        .execution_options(yield_per=CHUNK)
    )
    yield from model.Session.execute(query)


class _Replay:
    """What is known at a moment of the history."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._levels = Levels(book)
        self._projects: dict[str, ProjectStory] = defaultdict(ProjectStory)
        self._sent: dict[str, datetime.datetime] = {}
        #: In which year what was said: numbers and ids.
        self._said: dict[tuple[Number, str], tuple[int, str]] = {}
        self._datasets = 0
        #: What comes by itself: when, its place, and what is done then.
        self._later: list[
            tuple[datetime.datetime, int, Callable[[], None]]
        ] = []
        self._places = 0

    def wait_until(self, moment: datetime.datetime) -> None:
        """Let happen what time brings until a moment."""
        while self._later and self._later[0][0] <= moment:
            when, _, do = heapq.heappop(self._later)
            self._book.turn(when)
            do()

    def take(self, event: Any) -> None:
        """Book what an event means."""
        for number, key in flows(event):
            if number in REPEATED:
                self._say(number, key, event)
            else:
                self._book.add(number, key, Facts.of(event.data))
        _TAKERS.get(event.subject, _ignore)(self, event)

    def _say(self, number: Number, key: str, event: Any) -> None:
        """Count what is said of something; the last word of a year counts.

        What is said of the same in a later year changes neither.
        """
        about, facts = (number, event.subject_id), Facts.of(event.data)
        if event.source != event.target:
            # That is another time.
            self._said.pop(about, None)
        now = month_of(event.created).year
        year, before = self._said.get(about, (now, ""))
        if year != now:
            return
        if before:
            self._book.add(number, before, facts, -1)
        self._said[about] = now, key
        self._book.add(number, key, facts)

    def take_project(self, event: Any) -> None:
        """A project is something else from now on."""
        if "is_public" not in event.data:
            return
        with self._changing(event.subject_id) as story:
            was_public, was_alive = story.is_public, story.is_alive
            story.see(event.data)
            story.help = {*help_after(story.help, event.action, event.data)}
            if story.is_public and story.began is None:
                self._begin(story, event)
            elif was_public and not story.is_public:
                self._book.add(Number.PROJECTS_REMOVED, "", story.facts)
            elif was_public and was_alive != story.is_alive:
                self._turn(story)
            self._ask(story, event.created)

    def _turn(self, story: ProjectStory) -> None:
        """It is over, or no longer."""
        if story.is_alive:
            self._book.add(Number.PROJECTS_RESUMED, "", story.facts)
        else:
            self._book.add(Number.PROJECTS_OVER, story.stage, story.facts)

    def _begin(self, story: ProjectStory, event: Any) -> None:
        """Everybody can read it for the first time."""
        listed = partial_dates.first_day(event.data.get("listed") or "")
        month = month_of(event.created)
        began, number = event.created, Number.PROJECTS_NEW
        if listed and listed < month:
            began = datetime.datetime.combine(listed, datetime.time())
            number = Number.PROJECTS_TAKEN_OVER
        elif event.action == Change.FOUND.value:
            number = Number.PROJECTS_TAKEN_OVER
        story.began = began
        self._book.add(number, "", story.facts)
        for days, after in ANNIVERSARIES.items():
            when = began + datetime.timedelta(days)
            if when > event.created:
                look = partial(self._look, story, story.facts, after)
                self._do_later(when, look)

    def _look(self, story: ProjectStory, facts: Facts, number: Number) -> None:
        """What has become of a project that is so old."""
        self._book.add(number, ALIVE if story.is_alive else OVER, facts)

    def _ask(self, story: ProjectStory, now: datetime.datetime) -> None:
        """Note for which help it is looked in public from now on."""
        open_ = story.help if story.is_public else set[str]()
        for area in sorted(open_ - story.asked.keys()):
            story.asked[area] = now
            self._book.add(Number.HELP_ASKED, area, story.facts)
        for area in story.asked.keys() - open_:
            story.closed[area] = story.asked.pop(area), now

    def take_support(self, event: Any) -> None:
        """Somebody helps from now on, or no longer."""
        accepted = SupportState.ACCEPTED.value
        area = event.data.get("area") or ""
        with self._changing(event.project_id) as story:
            if event.target != accepted:
                story.supports.pop(event.subject_id, None)
                return
            partner = event.data.get("partner") or ""
            story.supports[event.subject_id] = area, partner
            asked = story.asked_since(area, event.created)
            if event.source != accepted and asked:
                took = event.created - asked
                self._book.add(Number.HELP_DAYS, area, story.facts, took=took)

    def take_task(self, event: Any) -> None:
        """A task is there to be taken, or is no longer."""
        with self._changing(event.project_id) as story:
            if event.target == TaskState.OPEN.value:
                story.tasks.add(event.subject_id)
            else:
                story.tasks.discard(event.subject_id)

    def take_link(self, event: Any) -> None:
        """A project uses a dataset from now on, or no longer."""
        with self._changing(event.project_id) as story:
            if event.target is None:
                story.datasets.discard(event.data["dataset"])
            else:
                story.datasets.add(event.data["dataset"])

    def take_proposal(self, event: Any) -> None:
        """Somebody waits for a decision, or has one."""
        if event.target == ProposalState.PENDING.value:
            self._sent.setdefault(event.subject_id, event.created)
        elif event.target in {
            ProposalState.APPROVED.value,
            ProposalState.DECLINED.value,
        }:
            sent = self._sent.pop(event.subject_id, None)
            if sent:
                self._book.add(
                    Number.PROPOSAL_DAYS,
                    facts=Facts.of(event.data),
                    took=event.created - sent,
                )

    def take_partner(self, event: Any) -> None:
        """A partner stands in the directory from now on, or no longer."""
        active = PartnerState.ACTIVE.value
        is_active = event.target == active
        if is_active != (event.source == active):
            amount = 1 if is_active else -1
            self._book.add(Number.PARTNERS, amount=amount)
        if into := event.data.get("merged_into"):
            self._join(event.subject_id, into)

    def _join(self, goes: str, stays: str) -> None:
        """What a partner supports, another one does from now on."""
        for project_id, story in self._projects.items():
            if any(partner == goes for _, partner in story.supports.values()):
                with self._changing(project_id):
                    story.join(goes, stays)

    def take_portal(self, event: Any) -> None:
        """The portal has so many datasets."""
        amount = int(event.target or 0) - self._datasets
        self._datasets += amount
        self._book.add(Number.DATASETS, amount=amount)

    def take_confirmation(self, event: Any) -> None:
        """Somebody has said that an entry is as it says."""
        confirmed = event.data.get("confirmed")
        if event.data.get("about") != "project" or not confirmed:
            return
        until = datetime.datetime.fromisoformat(confirmed) + (
            CONFIRMED_DAYS * DAY
        )
        self._confirm(event.project_id, until, is_confirmed=True)
        lapse = partial(
            self._confirm, event.project_id, until, is_confirmed=False
        )
        self._do_later(until, lapse)

    def _confirm(
        self,
        project_id: str,
        until: datetime.datetime,
        *,
        is_confirmed: bool,
    ) -> None:
        """Note whether it counts as confirmed; the last word counts."""
        with self._changing(project_id) as story:
            if is_confirmed:
                story.confirmed_until = until
            is_last = story.confirmed_until == until
            if is_last:
                story.is_confirmed = is_confirmed

    def _do_later(
        self, when: datetime.datetime, do: Callable[[], None]
    ) -> None:
        self._places += 1
        heapq.heappush(self._later, (when, self._places, do))

    @contextmanager
    def _changing(self, project_id: str) -> Iterator[ProjectStory]:
        """Book what a change of a project means for the levels."""
        story = self._projects[project_id]
        before = story.standing()
        yield story
        self._levels.change(before, story.standing())


def _ignore(_: _Replay, __: Any) -> None:
    """Of nothing that is counted."""


_TAKERS: dict[str, Callable[[_Replay, Any], None]] = {
    Subject.CONFIRMATION.value: _Replay.take_confirmation,
    Subject.LINK.value: _Replay.take_link,
    Subject.PARTNER.value: _Replay.take_partner,
    Subject.PORTAL.value: _Replay.take_portal,
    Subject.PROJECT.value: _Replay.take_project,
    Subject.PROPOSAL.value: _Replay.take_proposal,
    Subject.SUPPORT.value: _Replay.take_support,
    Subject.TASK.value: _Replay.take_task,
}
