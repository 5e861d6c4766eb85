"""What of a project is watched: its changes are written down as events."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..lib import events
from ..lib.ckan import model
from ..projects import stages
from ..upkeep import addresses

#: Columns of a project whose changes are events.
WATCHED = ("state", "private", "owner_org", "extras", "url")


class Project(NamedTuple):
    """What of a project is watched."""

    state: str
    private: bool
    owner_org: str | None
    extras: dict[str, str]
    url: str | None

    @property
    def is_public(self) -> bool:
        """Whether everybody sees it."""
        return self.state == model.State.ACTIVE and not self.private

    @property
    def addresses(self) -> set[tuple[str, str]]:
        """The addresses that everybody may see there, each with its field."""
        if not self.is_public:
            return set()
        own = {**self.extras, "url": self.url}
        return {*addresses.of_project(own).items()}

    @property
    def visibility(self) -> str:
        """Whether everybody may read it."""
        return "private" if self.private else "public"

    @property
    def stage(self) -> str:
        """How far it is."""
        return self.extras.get("stage") or ""

    @property
    def status(self) -> dict[str, Any]:
        """What the statistics need to know of it from now on."""
        return {
            "is_public": self.is_public,
            "stage": self.stage,
            "listed": self.extras.get("listed") or "",
        }

    @property
    def areas(self) -> list[str]:
        """The areas in which it looks for help."""
        wanted = events.choices(self.extras.get("help_wanted"))
        return stages.open_areas(self.extras, wanted)
