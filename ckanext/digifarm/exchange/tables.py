"""Projects as a table: a row each, the columns named as our fields."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

from ..lib import spreadsheets
from . import cells, columns
from .columns import Column, Kind

#: Who supports, and is not to be named; read back as such.
PERSON = "private person"


def lines(
    projects: Iterable[dict[str, Any]], excel: str = ""
) -> Generator[str, None, None]:
    """The table as CSV, line by line.

    :param projects: as `exporting` gives them
    :param excel: see `spreadsheets.csv_lines`
    """
    shown = columns.columns()
    rows = ([cell(column, p) for column in shown] for p in projects)
    return spreadsheets.csv_lines([c.name for c in shown], rows, excel)


def cell(column: Column, project: dict[str, Any]) -> str:
    """What a column says of a project.

    :param project: as `exporting` gives it
    """
    name = column.name
    if name in {"name", columns.PRIVATE}:
        return _text(project[name])
    if column.kind in _CELLS:
        return _CELLS[column.kind](column, project)
    return _of_field(column, project["fields"].get(name))


def _of_field(column: Column, value: Any) -> str:
    if column.kind is Kind.ROWS:
        return cells.joined(
            [[_text(row.get(p)) for p in column.parts] for row in value or []]
        )
    if isinstance(value, list):
        return cells.listed(
            [_text(item) for item in value],
            by_line=column.kind is Kind.LINES,
        )
    return _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return columns.yes_or_no(is_so=value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _tags(_: Column, project: dict[str, Any]) -> str:
    return cells.listed(project["tags"], by_line=False)


def _organization(_: Column, project: dict[str, Any]) -> str:
    return project["organization"]["name"]


def _datasets(column: Column, project: dict[str, Any]) -> str:
    rows = [
        # What is usual needs no words.
        [link["dataset"], link["relation"], link["note"]]
        if link["note"] or link["relation"] != "uses"
        else [link["dataset"]]
        for link in project["datasets"]
    ]
    return cells.joined(rows)


def _supporters(column: Column, project: dict[str, Any]) -> str:
    return cells.joined(
        [
            [
                *(support["partner"][p] or "" for p in columns.PARTNER_PARTS),
                *(support[part] for part in columns.SUPPORT_TEXTS),
            ]
            if support["partner"]
            else [PERSON]
            for support in project["supporters"]
            if support["area"] == column.area
        ]
    )


def _tasks(column: Column, project: dict[str, Any]) -> str:
    return cells.joined(
        [
            [_text(task[p]) if task[p] else "" for p in column.parts]
            for task in project["tasks"]
        ]
    )


def _here(column: Column, project: dict[str, Any]) -> str:
    return _text(project["here"].get(column.name))


_CELLS = {
    Kind.TAGS: _tags,
    Kind.ORGANIZATION: _organization,
    Kind.DATASETS: _datasets,
    Kind.SUPPORTERS: _supporters,
    Kind.TASKS: _tasks,
    Kind.HERE: _here,
}
