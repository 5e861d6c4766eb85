"""The list of projects to take along."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import downloads, forms
from ..lib.ckan import Response, SearchError
from ..projects import asked
from . import documents, exporting, tables

exchange = forms.blueprint("digifarm_exchange", f"/{PROJECT_TYPE}")

#: What the files are called.
FILE = "civic-projects"


@exchange.route("/export.csv")
def export_csv() -> Response:
    """What the list shows as a table.

    With `?excel=1` so that Excel opens it by a click.
    """
    parts = tables.lines(_found(), downloads.excel())
    return downloads.streamed(parts, f"{FILE}.csv", "text/csv")


@exchange.route("/export.json")
def export_json() -> Response:
    """The same as JSON."""
    parts = documents.lines(_found())
    return downloads.streamed(parts, f"{FILE}.json", "application/json")


def _found() -> Iterator[dict[str, Any]]:
    """The projects that the list shows to this reader.

    The first one is looked for before the answer begins: what can't be
    searched for is refused as usual.
    """
    query = {
        **asked.query(tk.request.args),
        "include_private": tk.config["ckan.search.default_include_private"],
    }
    batches = exporting.searched({}, query)
    sees = exporting.seen_by({})
    found = exporting.projects(batches, sees, with_private=True)
    try:
        first = [*islice(found, 1)]
    except SearchError:
        tk.abort(400, tk._("This can’t be searched for"))
    return chain(first, found)
