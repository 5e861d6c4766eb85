"""What a year came to, in a few sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk

from .numbers import Number


def sentences(found: dict[str, Any]) -> list[str]:
    """What the last period came to; nothing of what didn't happen.

    :param found: what :py:func:`digifarm_statistics` gives
    """
    last = {
        number: _sum(found, number)
        for number in Number
        if number.kind.value in {"level", "flow"}
    }
    return [*_sentences(last)]


def _sum(found: dict[str, Any], number: Number) -> int:
    """How much of a number there was, of all its keys."""
    return sum(
        row["values"][-1]
        for row in found["numbers"]
        if row["number"] == number.value
    )


def _sentences(of: dict[Number, int]) -> Iterator[str]:
    n = Number
    if of[n.PROJECTS_ALIVE]:
        yield tk.ungettext(
            "{num} project goes on; {new} were new, and {over} were completed"
            " or discontinued.",
            "{num} projects go on; {new} were new, and {over} were completed"
            " or discontinued.",
            of[n.PROJECTS_ALIVE],
        ).format(
            num=of[n.PROJECTS_ALIVE],
            new=of[n.PROJECTS_NEW],
            over=of[n.PROJECTS_OVER],
        )
    if of[n.PROPOSALS_SENT]:
        yield tk.ungettext(
            "Residents sent {num} proposal; {approved} were approved, and"
            " {declined} declined.",
            "Residents sent {num} proposals; {approved} were approved, and"
            " {declined} declined.",
            of[n.PROPOSALS_SENT],
        ).format(
            num=of[n.PROPOSALS_SENT],
            approved=of[n.PROPOSALS_APPROVED],
            declined=of[n.PROPOSALS_DECLINED],
        )
    if of[n.HELP_FOUND]:
        yield tk.ungettext(
            "Projects found help {num} time.",
            "Projects found help {num} times.",
            of[n.HELP_FOUND],
        ).format(num=of[n.HELP_FOUND])
    if of[n.TASKS_DONE]:
        yield tk.ungettext(
            "{num} task was done.", "{num} tasks were done.", of[n.TASKS_DONE]
        ).format(num=of[n.TASKS_DONE])
    if of[n.DATASETS_USED] and of[n.DATASETS]:
        yield tk._(
            "{num} of the portal’s {all} datasets are used by projects."
        ).format(num=of[n.DATASETS_USED], all=of[n.DATASETS])
