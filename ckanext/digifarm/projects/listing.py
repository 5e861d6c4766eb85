"""Since when projects stand in the directory: everybody may read them.

They become public in many ways: by a decision, a form, the API, an import. So
the session is watched.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from ..config import PROJECT_TYPE
from ..lib import clock
from ..lib.ckan import model
from . import fields

#: The field that says it.
FIELD = "listed"


@event.listens_for(model.Session, "before_flush")
def note(session: Session, *_: Any) -> None:
    """Write down the day on which a project becomes public first.

    What is said already stays: an import may know it better.
    """
    for package in (*session.new, *session.dirty):
        if not _is_unsaid(package):
            continue
        if date := _date(session, package):
            package.extras = {**(package.extras or {}), FIELD: date}


def _is_unsaid(row: Any) -> bool:
    return (
        isinstance(row, model.Package)
        and row.type == PROJECT_TYPE
        and not (row.extras or {}).get(FIELD)
        and fields.field(FIELD) is not None
    )


def _date(session: Session, project: model.Package) -> str:
    """Since when a project is listed, or "" where nothing is known of it.

    One that was public before, and nobody knows since when, stays so.
    """
    before = None if project in session.new else _stored(session, project)
    if before and (said := (before.extras or {}).get(FIELD)):
        return said
    was_public = bool(before) and _is_public(before.state, before.private)
    if was_public or not _is_public(project.state, project.private):
        return ""
    return clock.now().date().isoformat()


def _stored(session: Session, project: model.Package) -> sa.Row[Any] | None:
    """What the database has of a project."""
    table = model.package_table
    query = sa.select(table.c.state, table.c.private, table.c.extras)
    return session.execute(query.where(table.c.id == project.id)).first()


def _is_public(state: str | None, private: bool | None) -> bool:
    return state in {None, model.State.ACTIVE} and not private
