"""Who is named in what was achieved is found as in any other text of ours.

It goes with its project, and some time after that was deleted. It isn't stored
who has written it.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ..lib import forgetting, personal
from ..lib.ckan import model
from .achievements import Achievement


def delete_old(before: datetime) -> int:
    """Delete what projects have achieved that are gone; commits nothing."""
    row = Achievement
    found = model.Session.scalars(
        sa.select(row)
        .where(forgetting.deleted_before(row.project_id, before))
        .order_by(row.project_id, row.year)
        .with_for_update()
    ).all()
    count = personal.delete(found)
    model.Session.flush()
    return count
