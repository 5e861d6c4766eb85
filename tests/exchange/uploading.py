"""Reviewers who upload tables, and the worker that goes on with them."""

from __future__ import annotations

import csv
import gc
import io
from collections import Counter
from typing import Any

import openpyxl
from werkzeug.datastructures import FileStorage

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.exchange import working
from ckanext.digifarm.exchange.model import Import, ImportRow

from .. import proposing
from ..acting import as_user
from ..working import forget_jobs

Table = list[list[Any]]


def create_people() -> dict[str, str]:
    """People, and an organisation for which the reviewer edits."""
    people = proposing.create_people()
    factories.Organization(
        name="tree-office",
        title="Baumamt",
        users=[{"name": people["reviewer"], "capacity": "editor"}],
    )
    return people


def as_csv(rows: Table) -> bytes:
    """A table as a text file."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def as_xlsx(rows: Table) -> bytes:
    """A table as a file of Excel."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def file(content: bytes, name: str = "table.csv") -> FileStorage:
    """A file as a form sends it."""
    return FileStorage(io.BytesIO(content), name)


def upload(user: str, rows: Table | bytes, **data: Any) -> str:
    """Upload a table; gives the id of the upload."""
    content = rows if isinstance(rows, bytes) else as_csv(rows)
    name = data.pop("name", "table.csv")
    found = as_user(
        user, "digifarm_import_create", upload=file(content, name), **data
    )
    return found["id"]


def checked(user: str, rows: Table | bytes, **data: Any) -> str:
    """The same, once a worker has looked at its rows."""
    id_ = upload(user, rows, **data)
    work()
    return id_


def work(seconds: float = 60) -> dict[str, int]:
    """Let a worker go on."""
    model.Session.commit()
    counts = dict(working.run(seconds))
    forget_jobs()
    return counts


def show(user: str, id_: str) -> dict[str, Any]:
    """An upload as its reviewer sees it."""
    return as_user(user, "digifarm_import_show", id=id_)


def rows(user: str, id_: str, **data: Any) -> list[dict[str, Any]]:
    """Its rows."""
    found = as_user(user, "digifarm_import_row_list", id=id_, **data)
    return found["results"]


def results(user: str, id_: str) -> list[str]:
    """What becomes of its rows."""
    return [row["result"] for row in rows(user, id_)]


def forget() -> None:
    """Delete all uploads."""
    model.Session.rollback()
    model.Session.query(ImportRow).delete()
    model.Session.query(Import).delete()
    model.Session.commit()


def alive() -> Counter[str]:
    """How many things of CKAN and of ours are in memory, by their kind."""
    gc.collect()
    kinds = (type(thing) for thing in gc.get_objects())
    return Counter(
        kind.__qualname__
        for kind in kinds
        # Some kinds have no text there.
        if str(kind.__module__).startswith(("ckan.", "ckanext."))
    )
