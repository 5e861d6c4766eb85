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

    def told(self, *numbers: Number) -> bool:
        """Whether a sentence tells of them: also of what is nothing now.

        To leave out what there was before would flatter.
        """
        return any(any(self.sums(number)) for number in numbers)


def sentences(found: dict[str, Any]) -> list[str]:
    """What the last period came to; nothing of what never happened.

    :param found: what :py:func:`digifarm_statistics` gives
    """
    figures = Figures(found)
    told = (_projects, _survival, _help, _proposals, _tasks, _data, _current)
    return [" ".join(lines) for tell in told if (lines := [*tell(figures)])]


def _projects(of: Figures) -> Iterator[str]:
    if of.told(_N.PROJECTS_ALIVE):
        num = of.last(_N.PROJECTS_ALIVE)
        yield tk.ungettext(
            "{num} project goes on.",
            "{num} projects go on, from ideas to software in use.",
            num,
        ).format(num=showing.number_text(num))
    if of.told(_N.PROJECTS_NEW):
        num = of.last(_N.PROJECTS_NEW)
        yield tk.ungettext(
            "{num} project was new.", "{num} projects were new.", num
        ).format(num=showing.number_text(num))
    if of.told(_N.PROJECTS_OVER):
        num = of.last(_N.PROJECTS_OVER)
        yield tk.ungettext(
            "{num} project was completed or ended.",
            "{num} projects were completed or ended.",
            num,
        ).format(num=showing.number_text(num))


def _survival(of: Figures) -> Iterator[str]:
    alive, whole = of.alive(_N.AFTER_ONE_YEAR)[-1]
    if whole:
        yield tk.ungettext(
            "Of {all} project that had been listed for one year, {num} went"
            " on.",
            "Of {all} projects that had been listed for one year, {num} went"
            " on.",
            whole,
        ).format(
            all=showing.number_text(whole), num=showing.number_text(alive)
        )


def _help(of: Figures) -> Iterator[str]:
    if of.told(_N.HELP_FOUND):
        num = of.last(_N.HELP_FOUND)
        found = tk.ungettext(
            "A project found help {num} time.",
            "Projects found help {num} times.",
            num,
        ).format(num=showing.number_text(num))
        yield found if num else tk._("No project found help.")
    if of.told(_N.HELP_WANTED):
        num = of.last(_N.HELP_WANTED)
        yield tk.ungettext(
            "{num} time, help is still wanted.",
            "{num} times, help is still wanted.",
            num,
        ).format(num=showing.number_text(num))


def _proposals(of: Figures) -> Iterator[str]:
    if of.told(_N.PROPOSALS_SENT):
        num = of.last(_N.PROPOSALS_SENT)
        yield tk.ungettext(
            "Residents proposed {num} project.",
            "Residents proposed {num} projects.",
            num,
        ).format(num=showing.number_text(num))
    decided = (_N.PROPOSALS_APPROVED, _N.PROPOSALS_DECLINED)
    if of.told(*decided):
        approved, declined = map(of.last, decided)
        yield tk._(
            "In the same time, the city approved {approved} and declined"
            " {declined}."
        ).format(
            approved=showing.number_text(approved),
            declined=showing.number_text(declined),
        )


def _tasks(of: Figures) -> Iterator[str]:
    if of.told(_N.TASKS_DONE):
        num = of.last(_N.TASKS_DONE)
        yield tk.ungettext(
            "{num} task was done.", "{num} tasks were done.", num
        ).format(num=showing.number_text(num))


def _data(of: Figures) -> Iterator[str]:
    used, whole = of.last(_N.DATASETS_USED), of.last(_N.DATASETS)
    if whole:
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
    if whole:
        yield tk._(
            "The people of {num} of these {all} projects ({share}) have"
            " confirmed in the twelve months before that its entry here is"
            " right."
        ).format(
            num=showing.number_text(num),
            all=showing.number_text(whole),
            share=showing.share(num, whole),
        )
