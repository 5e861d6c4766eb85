"""What pages say of what a project looks for now, and of what it doesn't."""

from __future__ import annotations

from typing import Any

from . import fields, stages


def digifarm_asks(project: dict[str, Any]) -> bool:
    """Whether a project looks for anything: it doesn't pause, nor is over.

    Nor has nobody confirmed it for long.
    """
    return stages.asks_now(project)


def digifarm_takes(project: dict[str, Any], area: str) -> bool:
    """Whether anybody could help a project in an area now."""
    return stages.takes(project, area)


def digifarm_is_silent(project: dict[str, Any]) -> bool:
    """Whether nobody has confirmed a project for long."""
    return stages.is_silent(project)


def digifarm_why_it_asks_nothing(project: dict[str, Any]) -> str:
    """What to tell somebody who would help a project that asks for nothing."""
    return stages.why_not(project)


def digifarm_is_sought(project: dict[str, Any]) -> bool:
    """Whether the city looks for somebody who looks after a project."""
    return stages.is_sought(project)


def digifarm_what_is_closed(project: dict[str, Any]) -> str:
    """What is closed where nobody has confirmed a project for long."""
    return stages.closed(project)


def digifarm_city_answers(project: dict[str, Any], area: str) -> bool:
    """Whether the city's team answers, too, who would help a project."""
    return stages.city_answers(project, area)


def digifarm_open_areas(project: dict[str, Any]) -> list[dict[str, Any]]:
    """The areas in which anybody could help a project now.

    :returns: choices of `help_wanted`, as in the schema file
    """
    return [
        choice
        for choice in fields.choices("help_wanted")
        if stages.takes(project, choice["value"])
    ]
