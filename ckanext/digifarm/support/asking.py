"""What the sides of a support are asked: does it go on, does it still run?"""

from __future__ import annotations

import datetime
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from typing_extensions import override

from ..confirmations import kinds, known
from ..confirmations.kinds import (
    CONFIRMED,
    RESTING,
    TICKS,
    Answer,
    Askee,
    Asking,
    Tick,
)
from ..confirmations.model import Confirmation
from ..confirmations.workflow import FALL_SILENT
from ..lib import clock, lookups, partial_dates, people
from ..lib.ckan import Context, DataDict, model
from ..lib.errors import refuse
from ..lib.partial_dates import has_passed
from ..lib.step import Step
from ..partners.model import Partner
from ..projects import fields, stages
from . import running_out, schema, sides
from .helpers import digifarm_care_right_ends
from .model import Support
from .running import ending, is_running
from .workflow import WORKFLOW

#: So many days before the end it is asked whether it goes on.
BEFORE = 60

#: Whoever was asked has at least so many days, and is not asked sooner again.
AT_LEAST = 14

GOES_ON, ENDS, ENDED = "goes_on", "ends", "ended"

#: The steps of a support that answers take.
UPDATE, END = "digifarm_support_update", "digifarm_support_end"


class _SupportAsking(Asking):
    """What both questions have in common."""

    decisions = ()

    def _things(self, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
        package = model.package_table.c
        return (
            sa.select(Support.id, Support.modified.label("since"))
            .join(model.Package, model.Package.id == Support.project_id)
            .where(
                is_running(),
                package.state == model.State.ACTIVE,
                *conditions,
            )
        )

    @override
    def project_id(self, subject_id: str) -> str | None:
        support = model.Session.get(Support, subject_id)
        return support.project_id if support else None

    @override
    def may_answer(self, context: Context, row: Confirmation) -> bool:
        support = model.Session.get(Support, row.subject_id)
        return sides.may_answer(context, support)

    def _words(self, row: Confirmation, question: str) -> dict[str, Any]:
        support = model.Session.get(Support, row.subject_id)
        project = model.Package.get(support.project_id) if support else None
        if support is None or project is None:
            return {"title": "", "address": "/", "question": "", "lead": ""}
        title = project.title or project.name
        who = _who(support, support.contact_name)
        until = tk.h.digifarm_partial_date(support.until)
        return {
            "title": title,
            "address": tk.h.url_for("civic_project.read", id=project.name),
            "question": question.format(title=title, who=who, until=until),
            "lead": tk._("One click is enough. Please choose an answer:"),
            "project": project,
            "support": support,
            "supporter": who,
            "area": fields.choice_label("help_wanted", support.area),
        }

    @override
    def act(
        self, context: Context, row: Confirmation, answer: str, data: DataDict
    ) -> None:
        # As silence does: the question before what it is about.
        lookups.lock(row)
        support = lookups.lock_by_id(Support, row.subject_id)
        if support is None:
            raise tk.ObjectNotFound(WORKFLOW.missing())
        if answer == GOES_ON:
            support.until = until_of(context, data, support.until)
            support.ends = False
            WORKFLOW.go_on(UPDATE, support, context)
        elif answer == ENDS:
            WORKFLOW.check(UPDATE, support)
            support.ends = True
        elif answer == ENDED:
            WORKFLOW.go_on(END, support, context)


class EndAsking(_SupportAsking):
    """Whether a support goes on that was given until a day; both sides."""

    name = "support_end"
    mails = "support/emails/end"
    unsent = ("confirmation_silent",)
    ticks = (Tick(30, "ask_again"), Tick(46, "ask_again"))

    @override
    def things(self) -> sa.Select[Any]:
        """Those that end soon, of which it isn't settled."""
        return self._things(
            partial_dates.is_over(Support.until, in_days(BEFORE + 1)),
            ~Support.ends,
        )

    @override
    def due(self, most: int) -> list[str]:
        things, row = self.things().subquery(), Confirmation
        rests = row.state.in_([state.value for state in RESTING])
        query = (
            sa.select(things.c.id)
            .outerjoin(row, self.is_of(things.c.id))
            .where(
                row.id.is_(None)
                | (rests & (row.settled < clock.days_ago(AT_LEAST)))
            )
            .order_by(things.c.id)
            .limit(most)
        )
        return list(model.Session.scalars(query))

    @override
    def rests(self, row: Confirmation) -> bool:
        since = clock.days_ago(AT_LEAST)
        return row.settled is not None and row.settled >= since

    @override
    def late(self) -> sa.ColumnElement[bool]:
        """The day has passed, and whoever was asked had time."""
        row = Confirmation
        over = sa.select(Support.id).where(running_out.is_over())
        return (
            (row.subject == self.name)
            & (row.asked < clock.days_ago(AT_LEAST))
            & row.subject_id.in_(over)
        )

    @override
    def asked(self, row: Confirmation) -> list[Askee]:
        support = model.Session.get(Support, row.subject_id)
        if support is None:
            return []
        both = (sides.team(support.project_id), sides.supporter(support))
        return sides.once(askee for side in both for askee in side)

    @override
    def answers(self, row: Confirmation) -> list[Answer]:
        help_text = tk._(
            "Then the project looks for that help again, unless somebody else"
            " gives it."
        )
        return [
            goes_on(),
            Answer(
                ENDS,
                tk._("It has ended")
                if _has_passed(row)
                else tk._("It ends then"),
                _with_right(row, help_text),
                tk._("Thank you! Nobody is asked about it any more."),
                confirms=False,
                is_final=True,
            ),
        ]

    @override
    def words(self, row: Confirmation) -> dict[str, Any]:
        question = (
            tk._(
                "“{title}”: the support by {who} was given until {until}. Does"
                " it go on?"
            )
            if _has_passed(row)
            else tk._(
                "“{title}”: does the support by {who} go on after {until}?"
            )
        )
        support = model.Session.get(Support, row.subject_id)
        is_both = support is not None and sides.is_one(support)
        return {**self._words(row, question), "is_both": is_both}

    @override
    def consequence(self, row: Confirmation) -> str:
        if _has_passed(row):
            return tk._(
                "Where nobody answers, the support ends, and the project looks"
                " for that help again."
            )
        return tk._(
            "Where nobody answers, the support ends then, and the project"
            " looks for that help again."
        )

    @override
    def follow(self, step: Step[Confirmation]) -> None:
        if step.transition.action == FALL_SILENT:
            running_out.run_out(step.row.subject_id)


class YearlyAsking(_SupportAsking):
    """Whether a support still runs; whoever gives it is asked."""

    name = "support"
    mails = "support/emails/yearly"
    unsent = ("confirmation_silent",)
    # The last one, to reviewers, is left out: the project's people decide.
    ticks = TICKS[:3]

    @override
    def things(self) -> sa.Select[Any]:
        """Those that aren't known to end within a year or so.

        Whoever takes care and owns the project is asked about that.
        """
        stage = model.package_table.c.extras["stage"].astext
        soon = partial_dates.is_over(Support.until, in_days(365 + BEFORE))
        return self._things(
            ~soon,
            sa.func.coalesce(stage, "").not_in(stages.OVER),
            ~_is_of_owner(),
        )

    @override
    def asked(self, row: Confirmation) -> list[Askee]:
        """Whoever gives it, or else those who have recorded it."""
        support = model.Session.get(Support, row.subject_id)
        if support is None:
            return []
        return sides.supporter(support) or sides.team(support.project_id)

    @override
    def others(self, row: Confirmation) -> list[Askee]:
        support = model.Session.get(Support, row.subject_id)
        return sides.team(support.project_id) if support else []

    @override
    def answers(self, row: Confirmation) -> list[Answer]:
        help_text = tk._(
            "Then it stands among what was given earlier. Both sides get a"
            " mail."
        )
        return [
            Answer(
                CONFIRMED,
                tk._("Yes, it still runs"),
                thanks=kinds.thanks(
                    tk._("Thank you! Then all stays as it is.")
                ),
            ),
            goes_on(),
            Answer(
                ENDED,
                tk._("No, it has ended"),
                _with_right(row, help_text),
                tk._("Thank you for what was done together!"),
                confirms=False,
                is_final=True,
            ),
        ]

    @override
    def consequence(self, row: Confirmation) -> str:
        return tk._("Where nobody answers, all stays as it is.")

    @override
    def words(self, row: Confirmation) -> dict[str, Any]:
        return self._words(
            row, tk._("“{title}”: does the support by {who} still run?")
        )


def _is_of_owner() -> sa.ColumnElement[bool]:
    """Whether somebody takes care of a project by it, and owns that."""
    if not people.collaborate():
        return sa.false()
    member = model.PackageMember
    owned = sa.select(member.package_id).where(
        member.package_id == Support.project_id,
        member.user_id.in_((Support.user_id, Support.owner_id)),
        member.capacity.in_(people.CAPACITIES),
    )
    return (Support.area == stages.CARE) & owned.exists()


def goes_on(thanks: str = "") -> Answer:
    """The answer that asks for a day.

    :param thanks: what is said then (default: that both sides hear of it)
    """
    return Answer(
        GOES_ON,
        tk._("It goes on until a day"),
        tk._("Both sides are asked again before that day."),
        thanks or tk._("How nice that it goes on! Both sides get a mail."),
        fields=[
            {
                "field_name": "until",
                "label": tk._("Until"),
                "help_text": tk._(
                    "As precisely as you know it: 2027, 03/2027 or 01.03.2027."
                ),
                "required": True,
                "form_snippet": "digifarm/projects/form_fields/text.html",
            }
        ],
    )


def until_of(context: Context, data: DataDict, before: str) -> str:
    """Until when it goes on.

    :param before: until when it was said to go on
    :raises ValidationError: where that is no day after it, and to come
    """
    given = {"until": data.get("until", "")}
    values, errors = tk.navl_validate(given, schema.until(), context)
    if errors:
        raise tk.ValidationError(errors)
    if not values["until"]:
        refuse("until", tk._("Please fill this in"))
    last = partial_dates.last_day(values["until"])
    end = partial_dates.last_day(before)
    if last and end and last <= end:
        refuse("until", tk._("Please give a day after the one said so far"))
    return values["until"]


def in_days(days: int) -> datetime.date:
    """The day after so many."""
    return clock.days_ago(-days).date()


@known.register
def of_project(project: model.Package) -> list[str]:
    """Support for a project that ends within a year."""
    to_come = tk._("Support ends: {area} by {who}, until {until}.")
    passed = tk._("Support was given until {until}: {area} by {who}.")
    return [
        (passed if has_passed(support.until) else to_come).format(
            area=fields.choice_label("help_wanted", support.area),
            who=_who(support),
            until=tk.h.digifarm_partial_date(support.until),
        )
        for support in ending(project.id, in_days(365))
    ]


def _has_passed(row: Confirmation) -> bool:
    """Whether the day is over until which a support was given."""
    support = model.Session.get(Support, row.subject_id)
    return support is not None and has_passed(support.until)


def _with_right(row: Confirmation, text: str) -> str:
    """What an answer brings, and whether somebody owns less by it."""
    support = model.Session.get(Support, row.subject_id)
    is_owned = support is not None and support.owner_id is not None
    return f"{text} {digifarm_care_right_ends()}" if is_owned else text


def _who(support: Support, name: str = "") -> str:
    """Who gives a support.

    :param name: what its sides call a private person (optional)
    """
    partner = model.Session.get(Partner, support.partner_id or "")
    name = partner.title if partner else name or support.person
    return str(name or tk._("a private person"))


kinds.register(EndAsking())
kinds.register(YearlyAsking())
