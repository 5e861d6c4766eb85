"""How numbers are shown: by sections, with charts."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any, NamedTuple

import ckantoolkit as tk
from babel.dates import format_skeleton

from ..lib import language
from . import charts, reading, words
from .numbers import Kind, Number
from .words import Section

#: Where there is nothing to tell.
NOTHING = "–"


class Line(NamedTuple):
    """A number, as a row of a table.

    :param label: what it is called
    :param values: in words, one for each period
    :param total: in words
    :param meaning: of which time the total is, or ""
    :param columns: the chart of it
    :param top: what the height of the chart stands for
    :param most: its highest value, and when that was, in words
    """

    label: str
    values: list[str]
    total: str
    meaning: str
    columns: list[charts.Column]
    top: str
    most: str


class Shown(NamedTuple):
    """A section with its lines."""

    section: Section
    lines: list[Line]


def sections(found: dict[str, Any]) -> list[Shown]:
    """All that there is to show; what never happened is left out.

    :param found: what :py:func:`digifarm_statistics` gives
    """
    by_number: dict[Number, dict[str, Any]] = defaultdict(dict)
    for row in found["numbers"]:
        if any(map(charts.amount, row["values"])) or row["total"]:
            by_number[Number(row["number"])][row["key"]] = row
    shown = []
    for section in words.sections():
        rows = {
            number: by_number[number]
            for number in section.numbers
            if number in by_number
        }
        lines = [
            line
            for number, by_key in rows.items()
            for line in _lines(number, by_key, by_number, found["periods"])
        ]
        if lines:
            shown.append(Shown(section, lines))
    return shown


def _lines(
    number: Number,
    by_key: dict[str, Any],
    by_number: dict[Number, dict[str, Any]],
    periods: list[str],
) -> list[Line]:
    """The lines of a number; its charts have the same height."""
    highest = max(
        charts.amount(value)
        for row in by_key.values()
        for value in row["values"]
    )
    whole = words.is_share(number)
    wholes = by_number.get(whole, {}).get("") if whole else None
    return [
        Line(
            words.label(number, key),
            [_text(value) for value in by_key[key]["values"]],
            _total(by_key[key], wholes),
            _meaning(by_key[key]["kind"]),
            charts.columns(by_key[key]["values"], highest),
            number_text(highest),
            _most(by_key[key]["values"], periods),
        )
        for key in words.keys(number, {*by_key})
    ]


def _total(row: dict[str, Any], whole: dict[str, Any] | None) -> str:
    total = row["total"]
    if row["kind"] == Kind.PERSONAL.value:
        return ""
    if row["kind"] == Kind.DURATION.value:
        # Translators: how long something took; half of all took so long
        return tk._(
            "half of them at most {median}, nine of ten at most {ninety}"
        ).format(median=days(total["median"]), ninety=days(total["ninety"]))
    if whole and whole["total"]:
        return tk._("{num} of {all} ({share})").format(
            num=_text(total),
            all=_text(whole["total"]),
            share=share(total, whole["total"]),
        )
    return _text(total)


def _meaning(kind: str) -> str:
    return {
        Kind.LEVEL.value: lambda: tk._("at the end"),
        Kind.FLOW.value: lambda: tk._("in total"),
    }.get(kind, str)()


def _most(values: list[Any], periods: list[str]) -> str:
    """The highest value and when that was: what a chart shows at a glance."""
    amount, place = max(
        (charts.amount(value), -place) for place, value in enumerate(values)
    )
    # Translators: the highest value of a chart, and its month or year
    return tk._("{num} in {period}").format(
        num=number_text(amount), period=period_label(periods[-place])
    )


def _text(value: Any) -> str:
    return NOTHING if value is None else number_text(charts.amount(value))


def number_text(value: float) -> str:
    """A number, in the language that is spoken."""
    return str(tk.h.localised_number(value))


def share(part: int, whole: int) -> str:
    """Which part of a whole something is."""
    # Translators: a share, such as “12 %”
    words = tk._("{num} %").format(num=number_text(round(100 * part / whole)))
    # A line doesn't end before the sign.
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def days(number: int) -> str:
    """How long something took at most; what is done at once took a day."""
    number = max(number, 1)
    return tk.ungettext("{num} day", "{num} days", number).format(
        num=number_text(number)
    )


def period_label(period: str) -> str:
    """A month or a year, in the language that is spoken.

    :param period: such as `2026-11` or `2026`
    """
    if "-" not in period:
        return period
    return _in_words(period, "yMMM")


def month_name(period: str) -> str:
    """The name of a month without its year.

    :param period: such as `2026-11`
    """
    return _in_words(period, "MMM")


def _in_words(period: str, skeleton: str) -> str:
    day = datetime.date.fromisoformat(f"{period}-01")
    return format_skeleton(
        skeleton, day, locale=language.locale_of(language.current())
    )


def organizations(ids: list[str]) -> list[tuple[str, str]]:
    """Organisations with their titles; one that is gone has none."""
    titles = reading.organization_titles(ids)
    gone = tk._("An organisation that is gone")
    return sorted(
        ((id_, titles.get(id_, gone)) for id_ in ids),
        key=lambda pair: pair[1].casefold(),
    )
