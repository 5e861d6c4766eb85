"""Answers that browsers save as a file."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Any

import ckantoolkit as tk
from flask import make_response, stream_with_context

from . import language, spreadsheets
from .ckan import Response

#: The parameter by which somebody says that Excel is to open a table.
EXCEL = "excel"


def formats(table: str, json: str, **asked: Any) -> list[dict[str, str]]:
    """The files in which something can be taken along.

    :param table: the endpoint of the table
    :param json: that of the same as JSON
    :param asked: what their addresses say besides
    :returns: `label` and `url` of each
    """
    return [
        {"label": label, "url": tk.h.url_for(endpoint, **asked, **more)}
        for label, endpoint, more in (
            ("CSV", table, {}),
            (tk._("CSV for Excel"), table, {EXCEL: "1"}),
            ("JSON", json, {}),
        )
    ]


def excel() -> str:
    """The language of the Excel that is to open a table by a click, or ""."""
    return language.current() if tk.request.args.get(EXCEL) else ""


def table(
    name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> Response:
    """A table as CSV, for Excel where the address says so.

    See `spreadsheets.csv_lines`.

    :param name: of the file, without its ending
    """
    lines = spreadsheets.csv_lines(header, rows, excel())
    response = make_response("".join(lines))
    response.mimetype = "text/csv"
    return named(response, f"{name}.csv")


def named(response: Response, filename: str) -> Response:
    """The same answer, to be saved under a name."""
    response.headers.set(
        "Content-Disposition", "attachment", filename=filename
    )
    return response


def streamed(
    parts: Generator[str, None, None], filename: str, mimetype: str
) -> Response:
    """Something long to be saved under a name, sent while it is made.

    :param parts: they are closed also where the reader goes away
    """
    response = Response(stream_with_context(parts), mimetype=mimetype)
    response.call_on_close(parts.close)
    return named(response, filename)
