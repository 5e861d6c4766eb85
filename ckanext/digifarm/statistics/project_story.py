"""What is known of a project while its history is told."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..lib.events import Change
from ..projects import stages
from .groups import NOWHERE, Facts
from .numbers import Number


class Standing(NamedTuple):
    """What a project adds to levels.

    :param facts: for whom
    :param levels: how much, by numbers and keys
    :param things: what it has of what is counted once, whoever has it too
    """

    facts: Facts
    levels: dict[tuple[Number, str], int]
    things: dict[Number, frozenset[str]]


#: What is done in one step.
AT_ONCE = datetime.timedelta(minutes=1)

NOTHING = Standing(NOWHERE, {}, {})


@dataclass
class ProjectStory:
    """What is known of a project at a moment."""

    facts: Facts = NOWHERE
    is_public: bool = False
    stage: str = ""
    #: When everybody could read it first, here or where it came from.
    began: datetime.datetime | None = None
    is_confirmed: bool = False
    confirmed_until: datetime.datetime | None = None
    #: How many of its addresses don't answer any more.
    dead: int = 0
    #: The areas in which it looks for help.
    help: set[str] = field(default_factory=set)
    #: Since when everybody could know that.
    asked: dict[str, datetime.datetime] = field(default_factory=dict)
    #: Of areas that are closed: since when, and until when.
    closed: dict[str, tuple[datetime.datetime, datetime.datetime]] = field(
        default_factory=dict
    )
    #: Ids of what it has, with what they are: area and partner of supports,
    #: datasets of links.
    supports: dict[str, tuple[str, str]] = field(default_factory=dict)
    tasks: set[str] = field(default_factory=set)
    datasets: set[str] = field(default_factory=set)
    #: Datasets that not everybody may read.
    unseen: set[str] = field(default_factory=set)

    @property
    def is_alive(self) -> bool:
        """Whether everybody reads it, and it is not over."""
        return self.is_public and not stages.is_over(self.stage)

    def see(self, data: dict[str, Any]) -> None:
        """Take in what an event says of the project."""
        self.facts = Facts.of(data)
        self.is_public = data["is_public"]
        self.stage = data["stage"]
        self.dead = data.get("dead", self.dead)
        self.unseen = {*data.get("unseen", self.unseen)}

    def join(self, goes: str, stays: str) -> None:
        """What a partner supports, another one does from now on."""
        for id_, (area, partner) in self.supports.items():
            if partner == goes:
                self.supports[id_] = area, stays

    def asked_since(
        self, area: str, now: datetime.datetime
    ) -> datetime.datetime | None:
        """Since when it has looked for what it finds now.

        A step that brings help may close the area first.
        """
        if area in self.asked:
            return self.asked[area]
        since, until = self.closed.get(area, (None, now))
        return since if now - until < AT_ONCE else None

    def standing(self) -> Standing:
        """What it adds to levels; nothing unless everybody reads it."""
        if not self.is_public:
            return NOTHING
        levels = Counter({(Number.PROJECTS, self.stage): 1})
        for area in self.help:
            levels[Number.HELP_WANTED, area] += 1
        for area, _ in self.supports.values():
            levels[Number.SUPPORTS, area] += 1
        levels[Number.TASKS_OPEN, ""] = len(self.tasks)
        if self.is_alive:
            levels[Number.PROJECTS_ALIVE, ""] = 1
            levels[Number.CONFIRMED, ""] = self.is_confirmed
            levels[Number.ADDRESSES_DEAD, ""] = self.dead
        partners = {partner for _, partner in self.supports.values()}
        return Standing(
            self.facts,
            dict(levels),
            {
                Number.PARTNERS_SUPPORTING: frozenset(partners - {""}),
                Number.DATASETS_USED: frozenset(self.datasets - self.unseen),
            },
        )


def help_after(
    before: Collection[str], action: str, data: Mapping[str, Any]
) -> list[str]:
    """The areas in which a project looks for help after an event."""
    areas, area = {*data.get("help", before)}, data.get("area")
    if action == Change.HELP_OPENED.value:
        areas.add(area)
    elif action == Change.HELP_CLOSED.value:
        areas.discard(area)
    return sorted(areas)
