"""The subjects of this extension, and what CKAN gets of each.

A subject is a folder, and CKAN's own names say what is in its modules:
`actions` (and `steps`, those that take a step in a life), `auth`, `helpers`,
`validators`, `views`, `due`, `notices`, `asking`. A longer name may stand
before them, as in `review_views`. What such a module defines is brought by
being there; nothing lists it again.
"""

from __future__ import annotations

import functools
import inspect
import pkgutil
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from flask import Blueprint

from .core import activity
from .lib.due_work import Kind, Queue

#: The folders, those that others count on first; core's chained actions last.
SUBJECTS = (
    "projects",
    "links",
    "successors",
    "partners",
    "support",
    "tasks",
    "questions",
    "owners",
    "proposals",
    "endings",
    "moves",
    "handover",
    "confirmations",
    # What the first one finds, the second one tells of in the same run.
    "losses",
    "notices",
    "exchange",
    # It asks other servers, for which nothing should wait.
    "upkeep",
    "notes",
    "matching",
    "statistics",
    "sharing",
    "mails",
    "core",
)

#: What all subjects share is brought like that of a subject.
SHARED = "lib"

PREFIX = "digifarm_"

#: How CKAN marks what is called with what it replaces.
CHAINED = ("chained_action", "chained_auth_function", "chained_helper")


def actions() -> dict[str, Callable[..., Any]]:
    """The actions, and those of core and others that are chained."""
    return _functions("actions", "steps") | activity.actions()


def auth_functions() -> dict[str, Callable[..., Any]]:
    """Who may call them."""
    return _functions("auth")


def helpers() -> dict[str, Callable[..., Any]]:
    """What templates call."""
    return _functions("helpers")


def validators() -> dict[str, Callable[..., Any]]:
    """What checks values."""
    return _functions("validators")


def blueprints() -> list[Blueprint]:
    """The pages."""
    found = (
        member
        for module in _modules("views")
        for member in vars(module).values()
        if isinstance(member, Blueprint)
    )
    # One that another module imports is the same one.
    return [*dict.fromkeys(found)]


def load_kinds() -> None:
    """Let be known what registers itself.

    The kinds of notices, see notices/kinds.py; and what people are asked now
    and then, see confirmations/kinds.py.
    """
    for _ in _modules("notices", "asking"):
        pass


def due_kinds() -> list[Kind | Queue]:
    """What time brings; see lib/due_work.py."""
    return [kind for module in _modules("due") for kind in module.KINDS]


def _functions(*kinds: str) -> dict[str, Callable[..., Any]]:
    """The functions that modules of some kinds define, by their names.

    :raises ValueError: where two define one of the same name; CKAN would take
        either
    """
    found: dict[str, Callable[..., Any]] = {}
    for module in _modules(*kinds):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or not _is_ours(
                name, function
            ):
                continue
            if name in found:
                raise ValueError(f"{name} is in {module.__name__} once more")
            found[name] = function
    return found


def _is_ours(name: str, function: Callable[..., Any]) -> bool:
    """Whether a function is for CKAN: others in a module are its own."""
    return name.startswith(PREFIX) or (
        not name.startswith("_")
        and any(hasattr(function, mark) for mark in CHAINED)
    )


@functools.cache
def _modules(*kinds: str) -> list[ModuleType]:
    """The modules of some kinds, which stay the same: looked for once."""
    return [
        import_module(f"{package.__name__}.{found.name}")
        for package in _packages()
        for found in pkgutil.iter_modules(package.__path__)
        if found.name.rpartition("_")[2] in kinds
    ]


def _packages() -> list[ModuleType]:
    return [
        import_module(f"{__package__}.{folder}")
        for folder in (SHARED, *SUBJECTS)
    ]
