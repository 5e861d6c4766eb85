"""What a year came to, in a few sentences."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import ckantoolkit as tk

from ..projects import stages
from . import showing
from .numbers import ALIVE, OVER, Number

_N = Number


class Figures:
    """The numbers of some periods.

    :param found: what :py:func:`digifarm_statistics` gives
    """

    def __init__(self, found: dict[str, Any]) -> None:
        self.periods: list[str] = found["periods"]
        self._by_number: dict[Number, dict[str, list[Any]]] = defaultdict(dict)
        for row in found["numbers"]:
            by_key = self._by_number[Number(row["number"])]
            by_key[row["key"]] = row["values"]

    def has(self, *numbers: Number) -> bool:
        """Whether there is something of them in any period."""
        return any(
            any(values)
            for number in numbers
            for values in self.by_key(number).values()
        )

    def by_key(self, number: Number) -> dict[str, list[Any]]:
        """The values of each period, by keys."""
        return self._by_number.get(number, {})

    def sums(self, number: Number) -> list[int]:
        """How much of a number there is in each period, of all keys.

        What is not told counts for nothing.
        """
        by_key = self.by_key(number)
        if not by_key:
            return [0] * len(self.periods)
        return [
            sum(value or 0 for value in values)
            for values in zip(*by_key.values(), strict=True)
        ]

    def alive(self, number: Number) -> list[tuple[int, int]]:
        """Of how many projects that were so old how many went on."""
        by_key = self.by_key(number)
        nothing = [0] * len(self.periods)
        pairs = zip(
            by_key.get(ALIVE, nothing), by_key.get(OVER, nothing), strict=True
        )
        return [(alive, alive + over) for alive, over in pairs]

    def last_by_key(self, number: Number) -> dict[str, int]:
        """How much there is in the last period, by keys."""
        by_key = self.by_key(number)
        return {key: values[-1] or 0 for key, values in by_key.items()}

    def last(self, number: Number) -> int:
        """How much of a number there is in the last period."""
        return self.sums(number)[-1]


def sentences(found: dict[str, Any]) -> list[str]:
    """What the last period came to, bad news as good ones.

    What never happened is left out; what there was only in the period before
    is told as 0: to leave it out would flatter.

    :param found: what :py:func:`digifarm_statistics` gives
    """
    of = Figures(found)
    told = (_projects, _survival, _help, _proposals, _tasks, _data, _current)
    return [text for tell in told if (text := tell(of))]


def _say(text: str, **values: int | str) -> str:
    """A sentence with its numbers.

    All speak as of something past, which fits a year that is not over, too;
    and numbers come after what is counted, as no plural is needed then.
    """
    told = {
        name: showing.number_text(value) if isinstance(value, int) else value
        for name, value in values.items()
    }
    return text.format(**told)


def _projects(of: Figures) -> str:
    if not of.has(_N.PROJECTS_ALIVE, _N.PROJECTS_NEW, _N.PROJECTS_OVER):
        return ""
    by_stage, over = map(of.last_by_key, (_N.PROJECTS, _N.PROJECTS_OVER))
    return _say(
        tk._(
            "Projects in the end: {alive}, of these in use: {live}. New:"
            " {new}; completed: {completed}; given up: {ended}."
        ),
        alive=of.last(_N.PROJECTS_ALIVE),
        live=by_stage.get(stages.LIVE, 0),
        new=of.last(_N.PROJECTS_NEW),
        completed=over.get(stages.COMPLETED, 0),
        ended=over.get(stages.ENDED, 0),
    )


def _survival(of: Figures) -> str:
    alive, whole = of.alive(_N.AFTER_ONE_YEAR)[-1]
    if not whole:
        return ""
    return _say(
        tk._(
            "One year after they were listed, {alive} of {whole} projects went"
            " on."
        ),
        alive=alive,
        whole=whole,
    )


def _help(of: Figures) -> str:
    if not of.has(_N.HELP_FOUND, _N.SUPPORTS, _N.HELP_WANTED):
        return ""
    return _say(
        tk._(
            "Help that began: {new}; that was given in the end: {given}; that"
            " was wanted in the end: {wanted}."
        ),
        new=of.last(_N.HELP_FOUND),
        given=of.last(_N.SUPPORTS),
        wanted=of.last(_N.HELP_WANTED),
    )


def _proposals(of: Figures) -> str:
    decided = (_N.PROPOSALS_APPROVED, _N.PROPOSALS_DECLINED)
    if not of.has(_N.PROPOSALS_SENT, *decided):
        return ""
    approved, declined = map(of.last, decided)
    return _say(
        tk._(
            "Residents’ proposals: {sent}; approved by the city: {approved};"
            " declined: {declined}."
        ),
        sent=of.last(_N.PROPOSALS_SENT),
        approved=approved,
        declined=declined,
    )


def _tasks(of: Figures) -> str:
    if not of.has(_N.TASKS_DONE, _N.TASKS_OPEN):
        return ""
    return _say(
        tk._(
            "Tasks that volunteers have done: {done}; open in the end: {open}."
        ),
        done=of.last(_N.TASKS_DONE),
        open=of.last(_N.TASKS_OPEN),
    )


def _data(of: Figures) -> str:
    used, whole = of.last(_N.DATASETS_USED), of.last(_N.DATASETS)
    if not whole:
        return ""
    return _say(
        tk._(
            "Of {whole} datasets of the city, projects used {used} ({share})."
        ),
        whole=whole,
        used=used,
        share=showing.share(used, whole),
    )


def _current(of: Figures) -> str:
    num, whole = of.last(_N.CONFIRMED), of.last(_N.PROJECTS_ALIVE)
    if not whole:
        return ""
    return _say(
        tk._(
            "Of {whole} projects, the people of {num} ({share}) confirmed in"
            " the twelve months up to then that their entry is right."
        ),
        whole=whole,
        num=num,
        share=showing.share(num, whole),
    )
