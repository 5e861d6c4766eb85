"""What time brings where something is asked now and then."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from .. import config
from ..lib import clock, index, lookups
from ..lib.ckan import Context, model
from ..lib.due_work import Kind
from ..projects import fields, search, stages
from . import kinds, publishing
from .finding import PROJECT
from .kinds import KINDS as ASKINGS
from .kinds import TO_OTHERS, Asking, Tick
from .model import WAITING_STATES, Confirmation, ConfirmationState
from .workflow import ASK, FALL_SILENT, SETTLE, WORKFLOW

#: It is asked for again as soon as `keys` says so.
ANYTIME = datetime.timedelta(0)

#: After a longer pause the index has to be rebuilt anyway.
LATE = datetime.timedelta(days=60)

#: In these the clock goes on.
TICKING = (ConfirmationState.ASKED, ConfirmationState.PASSED_ON)


def _to_ask() -> Iterator[str]:
    """What is to be asked now, as the name of an `Asking` and an id.

    No more of each than the option lets be asked in a day.
    """
    if not config.confirmation_months():
        return
    for kind in [*ASKINGS.values()]:
        most = config.confirmations_per_day() - _asked_lately(kind.name)
        if most > 0:
            for id_ in kind.due(most):
                yield f"{kind.name} {id_}"


def _asked_lately(name: str) -> int:
    row = Confirmation
    query = sa.select(sa.func.count()).where(
        row.subject == name, row.began > clock.days_ago(1)
    )
    return model.Session.scalar(query) or 0


def _ask(key: str) -> None:
    name, _, id_ = key.partition(" ")
    row = Confirmation.of(name, id_)
    if row is None:
        row = Confirmation(
            subject=name,
            subject_id=id_,
            project_id=ASKINGS[name].project_id(id_),
        )
        if ASKINGS[name].is_asked(row):
            context = Context(defer_commit=True)
            WORKFLOW.begin(ASK, context, row, ConfirmationState.ASKED)
        return
    locked = _locked(row.id)
    # Somebody may have answered meanwhile.
    if locked and ASKINGS[name].rests(locked):
        return
    if locked and ConfirmationState(locked.state) in kinds.RESTING:
        WORKFLOW.go_on(ASK, locked, Context())


def _to_tick() -> list[str]:
    """Questions whose clock strikes."""
    if not config.confirmation_months():
        return []
    row = Confirmation
    strikes = [
        (row.subject == kind.name)
        & (row.ticks == number)
        & (row.began < clock.days_ago(tick.days))
        for kind in ASKINGS.values()
        for number, tick in enumerate(kind.ticks)
    ]
    query = sa.select(row.id).where(
        row.state.in_([state.value for state in TICKING]),
        sa.or_(sa.false(), *strikes),
    )
    return list(model.Session.scalars(query.order_by(row.began, row.id)))


def _tick(id_: str) -> None:
    """Do what is due; of several that were overlooked, the last one."""
    row = _locked(id_)
    if row is None or ConfirmationState(row.state) not in TICKING:
        return
    kind = kinds.of(row)
    passed = _passed(kind, row)
    if not passed or not kind.is_asked(row):
        return
    number, tick = passed[-1]
    row.ticks = number + 1
    # Reviewers would read that somebody else was asked.
    if tick.action == TO_OTHERS and not kind.others(row):
        return
    WORKFLOW.go_on(tick.action, row, Context())


def _passed(kind: Asking, row: Confirmation) -> list[tuple[int, Tick]]:
    """The strikes of the clock that are over, and weren't done."""
    return [
        (number, tick)
        for number, tick in enumerate(kind.ticks)
        if number >= row.ticks
        and row.began
        and row.began < clock.days_ago(tick.days)
    ]


def _to_silence() -> list[str]:
    """Questions that nobody has answered for too long."""
    if not config.confirmation_months():
        return []
    row = Confirmation
    late = [kind.late() for kind in ASKINGS.values()]
    query = sa.select(row.id).where(
        row.silent.is_(None), sa.or_(sa.false(), *late)
    )
    return list(model.Session.scalars(query.order_by(row.asked, row.id)))


def _fall_silent(id_: str) -> None:
    row = _locked(id_)
    if row is None or row.silent or row.asked is None:
        return
    kind = kinds.of(row)
    late = sa.select(Confirmation.id).where(
        Confirmation.id == id_, kind.late()
    )
    if kind.is_asked(row) and model.Session.scalar(late):
        WORKFLOW.go_on(FALL_SILENT, row, Context())


def _to_settle() -> Iterator[str]:
    """Questions about what isn't there any more, or needs no answer."""
    row = Confirmation
    open_ = [
        state.value for state in (*WAITING_STATES, ConfirmationState.SEARCHING)
    ]
    for kind in [*ASKINGS.values()]:
        things = kind.things().subquery()
        query = sa.select(row.id).where(
            row.subject == kind.name,
            row.state.in_(open_),
            row.subject_id.not_in(sa.select(things.c.id)),
        )
        yield from model.Session.scalars(query.order_by(row.id)).all()


def _settle(id_: str) -> None:
    row = _locked(id_)
    if row and not kinds.of(row).is_asked(row):
        WORKFLOW.go_on(SETTLE, row, Context())


def _to_mend() -> list[str]:
    """Projects that say something else than what is known of them."""
    names = [
        name
        for name in (publishing.CONFIRMED, stages.SILENT, stages.SOUGHT)
        if fields.field(name) is not None
    ]
    row, extras = Confirmation, model.package_table.c.extras
    said = {name: sa.func.coalesce(extras[name].astext, "") for name in names}
    known = {
        publishing.CONFIRMED: _day(row.confirmed),
        stages.SILENT: sa.case(
            (row.silent.is_not(None), _day(row.asked)), else_=""
        ),
        stages.SOUGHT: sa.case(
            (
                row.seeks | (row.state == ConfirmationState.SEARCHING.value),
                _day(row.settled),
            ),
            else_="",
        ),
    }
    query = (
        sa.select(row.id)
        .join(model.Package, model.Package.id == row.project_id)
        .where(
            row.subject == PROJECT,
            sa.or_(sa.false(), *(said[name] != known[name] for name in names)),
        )
    )
    return list(model.Session.scalars(query.order_by(row.id)))


def _day(moment: Any) -> Any:
    return sa.func.coalesce(sa.func.to_char(moment, "YYYY-MM-DD"), "")


def _mend(id_: str) -> None:
    """Who saves a project and has read it before writes what was."""
    if row := _locked(id_):
        publishing.publish(row)


def _to_reindex() -> Iterator[str]:
    """Projects that were confirmed within a year until now."""
    row, year_ago = Confirmation, clock.days_ago(search.CONFIRMED_DAYS)
    # What was long before was done then.
    query = sa.select(row.project_id, row.confirmed).where(
        row.subject == PROJECT,
        row.confirmed.between(year_ago - LATE, year_ago),
    )
    for project_id, confirmed in model.Session.execute(query):
        yield f"{project_id} {confirmed.date()}"


def _reindex(key: str) -> None:
    index.reindex_later(key.partition(" ")[0])


def _locked(id_: str) -> Confirmation | None:
    """A question, if what it is about is still known here."""
    row = lookups.lock_by_id(Confirmation, id_)
    return row if row and row.subject in ASKINGS else None


KINDS = (
    # First: nobody is told of what there is no need to answer.
    Kind("confirmation-settled", _to_settle, _settle, ANYTIME),
    Kind("confirmation-silence", _to_silence, _fall_silent, ANYTIME),
    Kind("confirmation-clock", _to_tick, _tick, ANYTIME),
    Kind("confirmation-question", _to_ask, _ask, ANYTIME),
    Kind("confirmation-shown", _to_mend, _mend, ANYTIME),
    Kind("confirmation-lapsed", _to_reindex, _reindex),
)
