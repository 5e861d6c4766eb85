"""The report of a year: what a council reads, on one page of paper."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import ckantoolkit as tk

from ..lib import dates
from ..lib.text import shortened
from ..projects import stages
from . import reading, showing, words
from .numbers import Kind, Number
from .summary import Figures

_N = Number


#: Half of fewer cases says little; nine of ten of them are all.
FEW_CASES = 10

#: What was achieved has room on the sheet for so many lines of so many
#: characters; on average, half of the last line of each is left empty.
LINES, LINE = 7, 110

#: Of the title of a project there, in characters.
TITLE_LENGTH = 80

#: Of these it is told of which kinds they are.
WITH_PARTS = {
    _N.PROJECTS_ALIVE,
    _N.PROJECTS_OVER,
    _N.HELP_WANTED,
    _N.HELP_FOUND,
}


class Row(NamedTuple):
    """A row of the report.

    :param label: what is counted
    :param values: in words, one for each year
    :param parts: what one of them is made of, in words, or ""
    """

    label: str
    values: list[str]
    parts: str = ""


class Part(NamedTuple):
    """Some rows under a heading.

    :param text: what a reader has to know, in a sentence, or ""
    """

    title: str
    text: str
    rows: list[Row]


def parts(found: dict[str, Any]) -> list[Part]:
    """All that the report tells of a year, and of the one before.

    What never happened in both is left out.

    :param found: what :py:func:`digifarm_statistics` gives of one or two years
    """
    figures = Figures(found)
    return [
        Part(title, text, rows)
        for title, text, wanted in _layout()
        if (rows := [row for one in wanted for row in _rows(figures, one)])
    ]


def year_label(year: str, found: dict[str, Any]) -> str:
    """A year above its column; it says where the year is not whole."""
    begins = found["begins"]
    if begins.startswith(year) and not begins.endswith("-01"):
        return tk._("{year} (from {month} on)").format(
            year=year, month=showing.month_name(begins)
        )
    if not is_over(int(year), found):
        return tk._("{year} (so far)").format(year=year)
    return year


def is_over(year: int, found: dict[str, Any]) -> bool:
    """Whether a year was over when it was counted, by the portal's clock."""
    counted = datetime.datetime.fromisoformat(found["as_of"])
    return year < dates.local_day(counted).year


def with_room(achieved: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of what was achieved as much as the sheet has room for, by titles.

    :param achieved: what :py:func:`digifarm_achievement_list` gives
    :returns: the same, with long titles shortened
    """
    told = [
        {**one, "title": shortened(one["title"], TITLE_LENGTH)}
        for one in achieved
    ]
    lengths = (
        len(one["title"]) + len(one["text"]) + LINE // 2 for one in told
    )
    fitting = sum(total <= LINE * LINES for total in accumulate(lengths))
    return sorted(told[:fitting], key=lambda one: one["title"].casefold())


def _layout() -> list[tuple[str, str, tuple[Number, ...]]]:
    """What the report has, what matters most first."""
    return [
        (
            tk._("Projects"),
            "",
            (
                _N.PROJECTS_ALIVE,
                _N.PROJECTS_NEW,
                _N.PROJECTS_TAKEN_OVER,
                _N.PROJECTS_OVER,
                _N.AFTER_ONE_YEAR,
                _N.AFTER_TWO_YEARS,
                _N.DATASETS_USED,
            ),
        ),
        (
            tk._("Help that is wanted and found"),
            tk._(
                "Projects look for help with content, technology, money, or"
                " somebody who looks after them; often for several kinds."
                " Partners (such as associations and companies) and private"
                " persons give it; not all of it was offered here."
            ),
            (
                _N.HELP_WANTED,
                _N.HELP_FOUND,
                _N.HELP_DAYS,
                _N.SUPPORTS,
                _N.SUPPORTS_ENDED,
                _N.HELPED,
                _N.OFFERS_SENT,
                _N.OFFERS_ACCEPTED,
                _N.PARTNERS,
                _N.PARTNERS_SUPPORTING,
            ),
        ),
        (
            tk._("Proposals"),
            tk._("Residents propose new projects; the city decides."),
            (
                _N.PROPOSALS_SENT,
                _N.PROPOSALS_APPROVED,
                _N.PROPOSALS_DECLINED,
                _N.PROPOSAL_DAYS,
            ),
        ),
        (
            tk._("Tasks"),
            tk._("Small pieces of work of an hour or some days."),
            (_N.TASKS_OPENED, _N.TASKS_TAKEN, _N.TASKS_DONE, _N.TASKS_OPEN),
        ),
        (
            tk._("How current the entries are"),
            tk._(
                "The people of each project are asked once a year whether its"
                " entry here is still right."
            ),
            (_N.CONFIRMED, _N.ADDRESSES_DEAD, _N.VIEWS),
        ),
        (
            tk._("Reasons"),
            tk._(
                "How often people chose a reason. What fewer than three chose"
                " is counted together, or not told, so that nobody can tell"
                " who it was."
            ),
            (
                _N.REASONS_DECLINING,
                _N.REASONS_ENDING,
                _N.REASONS_GIVING_BACK,
                _N.REASONS_STOPPING,
            ),
        ),
    ]


def _rows(figures: Figures, number: Number) -> Iterator[Row]:
    if not figures.has(number):
        return
    label = _labels().get(number) or words.label(number, "")
    if number in {_N.AFTER_ONE_YEAR, _N.AFTER_TWO_YEARS}:
        yield Row(label, _shares(figures.alive(number)))
    elif whole := words.is_share(number):
        pairs = zip(figures.sums(number), figures.sums(whole), strict=True)
        yield Row(label, _shares(pairs))
    elif number.kind is Kind.DURATION:
        yield from _durations(figures, number, label)
    elif number.kind is Kind.PERSONAL:
        yield from _personal(figures, number, label)
    else:
        told = [showing.number_text(amount) for amount in figures.sums(number)]
        parts = _parts(figures, _made_of(number))
        yield Row(label, told, parts if number in WITH_PARTS else "")


def _labels() -> dict[Number, str]:
    """Where the report says it in other words than the page of numbers."""
    return {
        _N.PROJECTS_ALIVE: tk._("Projects that go on, at the end"),
        _N.PROJECTS_OVER: tk._("Completed or ended"),
        _N.AFTER_ONE_YEAR: tk._("Listed for one year, of these went on"),
        _N.AFTER_TWO_YEARS: tk._("Listed for two years, of these went on"),
        _N.HELP_WANTED: tk._("Help wanted, at the end"),
        _N.HELP_FOUND: tk._("Help that began"),
        _N.HELP_DAYS: tk._("found after"),
        _N.SUPPORTS: tk._("Help that is given, at the end"),
        _N.SUPPORTS_ENDED: tk._("Help that ended"),
        _N.HELPED: tk._("Did it help? What projects say when it has ended"),
        _N.OFFERS_SENT: tk._("Offers of help"),
        _N.OFFERS_ACCEPTED: tk._("Offers that were accepted"),
        _N.PROPOSAL_DAYS: tk._("Decided after"),
        _N.DATASETS_USED: tk._(
            "Datasets (tables, maps) of the city that a project uses"
        ),
        _N.CONFIRMED: tk._("Confirmed in the twelve months up to then"),
        _N.ADDRESSES_DEAD: tk._("Web addresses that don’t answer, at the end"),
        _N.TASKS_OPEN: tk._("Tasks to be taken, at the end"),
        _N.REASONS_DECLINING: tk._("Why something was declined"),
        _N.REASONS_ENDING: tk._("Why help or a task ended"),
        _N.REASONS_GIVING_BACK: tk._("Why a task was given back"),
        _N.REASONS_STOPPING: tk._("Why a project is over"),
    }


def _made_of(number: Number) -> Number:
    """What tells of which kinds a number is."""
    return _N.PROJECTS if number is _N.PROJECTS_ALIVE else number


def _parts(figures: Figures, number: Number) -> str:
    """Of which kinds the last value is: “2026: Content 9, Technology 6”."""
    by_key = figures.by_key(number)
    last = {key: values[-1] for key, values in by_key.items()}
    told = [
        f"{words.key_label(number, key)} {showing.number_text(last[key])}"
        for key in words.keys(number, {*by_key})
        if key and last[key] and _is_part(number, key)
    ]
    return _of(figures.periods[-1], ", ".join(told)) if told else ""


def _of(period: str, parts: str) -> str:
    return tk._("{year}: {parts}").format(year=period, parts=parts)


def _is_part(number: Number, key: str) -> bool:
    return number is not _N.PROJECTS or key not in stages.OVER


def _shares(pairs: Iterable[tuple[int, int]]) -> list[str]:
    return [
        tk._("{num} of {all} ({share})").format(
            num=showing.number_text(num),
            all=showing.number_text(whole),
            share=showing.share(num, whole),
        )
        if whole
        else showing.NOTHING
        for num, whole in pairs
    ]


def _durations(figures: Figures, number: Number, label: str) -> Iterator[Row]:
    by_key = figures.by_key(number)
    for key in words.keys(number, {*by_key}):
        named = f"{words.key_label(number, key)}: {label}" if key else label
        values = by_key[key]
        told = [
            _of(period, _ninety(value))
            for period, value in zip(figures.periods, values, strict=True)
            if value
        ]
        yield Row(named, [*map(_median, values)], "".join(told[-1:]))


def _median(value: dict[str, int] | None) -> str:
    """In how many days half of the cases were done; of few, all of them."""
    if value is None:
        return showing.NOTHING
    most = value["ninety" if _is_few(value) else "median"]
    return showing.days(most)


def _ninety(value: dict[str, int]) -> str:
    """Of how many cases that is told, and what the slow ones took."""
    num = showing.number_text(value["count"])
    if _is_few(value):
        return tk.ungettext(
            "a single case", "the longest of {num} cases", value["count"]
        ).format(num=num)
    return tk._("half of {num} cases; nine of ten: {days}").format(
        num=num, days=showing.days(value["ninety"])
    )


def _is_few(value: dict[str, int]) -> bool:
    """Whether nine of ten are all of them."""
    return value["count"] < FEW_CASES


def _personal(figures: Figures, number: Number, label: str) -> Iterator[Row]:
    """How often altogether, as far as it is told; and the reasons.

    Where so little has happened that nothing is told, there is no row.
    """
    by_key = figures.by_key(number)
    sums = figures.sums(number)
    if any(sums):
        told = [
            showing.number_text(some)
            if some or not _is_hidden(by_key, place)
            else tk._("fewer than 3")
            for place, some in enumerate(sums)
        ]
        yield Row(label, told, _parts(figures, number))


def _is_hidden(by_key: Mapping[str, Sequence[Any]], place: int) -> bool:
    """Whether there is something in a year that is too little to be told."""
    values = by_key.get(reading.FOLDED)
    return values is not None and values[place] is None
