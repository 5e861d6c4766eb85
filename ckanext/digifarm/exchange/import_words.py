"""What people read of uploads."""

from __future__ import annotations

import ckantoolkit as tk

from . import columns
from .plan import Result
from .record import Complaint


def broken() -> str:
    """What to say where a row fails for a reason that nobody thought of."""
    return tk._(
        "Something went wrong here that is not your mistake. Please tell those"
        " who run this portal"
    )


def result(value: str, *, is_planned: bool) -> str:
    """What becomes of a row.

    :param value: of a `Result`
    :param is_planned: whether it has not happened yet
    """
    if is_planned:
        return {
            Result.CREATED: tk._("will be created"),
            Result.UPDATED: tk._("will be updated"),
            Result.UNCHANGED: tk._("stays as it is"),
            Result.FAILED: tk._("can’t be imported"),
        }[Result(value)]
    return {
        Result.CREATED: tk._("created"),
        Result.UPDATED: tk._("updated"),
        Result.UNCHANGED: tk._("unchanged"),
        Result.FAILED: tk._("failed"),
    }[Result(value)]


def complaint(found: Complaint) -> str:
    """What is wrong, for people.

    What stands in no cell is called as the column would be.
    """
    known = columns.by_name()
    key = known[found.key].label if found.key in known else found.key
    return f"{key}: {found.message}"


def labels(changed: list[str]) -> list[str]:
    """What people call some columns.

    :param changed: their names
    """
    known = columns.by_name()
    return [known[n].label if n in known else n for n in changed]
