"""The life of a support: the one table that says what may become of it.

Actions, auth functions, tests and docs/support.md share it.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass

from ..model import SupportState


class Actor(str, enum.Enum):
    """Who may bring about a transition."""

    PROJECT = "project"  # who may update the project
    PARTNER = "partner"  # who may update the partner


@dataclass(frozen=True)
class Transition:
    """A step in the life of a support.

    :param sources: the states that it starts from; none where the support
        comes into being
    :param target: the state that it leads to
    :param actors: who may
    """

    sources: Collection[SupportState]
    target: SupportState
    actors: Collection[Actor]


CREATE = Transition((), SupportState.ACCEPTED, (Actor.PROJECT,))
END = Transition(
    (SupportState.ACCEPTED,),
    SupportState.ENDED,
    (Actor.PROJECT, Actor.PARTNER),
)

#: By the action that brings it about.
TRANSITIONS = {
    "digifarm_support_create": CREATE,
    "digifarm_support_end": END,
}
