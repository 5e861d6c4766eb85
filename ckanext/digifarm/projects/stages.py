"""Which projects ask for nothing.

A project that pauses looks for no help until it goes on; one that is over
needs none. Where nobody has confirmed for long that an entry is still right,
it looks for nobody but somebody who takes it on. All who show, count, match or
refuse ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

#: The field that says since when nobody has confirmed an entry.
SILENT = "silent_since"

#: The field that says since when the city looks for somebody who takes it on.
SOUGHT = "care_sought_since"

#: The area of those who look after a project that others have built.
CARE = "care"

PAUSED = "paused"

#: The goal is reached.
COMPLETED = "completed"

#: It was given up.
ENDED = "ended"

#: Nobody works on these any more.
OVER = (COMPLETED, ENDED)

#: Others run it elsewhere, and somebody wants it here.
WANTED_HERE = "wanted_here"

#: People use it.
LIVE = "live"

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


def is_silent(project: Mapping[str, Any]) -> bool:
    """Whether a project would ask, and nobody has confirmed it for long.

    :param project: a package dictionary, or the extras of a package
    """
    return asks(project.get("stage")) and bool(project.get(SILENT))


def is_sought(project: Mapping[str, Any]) -> bool:
    """Whether the city looks for somebody who looks after a project.

    :param project: a package dictionary, or the extras of a package
    """
    return asks(project.get("stage")) and bool(project.get(SOUGHT))


def city_answers(project: Mapping[str, Any], area: str) -> bool:
    """Whether reviewers answer, too, who would help a project in an area.

    Its people don't, and somebody has to.

    :param project: a package dictionary, or the extras of a package
    :param area: one of the choices of `help_wanted`
    """
    return area == CARE and (is_silent(project) or is_sought(project))


def city_answering(extras: Any) -> sa.ColumnElement[bool]:
    """Whether reviewers answer who would look after projects, in a query.

    :param extras: the column of packages
    """
    stage = sa.func.coalesce(extras["stage"].astext, "")
    since = sa.func.coalesce(extras[SILENT].astext, extras[SOUGHT].astext, "")
    return stage.not_in(QUIET) & (since != "")


def place(project: Mapping[str, Any]) -> int:
    """Where lists have a project: the least comes first.

    Those that go on come before those that pause or that nobody confirms, and
    these before those that are over.

    :param project: a package dictionary, or the extras of a package
    """
    return (not asks_now(project)) + is_over(project.get("stage"))


def open_areas(project: Mapping[str, Any], wanted: list[str]) -> list[str]:
    """In which areas a project looks for help now, of those that it names.

    What is stored stays, so that it is asked for again once it goes on.

    :param project: a package dictionary, or the extras of a package
    :param wanted: the areas that it names
    """
    return [area for area in wanted if takes(project, area)]


def help_wanted(project: Mapping[str, Any]) -> list[str]:
    """The areas in which a project looks for help now.

    :param project: a package dictionary
    """
    return open_areas(project, project.get("help_wanted") or [])


def asks_now(project: Mapping[str, Any]) -> bool:
    """Whether a project looks for anything that its people have to answer.

    :param project: a package dictionary, or the extras of a package
    """
    return asks(project.get("stage")) and not project.get(SILENT)


def takes(project: Mapping[str, Any], area: str) -> bool:
    """Whether anybody could help a project in an area now.

    Nobody may answer there any more: so somebody is needed all the more.

    :param project: a package dictionary, or the extras of a package
    :param area: one of the choices of `help_wanted`
    """
    is_care = area == CARE and is_silent(project)
    return asks_now(project) or is_care


def asking(extras: Any) -> sa.ColumnElement[bool]:
    """The same as `asks_now`, as a condition of a query.

    :param extras: the column of packages
    """
    stage = sa.func.coalesce(extras["stage"].astext, "")
    silent = sa.func.coalesce(extras[SILENT].astext, "")
    return stage.not_in(QUIET) & (silent == "")


def why_not(project: Mapping[str, Any]) -> str:
    """What to tell somebody who would help a project that asks for nothing.

    :param project: a package dictionary, or the extras of a package
    """
    stage = project.get("stage")
    if stage == PAUSED:
        return tk._("This project pauses and looks for no help right now")
    if stage == COMPLETED:
        return tk._("This project is completed and needs no help any more")
    if stage == ENDED:
        return tk._("This project is discontinued and needs no help any more")
    said = tk._("Nobody has confirmed this project for long")
    return f"{said}. {closed(project)}"


def closed(project: Mapping[str, Any]) -> str:
    """What is closed where nobody has confirmed a project, and what isn't.

    All who speak of it say it in these words; without the last full stop.

    :param project: a package dictionary, or the extras of a package
    """
    said = tk._(
        "Its tasks are closed, and it takes no help for now, except from"
        " somebody who looks after it"
    )
    if not is_sought(project):
        return said
    city = tk._("The city looks for somebody who looks after it")
    return f"{said}. {city}"
