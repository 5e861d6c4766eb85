"""What a year came to, in a few sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk

from . import showing
from .numbers import Number

_N = Number

#: The keys of what has become of projects.
ALIVE, OVER = "alive", "over"


class Figures:
    """The numbers of some periods.

    :param found: what :py:func:`digifarm_statistics` gives
    """

    def __init__(self, found: dict[str, Any]) -> None:
        self._periods = len(found["periods"])
        self._by_number: dict[Number, dict[str, list[Any]]] = defaultdict(dict)
        for row in found["numbers"]:
            by_key = self._by_number[Number(row["number"])]
            by_key[row["key"]] = row["values"]

    def has(self, number: Number) -> bool:
        """Whether there is something of it in any period."""
        return any(any(values) for values in self.by_key(number).values())

    def by_key(self, number: Number) -> dict[str, list[Any]]:
        """The values of each period, by keys."""
        return self._by_number.get(number, {})

    def sums(self, number: Number) -> list[int]:
        """How much of a number there is in each period, of all keys.

        What is not told counts for nothing.
        """
        by_key = self.by_key(number)
        if not by_key:
            return [0] * self._periods
        return [
            sum(value or 0 for value in values)
            for values in zip(*by_key.values(), strict=True)
        ]

    def alive(self, number: Number) -> list[tuple[int, int]]:
        """Of how many projects that were so old how many went on."""
        by_key = self.by_key(number)
        nothing = [0] * self._periods
        pairs = zip(
            by_key.get(ALIVE, nothing), by_key.get(OVER, nothing), strict=True
        )
        return [(alive, alive + over) for alive, over in pairs]

    def last(self, number: Number) -> int:
        """How much of a number there is in the last period."""
        return self.sums(number)[-1]


def sentences(found: dict[str, Any]) -> list[str]:
    """What the last period came to; nothing of what didn’t happen.

    :param found: what :py:func:`digifarm_statistics` gives
    """
    figures = Figures(found)
    told = (_projects, _survival, _help, _proposals, _tasks, _data, _current)
    return [" ".join(lines) for tell in told if (lines := [*tell(figures)])]


def _projects(of: Figures) -> Iterator[str]:
    if num := of.last(_N.PROJECTS_ALIVE):
        yield tk.ungettext(
            "{num} project goes on.", "{num} projects go on.", num
        ).format(num=showing.number_text(num))
    if num := of.last(_N.PROJECTS_NEW):
        yield tk.ungettext(
            "{num} project was new.", "{num} projects were new.", num
        ).format(num=showing.number_text(num))
    if num := of.last(_N.PROJECTS_OVER):
        yield tk.ungettext(
            "{num} project was completed or ended.",
            "{num} projects were completed or ended.",
            num,
        ).format(num=showing.number_text(num))


def _survival(of: Figures) -> Iterator[str]:
    alive, whole = of.alive(_N.AFTER_ONE_YEAR)[-1]
    # Of a single one, a share says nothing.
    if whole > 1:
        yield tk.ungettext(
            "{all} project became one year old; {num} went on then ({share}).",
            "{all} projects became one year old; {num} of them went on then"
            " ({share}).",
            whole,
        ).format(
            all=showing.number_text(whole),
            num=showing.number_text(alive),
            share=showing.share(alive, whole),
        )


def _help(of: Figures) -> Iterator[str]:
    if num := of.last(_N.HELP_FOUND):
        yield tk.ungettext(
            "A project found help {num} time.",
            "Projects found help {num} times.",
            num,
        ).format(num=showing.number_text(num))


def _proposals(of: Figures) -> Iterator[str]:
    if num := of.last(_N.PROPOSALS_SENT):
        yield tk.ungettext(
            "Residents proposed {num} project.",
            "Residents proposed {num} projects.",
            num,
        ).format(num=showing.number_text(num))
    approved, declined = (
        of.last(_N.PROPOSALS_APPROVED),
        of.last(_N.PROPOSALS_DECLINED),
    )
    if approved or declined:
        yield tk._(
            "In the same time, the city approved {approved} and declined"
            " {declined}."
        ).format(
            approved=showing.number_text(approved),
            declined=showing.number_text(declined),
        )


def _tasks(of: Figures) -> Iterator[str]:
    if num := of.last(_N.TASKS_DONE):
        yield tk.ungettext(
            "{num} task was done.", "{num} tasks were done.", num
        ).format(num=showing.number_text(num))


def _data(of: Figures) -> Iterator[str]:
    used, whole = of.last(_N.DATASETS_USED), of.last(_N.DATASETS)
    if used and whole:
        yield tk._(
            "Projects use {num} of the {all} datasets that the city"
            " publishes ({share})."
        ).format(
            num=showing.number_text(used),
            all=showing.number_text(whole),
            share=showing.share(used, whole),
        )


def _current(of: Figures) -> Iterator[str]:
    num, whole = of.last(_N.CONFIRMED), of.last(_N.PROJECTS_ALIVE)
    if num and whole:
        yield tk._(
            "The people of {num} of these {all} projects ({share}) have"
            " confirmed within a year that its page is right."
        ).format(
            num=showing.number_text(num),
            all=showing.number_text(whole),
            share=showing.share(num, whole),
        )
