"""Where words stand in the database, in whatever table and column."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from .ckan import model
from .words import Words


@dataclass(frozen=True)
class Trace:
    """A row in which words stand.

    :param table: its table
    :param row: all of its columns
    :param columns: names of those in which they stand
    """

    table: sa.Table
    row: dict[str, Any]
    columns: tuple[str, ...]

    def cover(self, words: Words) -> dict[str, Any]:
        """Let the row say something else there; commits nothing.

        :param words: what is covered
        :returns: what its columns say now
        """
        values = words.covered({c: self.row[c] for c in self.columns})
        self.write(values)
        return values

    def write(self, values: dict[str, Any]) -> None:
        """Change some columns of the row; commits nothing."""
        key = [
            column == self.row[column.name]
            for column in self.table.primary_key.columns
        ]
        model.Session.execute(sa.update(self.table).where(*key).values(values))


def find(words: Collection[Words]) -> Iterator[tuple[Words, Trace]]:
    """All rows in which some words stand, with those words.

    Reads every table of CKAN and its plugins, so it takes its time.
    """
    # What the session holds is meant, and what was written by statements.
    model.Session.flush()
    for table in _tables():
        for one in words:
            for trace in _in(table, one):
                yield one, trace


def _tables() -> list[sa.Table]:
    found = sa.inspect(model.Session.connection()).get_table_names()
    return [
        table
        for table in tk.BaseModel.metadata.sorted_tables
        if table.name in found and table.primary_key.columns
    ]


def _in(table: sa.Table, words: Words) -> Iterator[Trace]:
    name = model.Session.connection().dialect.identifier_preparer.quote(
        table.name
    )
    whole = sa.literal_column(f"CAST({name}.* AS text)")
    query = (
        sa.select(table)
        .where(whole.op("~*")(words.sql))
        .order_by(*table.primary_key)
    )
    for row in model.Session.execute(query).mappings().all():
        found = dict(row)
        columns = [name for name in found if words.are_in(found[name])]
        if columns:
            yield Trace(table, found, tuple(columns))
