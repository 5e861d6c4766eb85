"""Counts what a request costs: requests to Solr and SQL statements."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import pysolr
from sqlalchemy import event

from ckan import model


@dataclass
class Cost:
    """What was sent while counting, and how much came back.

    :param rows: number of rows that the database gave
    :param packages: number of documents that Solr gave
    """

    solr: list[str] = field(default_factory=list)
    sql: list[str] = field(default_factory=list)
    rows: int = 0
    packages: int = 0


@contextmanager
def counting() -> Iterator[Cost]:
    """Count what the block sends to Solr and to the database.

    Meanwhile nothing collects garbage: a row that a session holds only in a
    circle would be gone at any moment, and asked for once more.
    """
    cost = Cost()
    collects = gc.isenabled()
    send = pysolr.Solr._send_request  # noqa: SLF001
    ask = pysolr.Solr.search

    def solr(
        self: Any, method: str, path: str = "", *args: Any, **kwargs: Any
    ) -> Any:
        cost.solr.append(path)
        return send(self, method, path, *args, **kwargs)

    def search(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = ask(self, *args, **kwargs)
        cost.packages += len(found.docs)
        return found

    def sql(_: Any, cursor: Any, statement: str, *_args: Any) -> None:
        cost.sql.append(statement)
        if cursor.description:
            cost.rows += cursor.rowcount

    engine = model.meta.engine
    event.listen(engine, "after_cursor_execute", sql)
    gc.disable()
    try:
        with (
            mock.patch.object(pysolr.Solr, "_send_request", solr),
            mock.patch.object(pysolr.Solr, "search", search),
        ):
            yield cost
    finally:
        if collects:
            gc.enable()
        event.remove(engine, "after_cursor_execute", sql)
