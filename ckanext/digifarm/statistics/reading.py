"""What the table of numbers says; as many SQL statements for any portal."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from itertools import accumulate
from typing import Any, NamedTuple

import sqlalchemy as sa

from ..lib.ckan import model
from ..links.use_counts import DatasetUse
from .groups import ALL, Group
from .model import Figure
from .numbers import (
    ALIVE,
    OF_LIVES,
    OF_PORTAL,
    OF_TWO_SIDES,
    Kind,
    Number,
)
from .periods import Span, Step

#: What fewer private persons than so many have done is not told apart.
FEW = 3

#: So many datasets are named that are used most.
MOST_USED = 10

#: So many communities that projects come from.
MOST_ORIGINS = 20

#: The key of what is folded.
FOLDED = "folded"

#: Which part of all the middle is, and nearly all.
MEDIAN, NINETY = 0.5, 0.9

#: How much by days that it took, in a period; None for all that was before.
Periods = Mapping[datetime.date | None, Mapping[int, int]]


class Row(NamedTuple):
    """A number in all periods.

    :param key: which of those that it stands for
    :param values: one for each period; of durations `count`, `median` and
        `ninety`; None where nothing is told
    :param total: of all periods; of levels, at their end
    """

    number: Number
    key: str
    values: list[Any]
    total: Any


def rows(span: Span, group: Group, counted: datetime.date) -> list[Row]:
    """All numbers that there are of a span; one SQL statement.

    :param group: for whom
    :param counted: the month in which it was counted last
    """
    periods = [*span.periods()]
    found = _amounts(span, group)
    over = [period for period in periods if period.year < counted.year]
    is_of_all, is_by_year = group == ALL, span.step is Step.YEAR
    plain = [
        _row(number, key, values, periods)
        for (number, key), values in found.items()
        if number.kind is not Kind.PERSONAL
    ]
    if not is_of_all:
        plain = [*_of_some(plain, periods, over if is_by_year else [])]
    is_told = is_of_all and is_by_year
    return [*plain, *(_personal(found, periods, over) if is_told else ())]


def _of_some(
    rows_: list[Row], periods: list[datetime.date], over: list[datetime.date]
) -> Iterator[Row]:
    """What may be told of some projects.

    They may be those of one person. So what only two sides know is told by
    years that are over, where it is no little.

    :param over: the periods that are such years
    """
    for row in rows_:
        if row.number not in OF_TWO_SIDES:
            yield row
        elif over and row.number.kind is Kind.FLOW:
            values = [
                value if period in over and value >= FEW else None
                for period, value in zip(periods, row.values, strict=True)
            ]
            yield row._replace(values=values, total=None)


def _amounts(span: Span, group: Group) -> dict[tuple[Number, str], Periods]:
    """What is counted."""
    period = sa.case(
        (Figure.month < span.since, None), else_=_period(span)
    ).label("period")
    query = (
        sa.select(
            Figure.number,
            Figure.key,
            period,
            Figure.days,
            sa.func.sum(Figure.amount),
        )
        .where(
            Figure.is_of(group)
            | (Figure.is_of(ALL) & Figure.number.in_(_of_portal())),
            Figure.month <= span.until,
        )
        .group_by(Figure.number, Figure.key, sa.text("period"), Figure.days)
    )
    found: dict[Any, Any] = defaultdict(lambda: defaultdict(dict))
    for number, key, when, days, amount in model.Session.execute(query):
        found[Number(number), key][when][days] = amount
    return found


def _of_portal() -> list[str]:
    return [number.value for number in OF_PORTAL]


def _period(span: Span) -> Any:
    month = sa.func.date_trunc(span.step.value, Figure.month)
    return sa.cast(month, sa.Date)


def _row(
    number: Number, key: str, found: Periods, periods: list[datetime.date]
) -> Row:
    """A number that is told of any span."""
    if number.kind is Kind.DURATION:
        values = [_took(found.get(period, {})) for period in periods]
        whole = Counter[int]()
        for period in periods:
            whole.update(found.get(period, {}))
        return Row(number, key, values, _took(whole))
    flow = [_number(found, period) for period in periods]
    if number.kind is Kind.FLOW:
        return Row(number, key, flow, sum(flow))
    level = [*accumulate(flow, initial=_number(found, None))][1:]
    return Row(number, key, level, level[-1])


def _number(found: Periods, period: datetime.date | None) -> int:
    return sum(found.get(period, {}).values())


def _took(by_days: Mapping[int, int]) -> dict[str, int] | None:
    """How long things took: half of them, and 90 %, at most so long."""
    if not by_days:
        return None
    return {
        "count": sum(by_days.values()),
        "median": _part(by_days, MEDIAN),
        "ninety": _part(by_days, NINETY),
    }


def _part(by_days: Mapping[int, int], part: float) -> int:
    """The least number of days that a part of all took at most."""
    wanted = part * sum(by_days.values())
    seen = 0
    for days in sorted(by_days):
        seen += by_days[days]
        if seen >= wanted:
            break
    return days


def _personal(
    found: Mapping[tuple[Number, str], Periods],
    periods: list[datetime.date],
    over: list[datetime.date],
) -> list[Row]:
    """What private persons have done, where there are several.

    :param over: the periods of which it is told
    """
    cells: dict[Number, dict[datetime.date, dict[str, int]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for (number, key), values in found.items():
        if number.kind is Kind.PERSONAL:
            for period in over:
                if amount := _number(values, period):
                    cells[number][period][key] = amount
    rows_ = []
    for number, years in cells.items():
        told = {period: folded(of_year) for period, of_year in years.items()}
        keys = {key for year in told.values() for key in year}
        for key in sorted(keys):
            values_ = [told.get(p, {}).get(key) for p in periods]
            rows_.append(Row(number, key, values_, None))
    return rows_


def folded(cells: Mapping[str, int]) -> dict[str, int | None]:
    """What can be told of a year without telling of a person.

    What is rare is counted together, with the next rarest where that is still
    too little.

    :param cells: how often, by keys
    :returns: the same; with `FOLDED` for what is counted together, None where
        even that is too little
    """
    told: dict[str, int | None] = {}
    rest = 0
    for key, amount in sorted(cells.items(), key=lambda cell: cell[1]):
        if amount < FEW or 0 < rest < FEW:
            rest += amount
        else:
            told[key] = amount
    if rest:
        told[FOLDED] = rest if rest >= FEW else None
    return told


def origins(span: Span) -> list[dict[str, Any]]:
    """What became of the projects of each community; one SQL statement.

    :returns: of those with most projects that began in the span: `origin`,
        `began`; how many were `one_year` and `two_years` old in it, and how
        many of these went on: `one_year_alive` and `two_years_alive`
    """
    one, two = Number.AFTER_ONE_YEAR, Number.AFTER_TWO_YEARS
    counts = {
        "began": _count(Number.PROJECTS_NEW, Number.PROJECTS_TAKEN_OVER),
        "one_year": _count(one),
        "one_year_alive": _count(one, key=ALIVE),
        "two_years": _count(two),
        "two_years_alive": _count(two, key=ALIVE),
    }
    query = (
        sa.select(
            Figure.origin,
            *(count.label(name) for name, count in counts.items()),
        )
        .where(
            Figure.organization == "",
            Figure.action_field == "",
            Figure.origin != "",
            Figure.month.between(span.since, span.until),
            Figure.number.in_([number.value for number in OF_LIVES]),
        )
        .group_by(Figure.origin)
        .having(counts["began"] + counts["one_year"] + counts["two_years"] > 0)
        .order_by(counts["began"].desc(), Figure.origin)
        .limit(MOST_ORIGINS)
    )
    found = model.Session.execute(query).mappings()
    return [dict(row) for row in found]


def _count(*numbers: Number, key: str = "") -> sa.ColumnElement[int]:
    """How much some numbers have in a group of rows.

    :param key: of these keys alone (default: of all)
    """
    is_one = Figure.number.in_([number.value for number in numbers])
    if key:
        is_one &= Figure.key == key
    total = sa.func.sum(Figure.amount).filter(is_one)
    return sa.func.coalesce(total, 0)


def organization_titles(ids: Collection[str]) -> dict[str, str]:
    """The titles of organisations by their ids; one SQL statement."""
    group = model.Group
    query = sa.select(group.id, group.title, group.name).where(
        group.id.in_(ids), group.state == model.State.ACTIVE
    )
    return {
        id_: title or name for id_, title, name in model.Session.execute(query)
    }


def most_used() -> list[dict[str, Any]]:
    """The public datasets that most projects use now; one SQL statement."""
    package = model.Package
    query = (
        sa.select(package.name, package.title, DatasetUse.num_projects)
        .join(DatasetUse, DatasetUse.dataset_id == package.id)
        .where(package.state == model.State.ACTIVE, package.private.is_(False))
        .order_by(DatasetUse.num_projects.desc(), DatasetUse.dataset_id)
        .limit(MOST_USED)
    )
    return [
        {"name": name, "title": title or name, "num_projects": number}
        for name, title, number in model.Session.execute(query)
    ]
