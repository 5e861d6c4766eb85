"""What the portal knows of a project that may be wrong by now.

A subject that knows something of projects registers a function in a module
that is called `asking`; so nothing here has to know the subjects.
"""

from __future__ import annotations

from collections.abc import Callable

from ..lib.ckan import model

#: Given a project, gives sentences, each of which stands alone.
Knowing = Callable[[model.Package], list[str]]

_KNOWN: list[Knowing] = []


def register(function: Knowing) -> Knowing:
    """Let the people of projects be told what a subject knows."""
    _KNOWN.append(function)
    return function


def of(project: model.Package) -> list[str]:
    """What is known of a project, in sentences."""
    return [line for function in _KNOWN for line in function(project)]
