"""All projects are put aside, so that CKAN runs without this extension.

Without it, CKAN knows no page of their type, and answers 500 on each page
that names one. So they become private packages of core's own type, in a state
that core lists nowhere; a table remembers what they were. docs/removing.md
says when to do so.

All is done by statements of SQL, so that nobody who watches the session takes
it for changes: there are no events, no activities and no mails. Each batch is
a transaction. Whatever has been interrupted is finished by another run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ..config import PROJECT_TYPE
from ..lib import index, jobs
from ..lib.ckan import model
from ..lib.retired import STATE, Retired

#: How many rows a transaction changes.
BATCH = 1000

#: The type that has its pages in any portal.
PLAIN_TYPE = "dataset"

#: How an activity names the type of its package: JSON as core writes it. In
#: texts it can't stand like this, as their quotation marks are escaped there.
TYPE = f'"type": "{PROJECT_TYPE}"'
PLAIN = f'"type": "{PLAIN_TYPE}", "digifarm_type": "{PROJECT_TYPE}"'

#: Before each permission label of an activity: nobody has such a label.
PREFIX = f"{STATE}:"

_package = model.package_table
_retired = sa.inspect(Retired).local_table

_activity = sa.table("activity", sa.column("id"), sa.column("data"))

_RETIRE_ACTIVITIES = sa.text(
    """
    UPDATE activity SET
        data = replace(data, :type, :plain),
        permission_labels = CASE WHEN permission_labels IS NOT NULL THEN ARRAY(
            SELECT :prefix || label
            FROM unnest(permission_labels) WITH ORDINALITY AS l (label, place)
            ORDER BY place
        ) END
    WHERE id = ANY(:ids)
    """
).bindparams(type=TYPE, plain=PLAIN, prefix=PREFIX)

_RETURN_ACTIVITIES = sa.text(
    """
    UPDATE activity SET
        data = replace(data, :plain, :type),
        permission_labels = CASE WHEN permission_labels IS NOT NULL THEN ARRAY(
            SELECT regexp_replace(label, '^' || :prefix, '')
            FROM unnest(permission_labels) WITH ORDINALITY AS l (label, place)
            ORDER BY place
        ) END
    WHERE id = ANY(:ids)
    """
).bindparams(type=TYPE, plain=PLAIN, prefix=PREFIX)


def retire() -> int:
    """Put all projects aside, and take them out of the index; commits.

    :returns: how many they were
    :raises pysolr.SolrError: where Solr doesn't answer at the end
    """
    count = 0
    while ids := _retire_batch():
        count += len(ids)
    _rewrite_activities(TYPE, _RETIRE_ACTIVITIES)
    index.clear_type(PROJECT_TYPE)
    return count


def bring_back() -> int:
    """Make all projects what they were, and note to index them; commits.

    Of what was done meanwhile, only that one was deleted counts: it is in
    the trash then.

    :returns: how many they were
    """
    count = 0
    while ids := _return_batch():
        count += len(ids)
    _rewrite_activities(PLAIN, _RETURN_ACTIVITIES)
    return count


def _retire_batch() -> list[str]:
    """Put some projects aside; commits.

    :returns: their ids; none where all are
    """
    columns = _package.c
    query = (
        sa.select(
            columns.id.label("package_id"),
            columns.type,
            columns.state,
            columns.private,
        )
        .where(columns.type == PROJECT_TYPE)
        .order_by(columns.id)
        .limit(BATCH)
        .with_for_update()
    )
    rows = [dict(row) for row in model.Session.execute(query).mappings()]
    if rows:
        _remember(rows)
    ids = [row["package_id"] for row in rows]
    model.Session.execute(
        sa.update(_package)
        .where(columns.id.in_(ids))
        .values(type=PLAIN_TYPE, state=STATE, private=True)
    )
    model.Session.commit()
    return ids


def _remember(rows: list[dict[str, Any]]) -> None:
    statement = insert(_retired).values(rows)
    model.Session.execute(
        statement.on_conflict_do_update(
            index_elements=[_retired.c.package_id],
            # Somebody has made it a project again by hand.
            set_={
                name: statement.excluded[name]
                for name in ("type", "state", "private")
            },
        )
    )


def _return_batch() -> Sequence[str]:
    """Make some packages what they were; commits.

    :returns: their ids; none where nothing is put aside
    """
    query = (
        sa.select(_retired.c.package_id)
        .order_by(_retired.c.package_id)
        .limit(BATCH)
        .with_for_update()
    )
    ids = model.Session.scalars(query).all()
    deleted = model.State.DELETED
    state = sa.case(
        (_package.c.state == deleted, deleted), else_=_retired.c.state
    )
    model.Session.execute(
        sa.update(_package)
        .where(_package.c.id == _retired.c.package_id, _package.c.id.in_(ids))
        .values(type=_retired.c.type, state=state, private=_retired.c.private)
    )
    jobs.later_each(index.REINDEX, ids)
    model.Session.execute(
        sa.delete(_retired).where(_retired.c.package_id.in_(ids))
    )
    model.Session.commit()
    return ids


def _rewrite_activities(having: str, statement: sa.TextClause) -> None:
    """Change the activities of projects, also of those that are purged."""
    # They stay when the plugin that writes them is taken out.
    if not sa.inspect(model.ensure_engine()).has_table(_activity.name):
        return
    for ids in _activities(having):
        model.Session.execute(statement, {"ids": ids})
        model.Session.commit()


def _activities(having: str) -> Iterator[list[str]]:
    """Ids of activities whose data has some words; reads each row once."""
    columns = _activity.c
    last = ""
    while True:
        query = (
            sa.select(columns.id)
            .where(
                columns.id > last,
                columns.data.contains(having, autoescape=True),
            )
            .order_by(columns.id)
            .limit(BATCH)
        )
        ids = [*model.Session.scalars(query)]
        if not ids:
            return
        yield ids
        last = ids[-1]
