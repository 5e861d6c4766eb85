"""How much content a portal of the benchmark has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """How many there are of each.

    :param shown: so many supports, tasks, links, proposals and mails has each
        thing that a page is about, in any portal
    """

    projects: int
    partners: int
    supports: int
    tasks: int
    events: int
    shown: int = 60

    def part(self, projects: int) -> Sizes:
        """A portal with fewer projects, and as much less of all else."""

        def less(number: int) -> int:
            return max(1, number * projects // self.projects)

        # A list has a full page in any portal.
        return Sizes(
            projects=projects,
            partners=max(self.shown, less(self.partners)),
            supports=less(self.supports),
            tasks=max(self.shown * 50, less(self.tasks)),
            events=less(self.events),
            shown=self.shown,
        )
