"""What is known of addresses, in words that people know."""

from __future__ import annotations

import ckantoolkit as tk

from ..lib.unreachable import Why
from ..projects import fields
from .judging import Problem
from .model import Health


def label(health: str) -> str:
    """What an address's health is called."""
    return {
        Health.UNKNOWN.value: lambda: tk._("We can’t tell"),
        Health.ANSWERS.value: lambda: tk._("Answers"),
        Health.FAILING.value: lambda: tk._("Has failed; we look again"),
        Health.DEAD.value: lambda: tk._("Doesn’t answer"),
        Health.MOVED.value: lambda: tk._("Has a new address"),
        Health.LOOK.value: lambda: tk._("Please look"),
    }[health]()


def reason(problem: str) -> str:
    """Why that is so, in a sentence; "" where there is nothing to say."""
    found = {
        Why.NO_NAME.value: lambda: tk._("There is no server of this name."),
        Why.REFUSED.value: lambda: tk._("No server answers there."),
        Why.LOOP.value: lambda: tk._(
            "It leads from one address to the next, and back again."
        ),
        Why.CERTIFICATE.value: lambda: tk._(
            "Browsers warn of this page: its certificate has expired, or is"
            " not of this address."
        ),
        Why.TIMEOUT.value: lambda: tk._("The server took too long."),
        Why.INSIDE.value: lambda: tk._(
            "It belongs to an inner network, so that others can’t open it."
        ),
        Problem.GONE.value: lambda: tk._(
            "The server answers, but says that there is no such page."
        ),
        Problem.SERVER.value: lambda: tk._(
            "The server says that something is broken."
        ),
        Problem.KEPT_OUT.value: lambda: tk._(
            "The server lets no program look at it."
        ),
        Problem.ROBOTS.value: lambda: tk._(
            "Its operators ask programs not to look at it."
        ),
        Problem.BUSY.value: lambda: tk._("The server asks us to come later."),
        Problem.PARKED.value: lambda: tk._(
            "Somebody sells this name: what you see there isn’t the project"
            " any more."
        ),
        Problem.EMPTY.value: lambda: tk._("The page is empty."),
    }.get(problem)
    return found() if found else ""


def of_field(name: str) -> str:
    """What a project's field with an address is called."""
    return fields.label(name)
