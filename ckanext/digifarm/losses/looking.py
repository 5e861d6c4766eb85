"""Looks at all datasets that projects are linked with, whoever changed them.

Forms, the API, bulk actions, purges, other plugins, and SQL that others send
to the database: so nothing is watched, but the database is asked what it has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from ..lib import clock
from ..lib.ckan import model
from ..links.model import Link
from ..successors.guessing import IDENTIFIERS
from .comparing import Dataset, Seen, Sight
from .model import LinkedDataset

_TABLE: Any = LinkedDataset.__table__
_PACKAGE = model.package_table.c


def look() -> None:
    """Write down what has changed since the last look; commits nothing.

    A few SQL statements, however many datasets there are.
    """
    if changed := _changes(differing()):
        # Once more, as others may have accepted what is lost meanwhile.
        look_at(changed)


def look_at(dataset_ids: Collection[str]) -> None:
    """The same for some datasets, as somebody links them; commits nothing.

    So that what they lose before the next look is noticed, too.
    """
    # Who looks at them meanwhile is waited for, by all in the same order.
    locked = sa.select(LinkedDataset.id).where(
        LinkedDataset.id.in_(dataset_ids)
    )
    model.Session.execute(
        locked.order_by(LinkedDataset.id).with_for_update(key_share=True)
    )
    write(_changes(differing(dataset_ids)))


def is_due() -> bool:
    """Whether there is something to write down; one SQL statement."""
    return bool(_changes(differing()))


def differing(dataset_ids: Collection[str] = ()) -> list[Sight]:
    """The datasets that are not as they were seen last, or miss something.

    One SQL statement, which gives no row of a dataset that is as it was.

    :param dataset_ids: only these, also where they are as they were
    """
    links = (
        sa.select(
            Link.dataset_id,
            sa.func.jsonb_object_agg(Link.project_id, Link.relation).label(
                "projects"
            ),
        )
        .group_by(Link.dataset_id)
        .cte("links")
    )
    known = sa.union(
        sa.select(links.c.dataset_id), sa.select(_TABLE.c.id)
    ).subquery("known")
    id_ = known.c.dataset_id
    now = found(id_)
    query = (
        sa.select(_TABLE, now, links.c.projects.label("links"))
        .select_from(known)
        .outerjoin(_TABLE, _TABLE.c.id == id_)
        .outerjoin(now, sa.true())
        .outerjoin(links, links.c.dataset_id == id_)
        .where(
            id_.in_(dataset_ids)
            if dataset_ids
            else sa.or_(*_differences(now, links))
        )
        .order_by(id_)
    )
    return [_sight(row) for row in model.Session.execute(query)]


def found(id_: sa.ColumnElement[str]) -> sa.FromClause:
    """What there is now of a dataset, for a query that joins it.

    :param id_: its id
    """
    return sa.lateral(
        sa.select(*_facts()).where(_PACKAGE.id == id_), name="found"
    )


def at(dataset_id: str) -> Dataset | None:
    """A dataset as it is now; one SQL statement.

    :returns: None where it is purged
    """
    query = sa.select(*_facts()).where(_PACKAGE.id == dataset_id)
    row = model.Session.execute(query).one_or_none()
    return dataset_of(row) if row else None


def dataset_of(row: sa.Row[Any]) -> Dataset | None:
    """The dataset of a row that has what `found` gives."""
    values = row._mapping  # noqa: SLF001 – SQLAlchemy's public name for it
    return _dataset(values, "now_") if values["now_id"] else None


def write(changes: dict[str, Seen | None]) -> None:
    """Write down what was seen; commits nothing.

    :param changes: by the ids of datasets; None where one is to be forgotten
    """
    rows = [seen.values() for seen in changes.values() if seen]
    gone = [id_ for id_, seen in changes.items() if seen is None]
    if gone:
        model.Session.execute(
            sa.delete(LinkedDataset).where(LinkedDataset.id.in_(gone))
        )
    if rows:
        _upsert(rows)


def _upsert(rows: list[dict[str, object]]) -> None:
    """Store rows, those of 10 000 datasets too by one statement."""
    columns = [sa.column(c.name, c.type) for c in _TABLE.columns]
    given = (
        sa.func.jsonb_to_recordset(sa.bindparam("rows", rows, JSONB))
        .table_valued(*columns, name="given")
        .render_derived(with_types=True)
    )
    statement = insert(LinkedDataset).from_select(
        [column.name for column in columns], sa.select(given)
    )
    model.Session.execute(
        statement.on_conflict_do_update(
            index_elements=[LinkedDataset.id],
            set_={
                column.name: statement.excluded[column.name]
                for column in columns
                if column.name != "id"
            },
        )
    )


def _changes(sights: Iterable[Sight]) -> dict[str, Seen | None]:
    """What is to be written down, by the ids of datasets."""
    at = clock.now()
    looked = ((sight, sight.looked(at)) for sight in sights)
    return {
        _id(sight): after for sight, after in looked if after != sight.seen
    }


def _id(sight: Sight) -> str:
    dataset = sight.seen.dataset if sight.seen else sight.now
    assert dataset  # noqa: S101 – else there would be no row
    return dataset.id


def _facts() -> list[sa.Label[Any]]:
    """What a dataset is now, in the columns that keep it."""
    resource = model.resource_table.c
    format_ = sa.func.lower(sa.func.btrim(resource.format))
    formats = (
        sa.select(format_)
        .where(
            resource.package_id == _PACKAGE.id,
            resource.state == model.State.ACTIVE,
            format_ != "",
        )
        .distinct()
        .order_by(format_)
        .scalar_subquery()
    )
    extra = sa.func.jsonb_each_text(_PACKAGE.extras).table_valued(
        "key", "value", name="extra"
    )
    value = sa.func.btrim(extra.c.value)
    identifiers = (
        sa.select(value)
        .select_from(extra)
        .where(extra.c.key.in_(IDENTIFIERS), value != "")
        .distinct()
        .order_by(value)
        .scalar_subquery()
    )
    now = {
        "id": _PACKAGE.id,
        "name": _PACKAGE.name,
        "title": sa.func.coalesce(
            sa.func.nullif(_PACKAGE.title, ""), _PACKAGE.name
        ),
        "state": sa.func.coalesce(_PACKAGE.state, model.State.ACTIVE),
        "private": sa.func.coalesce(_PACKAGE.private, sa.false()),
        "owner_org": sa.func.nullif(_PACKAGE.owner_org, ""),
        "url": sa.func.btrim(sa.func.coalesce(_PACKAGE.url, "")),
        "identifiers": sa.func.array(identifiers),
        "formats": sa.func.array(formats),
    }
    return [column.label(f"now_{name}") for name, column in now.items()]


def _differences(
    found: sa.FromClause, links: sa.CTE
) -> Iterable[sa.ColumnElement[bool]]:
    """How a dataset may be another one than the one that was seen last."""
    for name in Dataset._fields:
        yield _TABLE.c[name].is_distinct_from(found.c[f"now_{name}"])
    yield _TABLE.c.projects.is_distinct_from(links.c.projects)
    yield _TABLE.c.missing != sa.cast({}, JSONB)


def _sight(row: sa.Row[Any]) -> Sight:
    values = row._mapping  # noqa: SLF001 – SQLAlchemy's public name for it
    return Sight(
        Seen(_dataset(values), values["projects"], values["missing"])
        if values["id"]
        else None,
        dataset_of(row),
        values["links"] or {},
    )


def _dataset(values: Any, prefix: str = "") -> Dataset:
    return Dataset(*(values[f"{prefix}{name}"] for name in Dataset._fields))
