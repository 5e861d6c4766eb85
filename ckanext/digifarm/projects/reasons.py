"""Reasons in short, beside what people write: choices of the schema file.

What people write is forgotten one day, and can't be counted.
"""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import schema as lib_schema
from ..lib.ckan import Schema
from . import fields

DECLINING = "declining"
ENDING = "ending"
GIVING_BACK = "giving_back"
STOPPING = "stopping"

#: By the end of an action's name, the list of its reasons.
STEPS = {
    "decline": DECLINING,
    "request_changes": DECLINING,
    "withdraw": ENDING,
    "end": ENDING,
    "delete": ENDING,
    "return": GIVING_BACK,
    "project_end": STOPPING,
}


def of(kind: str) -> list[dict[str, Any]]:
    """The reasons of a list, in order: `value` and `label`.

    A city that has none in its schema file isn't asked for any.

    :param kind: one of the four
    """
    return ((fields.schema() or {}).get("reasons") or {}).get(kind, [])


def code(kind: str) -> Schema:
    """A reason of a list, if one is chosen."""
    values = [reason["value"] for reason in of(kind)]
    one_of: Any = tk.get_validator("digifarm_one_of")
    return {
        "reason_code": [
            tk.get_validator("digifarm_ignore_blank"),
            one_of(values),
        ]
    }


def ending() -> Schema:
    """What ends or is taken back, by id or by link, and why."""
    return {**lib_schema.step(), **code(ENDING)}


def declining() -> Schema:
    """What is declined, by id or by link, and why."""
    return {**lib_schema.step(), **code(DECLINING)}


def giving_back() -> Schema:
    """What is given back, by id or by link, and why."""
    return {**lib_schema.step(), **code(GIVING_BACK)}
