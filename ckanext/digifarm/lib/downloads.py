"""Answers that browsers save as a file."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence

from flask import make_response, stream_with_context

from . import spreadsheets
from .ckan import Response


def table(
    name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> Response:
    """A table as CSV; see `spreadsheets.as_csv`.

    :param name: of the file, without its ending
    """
    response = make_response(spreadsheets.as_csv(header, rows))
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
