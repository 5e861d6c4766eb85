"""What becomes of successors, written down as events."""

from __future__ import annotations

import sqlalchemy as sa

from ..lib.acting import Acting
from ..lib.ckan import model
from ..lib.events import Change, Event, Subject


def record(
    dataset: model.Package,
    before: str | None,
    now: str | None,
    by: Acting,
    *,
    unchanged: bool = False,
) -> None:
    """Write down what replaces a dataset from now on; commits nothing.

    :param before: id of what replaced it before
    :param now: id of what replaces it
    :param unchanged: whether nothing else has changed
    """
    if now is None:
        change = Change.REMOVED
    else:
        change = Change.CHANGED if before else Change.CREATED
    Event.record(
        Subject.SUCCESSOR,
        dataset.id,
        change,
        before,
        now,
        by=by,
        data={
            "organization": dataset.owner_org or None,
            "unchanged": unchanged,
        },
    )


def has_said(dataset_id: str, successor_id: str) -> bool:
    """Whether it was said before that one dataset replaces another."""
    query = sa.select(Event.id).where(
        Event.subject == Subject.SUCCESSOR.value,
        Event.subject_id == dataset_id,
        Event.target == successor_id,
    )
    return model.Session.scalar(query.limit(1)) is not None
