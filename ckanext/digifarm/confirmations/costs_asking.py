"""Whether the costs of a project go on being covered after a day."""

from __future__ import annotations

import datetime
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from typing_extensions import override

from ..lib import clock, index, lookups, partial_dates
from ..lib.ckan import Context, DataDict, model
from ..lib.partial_dates import has_passed
from ..lib.step import Step
from ..projects import fields, public, wanting
from ..support import sides
from ..support.asking import (
    AT_LEAST,
    BEFORE,
    ENDS,
    GOES_ON,
    goes_on,
    in_days,
    until_of,
)
from ..support.running import running
from . import kinds, known, publishing
from .kinds import RESTING, Answer, Askee, Asking, Tick
from .model import Confirmation
from .workflow import FALL_SILENT

#: The field of a project that says until when.
UNTIL = "costs_covered_until"

#: The area of help that is missing then.
AREA = "sponsoring"


class CostsAsking(Asking):
    """Whether it goes on: the project's people are asked, and who pays."""

    name = "costs"
    mails = "confirmations/emails/costs"
    ticks = (Tick(30, "ask_again"), Tick(46, "ask_again"))
    decisions = ()

    @override
    def things(self) -> sa.Select[Any]:
        """Projects that go on, whose costs are covered not much longer."""
        return _projects(in_days(BEFORE + 1))

    @override
    def due(self, most: int) -> list[str]:
        """The next question is about another day than the last one."""
        things, row = self.things().subquery(), Confirmation
        query = (
            sa.select(things.c.id, things.c.until, row.settled, row.answer)
            .outerjoin(row, self.is_of(things.c.id))
            .where(
                row.id.is_(None)
                | row.state.in_([state.value for state in RESTING])
            )
            .order_by(things.c.until, things.c.id)
        )
        found = model.Session.execute(query).all()
        return [
            one.id
            for one in found
            if not _rests(one.until, one.settled, one.answer)
        ][:most]

    @override
    def rests(self, row: Confirmation) -> bool:
        project = model.Package.get(row.subject_id)
        return _rests(_of(project), row.settled, row.answer)

    @override
    def late(self) -> sa.ColumnElement[bool]:
        """The day has passed, and whoever was asked had time."""
        row, over = Confirmation, _projects(clock.now().date()).subquery()
        return (
            (row.subject == self.name)
            & (row.asked < clock.days_ago(AT_LEAST))
            & row.subject_id.in_(sa.select(over.c.id))
        )

    @override
    def project_id(self, subject_id: str) -> str | None:
        return subject_id

    @override
    def asked(self, row: Confirmation) -> list[Askee]:
        sponsors = (
            askee
            for support in running(row.subject_id, AREA)
            for askee in sides.supporter(support)
        )
        team = sides.team(row.subject_id)
        return sides.once([*team, *sponsors])

    @override
    def may_answer(self, context: Context, row: Confirmation) -> bool:
        return sides.is_team(context, row.subject_id) or any(
            sides.may_answer(context, support)
            for support in running(row.subject_id, AREA)
        )

    @override
    def answers(self, row: Confirmation) -> list[Answer]:
        passed = has_passed(_of(model.Package.get(row.subject_id)))
        text = (
            tk._("Then the project looks for financial support.")
            if passed
            else tk._(
                "Then the project looks for financial support now, so that"
                " time is left to find some."
            )
        )
        return [
            goes_on(tk._("Thank you! This page says so now.")),
            Answer(
                ENDS,
                tk._("They are not covered any longer")
                if passed
                else tk._("They are not covered after that"),
                text,
                tk._("Thank you! The project looks for help with it now."),
                confirms=False,
            ),
        ]

    @override
    def act(
        self, context: Context, row: Confirmation, answer: str, data: DataDict
    ) -> None:
        lookups.lock(row)
        if answer == GOES_ON:
            before = _of(model.Package.get(row.subject_id))
            _write(row.subject_id, until_of(context, data, before))
        else:
            wanting.want(row.subject_id, AREA)

    @override
    def consequence(self, row: Confirmation) -> str:
        if has_passed(_of(model.Package.get(row.subject_id))):
            return tk._(
                "Where nobody answers, the page says so no longer, and the"
                " project looks for financial support."
            )
        return tk._(
            "Where nobody answers, the page says so no longer once that is"
            " over, and the project looks for financial support."
        )

    @override
    def show(self, row: Confirmation) -> None:
        publishing.show(row)

    @override
    def follow(self, step: Step[Confirmation]) -> None:
        if step.transition.action == FALL_SILENT:
            _write(step.row.subject_id, "")
            wanting.want(step.row.subject_id, AREA)

    @override
    def words(self, row: Confirmation) -> dict[str, Any]:
        project = model.Package.get(row.subject_id)
        title = (project.title or project.name) if project else ""
        until = tk.h.digifarm_partial_date(_of(project))
        passed = has_passed(_of(project))
        question = (
            tk._("“{title}”: its costs were covered until {until}. And now?")
            if passed
            else tk._("“{title}”: are its costs covered after {until}?")
        )
        return {
            "title": title,
            "address": tk.h.url_for(
                "civic_project.read",
                id=project.name if project else row.subject_id,
            ),
            "question": question.format(title=title, until=until),
            "lead": tk._("One click is enough. Please choose an answer:"),
            "project": project,
            "until": until,
            "passed": passed,
        }


def _projects(day: datetime.date) -> sa.Select[Any]:
    """Those whose costs are covered until before a day."""
    package = model.package_table.c
    until = sa.func.coalesce(package.extras[UNTIL].astext, "")
    return sa.select(
        package.id,
        package.metadata_created.label("since"),
        until.label("until"),
    ).where(
        public.goes_on(package),
        partial_dates.is_over(until, day),
        sa.literal(fields.field(UNTIL) is not None),
    )


def _rests(until: str, settled: datetime.datetime | None, answer: str) -> bool:
    """Whether somebody has answered for that day already, or just now."""
    last = partial_dates.last_day(until)
    if settled is None or last is None:
        return False
    asked_from = last - datetime.timedelta(days=BEFORE)
    is_of_this = answer == ENDS and settled.date() >= asked_from
    return is_of_this or settled >= clock.days_ago(AT_LEAST)


def _of(project: model.Package | None) -> str:
    return ((project and project.extras) or {}).get(UNTIL) or ""


def _write(project_id: str, until: str) -> None:
    """Let a project say until when; commits nothing.

    Who pays may answer, too, and mayn't edit the project: so it is no edit.
    """
    project = lookups.lock_by_id(model.Package, project_id)
    if project is None or _of(project) == until:
        return
    extras = {k: v for k, v in (project.extras or {}).items() if k != UNTIL}
    project.extras = {**extras, **({UNTIL: until} if until else {})}
    model.Session.flush()
    index.reindex_later(project.id)


@known.register
def of_project(project: model.Package) -> list[str]:
    """Costs that are covered not much longer than a year."""
    until = _of(project)
    last = partial_dates.last_day(until)
    if last is None or last > in_days(365):
        return []
    text = (
        tk._("Its costs were covered until {until}.")
        if has_passed(until)
        else tk._("Its costs are covered until {until}.")
    )
    return [text.format(until=tk.h.digifarm_partial_date(until))]


kinds.register(CostsAsking())
