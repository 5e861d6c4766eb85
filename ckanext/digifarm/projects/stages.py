"""Which stages of a project mean that it asks for nothing.

A project that pauses looks for no help until it goes on; one that is over
needs none. All who show, count, match or refuse ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckantoolkit as tk

PAUSED = "paused"

#: The goal is reached.
COMPLETED = "completed"

#: It was given up.
ENDED = "ended"

#: Nobody works on these any more.
OVER = (COMPLETED, ENDED)

#: Nothing is there yet that people could use.
UNBUILT = ("idea", "in_progress")

#: These look for nothing.
QUIET = (PAUSED, *OVER)


def is_over(stage: str | None) -> bool:
    """Whether nobody works on a project of this stage any more."""
    return stage in OVER


def is_in_use(stage: str | None) -> bool:
    """Whether people use what a project of this stage has built.

    Stages of a city's own count as such.
    """
    return stage not in (*UNBUILT, *OVER)


def asks(stage: str | None) -> bool:
    """Whether a project of this stage looks for anything at all."""
    return stage not in QUIET


def place(stage: str | None) -> int:
    """Where lists have a project: the least comes first.

    Those that go on come before those that pause, and these before those that
    are over.
    """
    return (not asks(stage)) + is_over(stage)


def help_wanted(project: Mapping[str, Any]) -> list[str]:
    """The areas in which a project looks for help now.

    What is stored stays, so that it is asked for again once it goes on.

    :param project: a package dictionary
    """
    return project.get("help_wanted") or [] if asks_now(project) else []


def asks_now(project: Mapping[str, Any]) -> bool:
    """Whether a project looks for anything at all.

    :param project: a package dictionary
    """
    return asks(project.get("stage"))


def why_not(stage: str | None) -> str:
    """What to tell somebody who would help a project that asks for nothing."""
    if stage == PAUSED:
        return tk._("This project pauses and looks for no help right now")
    if stage == COMPLETED:
        return tk._("This project is completed and needs no help any more")
    return tk._("This project is discontinued and needs no help any more")
