"""The links of a project that its page can't show any more."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from ..lib.ckan import Context, model
from ..lib.events import Event, Subject
from ..lib.permissions import readable
from ..links.model import Link
from ..successors import chains
from .comparing import DELETED, DRAFT, PRIVATE, UNPUBLISHED
from .model import LinkedDataset

#: So many are shown, the oldest first.
MOST = 100


def of(context: Context, project_id: str) -> list[dict[str, Any]]:
    """The links with datasets that are gone, or that the user may not read.

    A title is that of a dataset that they may read, or the last one that
    everybody could read. A constant number of SQL statements.

    :returns: `dataset_id`; `title`, or None where none may be told;
        `relation`; `what`: `deleted`, `unpublished` or `private`; and
        `was_public`, whether everybody could read it once, as far as is known
    """
    rows = _rows(project_id)
    packages = {row.id: chains.package_of(row) for row in rows}
    may = readable(context, [*packages.values()])
    hidden = [
        row
        for row in rows
        if row.state != model.State.ACTIVE or row.id not in may
    ]
    public = _told([row.id for row in hidden if not row.known])
    public |= {row.id: row.known for row in hidden if row.known}
    titles = public | {
        id_: packages[id_].title or packages[id_].name for id_ in may
    }
    return [
        {
            "dataset_id": row.id,
            "title": titles.get(row.id),
            "relation": row.relation,
            "what": _what(row.state),
            "was_public": row.id in public,
        }
        for row in hidden
    ]


def _rows(project_id: str) -> list[Any]:
    package, seen = model.package_table.c, LinkedDataset
    was_public = (seen.state == model.State.ACTIVE) & ~seen.private
    query = (
        sa.select(
            Link.relation,
            *(package[name] for name in chains.COLUMNS),
            sa.case((was_public, seen.title)).label("known"),
        )
        .join(model.package_table, package.id == Link.dataset_id)
        .outerjoin(seen, seen.id == Link.dataset_id)
        .where(
            Link.project_id == project_id,
            (package.state != model.State.ACTIVE) | package.private,
        )
        .order_by(Link.created, Link.dataset_id)
        .limit(MOST)
    )
    return [*model.Session.execute(query)]


def _told(dataset_ids: Collection[str]) -> dict[str, str]:
    """What some datasets were called when it was told that they are lost."""
    if not dataset_ids:
        return {}
    title = Event.data["title"].astext
    query = (
        sa.select(Event.subject_id, title)
        .where(
            Event.subject == Subject.DATASET.value,
            Event.subject_id.in_(dataset_ids),
            title.is_not(None),
        )
        .order_by(Event.number)
    )
    return dict(row.tuple() for row in model.Session.execute(query))


def _what(state: str) -> str:
    if state == model.State.ACTIVE:
        return PRIVATE
    return UNPUBLISHED if state == DRAFT else DELETED
