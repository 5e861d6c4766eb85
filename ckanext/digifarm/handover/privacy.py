"""Who is named in folders is found as in any other text of ours.

A folder goes with its project, and some time after that was deleted.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from ..lib import forgetting, personal
from ..lib.ckan import model
from ..lib.traces import Trace
from . import entries
from .model import Handover


def ids_of(trace: Trace) -> set[str]:
    """The project whose folder a row is, if it is one."""
    is_folder = trace.table.name == Handover.__tablename__
    return {trace.row["project_id"]} if is_folder else set()


def look_again(project_ids: Collection[str]) -> None:
    """Say whether folders are complete after names went; commits nothing."""
    query = sa.select(Handover).where(Handover.project_id.in_(project_ids))
    for row in model.Session.scalars(query.order_by(Handover.project_id)):
        row.is_complete = entries.is_complete(row.entries)


def delete_old(before: datetime) -> int:
    """Delete the folders of projects that are gone; commits nothing."""
    found = model.Session.scalars(
        sa.select(Handover)
        .where(forgetting.deleted_before(Handover.project_id, before))
        .order_by(Handover.project_id)
        .with_for_update()
    ).all()
    count = personal.delete(found)
    model.Session.flush()
    return count
