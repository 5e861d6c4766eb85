"""What numbers can be filtered by, and what they are kept for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple


class Group(NamedTuple):
    """What a number is kept for; "" where it is kept for all.

    :param organization: an id
    :param action_field: one of the choices of the field
    :param origin: the community that projects come from
    """

    organization: str = ""
    action_field: str = ""
    origin: str = ""


#: The whole portal.
ALL = Group()


class Facts(NamedTuple):
    """What a project is filtered by, as an event has it."""

    organization: str = ""
    action_fields: tuple[str, ...] = ()
    origin: str = ""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Facts:
        """Those that the data of an event has."""
        return cls(
            data.get("organization") or "",
            tuple(sorted({*(data.get("action_fields") or ())})),
            data.get("origin") or "",
        )


#: What is of no project.
NOWHERE = Facts()


@lru_cache(maxsize=10_000)
def groups_of(facts: Facts) -> tuple[Group, ...]:
    """For what a number is kept that concerns a project: all combinations."""
    dimensions = (
        {"", facts.organization},
        {"", *facts.action_fields},
        {"", facts.origin},
    )
    return tuple(Group(*found) for found in product(*map(sorted, dimensions)))
