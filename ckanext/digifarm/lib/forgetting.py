"""What is asked of projects when people are forgotten, by all subjects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from .ckan import model
from .events import Change, Event, Subject


def deleted_before(column: Any, before: datetime) -> sa.ColumnElement[bool]:
    """Whether a project was deleted before a moment, and still is.

    Of one that was deleted before events were written, its last change counts.

    :param column: that of the project's id
    """
    package = model.package_table.c
    last = (
        sa.select(sa.func.max(Event.created))
        .where(
            Event.subject == Subject.PROJECT.value,
            Event.subject_id == package.id,
            Event.action == Change.DELETED.value,
        )
        .correlate(model.package_table)
        .scalar_subquery()
    )
    gone = sa.select(package.id).where(
        package.state == model.State.DELETED,
        sa.func.coalesce(last, package.metadata_modified) < before,
    )
    return column.in_(gone)
