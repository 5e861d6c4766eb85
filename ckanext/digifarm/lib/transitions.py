from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from .actors import Actor


@dataclass(frozen=True)
class Transition:
    """A step in a workflow.

    :param action: the action that brings it about; for one of the portal's
        own, a word for why
    :param source: the state that it starts from; None where it comes into
        being
    :param target: the state that it leads to
    :param actors: who may
    :param mails: who is told, with the name of the mail's template
    :param is_noted: whether it is written down as an event though the state
        stays
    """

    action: str
    source: Any
    target: Any
    actors: Collection[Actor]
    mails: Mapping[Actor, str] = field(default_factory=dict)
    is_noted: bool = False


class Table:
    """What a table of transitions says."""

    transitions: tuple[Transition, ...]

    def steps(self, state: Any, actor: Actor) -> list[str]:
        """The actions by which an actor takes a step from a state."""
        return [
            transition.action
            for transition in self.transitions
            if transition.source == state and actor in transition.actors
        ]

    def _targets(self, action: str) -> set[Any]:
        return {t.target for t in self.transitions if t.action == action}

    def _actors(self, action: str) -> set[Actor]:
        return {
            actor
            for transition in self.transitions
            if transition.action == action
            for actor in transition.actors
        }

    def transition(
        self, action: str, source: Any, target: Any = None
    ) -> Transition | None:
        """The step that an action takes from a state, if there is one.

        :param target: the state that it leads to, where there is a choice
        """
        for transition in self.transitions:
            if (transition.action, transition.source) == (
                action,
                source,
            ) and (target in {None, transition.target}):
                return transition
        return None
