"""Moves the clock of the code, so that nobody has to wait."""

from __future__ import annotations

import datetime

import pytest

from ckan import model
from ckanext.digifarm.lib import clock

from ..working import run_due

#: In the order in which `run-due` does them.
KINDS = ("settled", "silence", "clock", "question", "shown", "lapsed")


class Calendar:
    """The time as the code knows it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.ahead = datetime.timedelta()
        real = clock.now
        patch.setattr(clock, "now", lambda: real() + self.ahead)

    def go_on(self, days: float) -> None:
        """Let days go by, and do what is due then."""
        self.ahead += datetime.timedelta(days=days)
        self.run()

    @staticmethod
    def run() -> dict[str, int]:
        """Do what is due now, twice: nothing is done twice.

        :returns: how much was done of each kind
        """
        model.Session.rollback()
        found = {name: run_due(f"confirmation-{name}") for name in KINDS}
        again = {name: run_due(f"confirmation-{name}") for name in KINDS}
        assert not any(again.values())
        return {name: sum(done.values()) for name, done in found.items()}
