"""The projects that some datasets matter to."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib.ckan import Context, model
from ..lib.permissions import readable
from ..links.model import Link
from ..successors import chains

#: So many of each dataset are looked at, the oldest links first.
MOST = 100


def of(
    context: Context, dataset_ids: Collection[str]
) -> dict[str, list[dict[str, Any]]]:
    """The projects that are linked with some datasets.

    Both as far as the user may read them. A constant number of SQL statements.

    :returns: `name` and `title` of each project and the `relation`, by the
        ids of the datasets; those without any are left out
    """
    datasets = _datasets(dataset_ids)
    rows = _rows(readable(context, datasets))
    projects = {row.id: chains.package_of(row) for row in rows}
    may = readable(context, [*projects.values()])
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row.id in may:
            found.setdefault(row.dataset_id, []).append(
                {
                    "name": row.name,
                    "title": row.title or row.name,
                    "relation": row.relation,
                }
            )
    return found


def _datasets(ids: Collection[str]) -> list[model.Package]:
    package = model.package_table.c
    query = sa.select(*(package[name] for name in chains.COLUMNS)).where(
        package.id.in_(ids),
        package.type != PROJECT_TYPE,
        package.state == model.State.ACTIVE,
    )
    return [chains.package_of(row) for row in model.Session.execute(query)]


def _rows(dataset_ids: Collection[str]) -> list[Any]:
    """The links with their projects, some of each dataset."""
    package = model.package_table.c
    asked = sa.select(
        sa.func.unnest(
            sa.cast([*dataset_ids], sa.ARRAY(sa.UnicodeText))
        ).label("dataset_id")
    ).subquery("asked")
    linked = (
        sa.select(
            Link.relation,
            Link.created,
            *(package[name] for name in chains.COLUMNS),
        )
        .join(model.package_table, package.id == Link.project_id)
        .where(
            Link.dataset_id == asked.c.dataset_id,
            package.state == model.State.ACTIVE,
        )
        .order_by(Link.created, Link.project_id)
        .limit(MOST)
        .lateral("linked")
    )
    query = (
        sa.select(asked.c.dataset_id, linked)
        .select_from(asked)
        .join(linked, sa.true())
        .order_by(asked.c.dataset_id, linked.c.created, linked.c.id)
    )
    return [*model.Session.execute(query)]
