"""Looks time and again whether data that projects need is still there."""

from __future__ import annotations

from datetime import timedelta

from ..lib.due_work import ALL, Kind
from . import looking, returning, telling

#: Each time that there is something, whenever that was before.
AGAIN = timedelta(0)

KINDS = (
    Kind(
        "linked-datasets",
        lambda: [ALL] if looking.is_due() else [],
        lambda _: looking.look(),
        AGAIN,
    ),
    Kind("dataset-lost", telling.waiting, telling.second_look, AGAIN),
    Kind("dataset-returned", returning.waiting, returning.follow, AGAIN),
)
