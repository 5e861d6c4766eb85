"""Counts what a request costs: requests to Solr and SQL statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import pysolr
import sqlalchemy as sa

from ckan import model


@dataclass
class Cost:
    """What was sent while counting."""

    solr: list[str] = field(default_factory=list)
    sql: list[str] = field(default_factory=list)


@contextmanager
def counting() -> Iterator[Cost]:
    """Count what the block sends to Solr and to the database."""
    cost = Cost()
    send = pysolr.Solr._send_request

    def solr(self, method: str, path: str = "", *args: Any, **kwargs: Any):
        cost.solr.append(path)
        return send(self, method, path, *args, **kwargs)

    def sql(conn, cursor, statement, *args):
        cost.sql.append(statement)

    engine = model.meta.engine
    sa.event.listen(engine, "before_cursor_execute", sql)
    try:
        with mock.patch.object(pysolr.Solr, "_send_request", solr):
            yield cost
    finally:
        sa.event.remove(engine, "before_cursor_execute", sql)
