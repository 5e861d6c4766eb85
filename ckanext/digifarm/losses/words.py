"""What has happened to a dataset, in one line."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..links.model import Relation
from ..notices.kinds import Data
from .comparing import FORMAT, MOVED, OUT_OF_SIGHT, PRIVATE, UNPUBLISHED

#: The same for a project that uses it, for one that provides it, and for
#: several projects that are named besides.
Lines = tuple[str, str, str]


def lost(data: Data) -> str:
    """What is lost, as far as the worst of it goes."""
    loss = data["losses"][0]
    if loss == UNPUBLISHED:
        lines = _unpublished()
    elif loss in OUT_OF_SIGHT:
        lines = _deleted()
    elif loss == PRIVATE:
        lines = _private()
    elif loss == MOVED:
        lines = _moved()
    else:
        lines = _without_format()
    return _line(lines, data)


def replaced(data: Data) -> str:
    """What has taken its place."""
    if not data.get("is_named"):
        return _line(_anew(), data)
    is_draft = data["losses"][0] == UNPUBLISHED
    return _line(_drawn_back() if is_draft else _succeeded(), data)


def returned(data: Data) -> str:
    """What is there again."""
    loss = data["losses"][0]
    if loss == MOVED:
        return _line(_moved_back(), data)
    if loss.startswith(FORMAT):
        return _line(_with_format(), data)
    return _line(_back(), data)


def projects(data: Data) -> list[Data]:
    """The projects that one line is about."""
    return data.get("projects") or [data]


def formats(data: Data) -> str:
    """The formats that are gone, as people write them."""
    return ", ".join(
        _format(loss.removeprefix(FORMAT))
        for loss in data["losses"]
        if loss.startswith(FORMAT)
    )


def values(data: Data) -> dict[str, Any]:
    """What stands in for the names in a text."""
    return {
        "dataset": data["dataset_title"],
        "project": data["project_title"],
        "successor": data.get("successor_title"),
        "format": formats(data),
    }


def _line(lines: Lines, data: Data) -> str:
    uses, provides, several = lines
    words = uses
    if len(projects(data)) > 1:
        words = several
    elif data["relation"] == Relation.PROVIDES.value:
        words = provides
    return words.format(**values(data))


def _format(folded: str) -> str:
    """As CKAN writes a format: “GeoJSON”; one that it doesn't know, large."""
    known = tk.h.unified_resource_format(folded)
    return folded.upper() if known == folded else known


def _deleted() -> Lines:
    return (
        tk._(
            "The dataset “{dataset}”, which “{project}” uses, has been deleted"
        ),
        tk._(
            "The dataset “{dataset}”, which “{project}” provides, has been"
            " deleted"
        ),
        tk._("The dataset “{dataset}” has been deleted"),
    )


def _unpublished() -> Lines:
    return (
        tk._(
            "The dataset “{dataset}”, which “{project}” uses, is no longer"
            " published"
        ),
        tk._(
            "The dataset “{dataset}”, which “{project}” provides, is no longer"
            " published"
        ),
        tk._("The dataset “{dataset}” is no longer published"),
    )


def _private() -> Lines:
    return (
        tk._(
            "The dataset “{dataset}”, which “{project}” uses, is no longer"
            " public"
        ),
        tk._(
            "The dataset “{dataset}”, which “{project}” provides, is no"
            " longer public"
        ),
        tk._("The dataset “{dataset}” is no longer public"),
    )


def _moved() -> Lines:
    return (
        tk._(
            "The dataset “{dataset}”, which “{project}” uses, has left its"
            " organization"
        ),
        tk._(
            "The dataset “{dataset}”, which “{project}” provides, has"
            " left its organization"
        ),
        tk._("The dataset “{dataset}” has left its organization"),
    )


def _without_format() -> Lines:
    return (
        tk._(
            "The dataset “{dataset}”, which “{project}” uses, is no longer"
            " there as {format}"
        ),
        tk._(
            "The dataset “{dataset}”, which “{project}” provides, is no"
            " longer there as {format}"
        ),
        tk._("The dataset “{dataset}” is no longer there as {format}"),
    )


def _anew() -> Lines:
    return (
        tk._(
            "There is a new entry of the dataset “{dataset}”, which"
            " “{project}” uses"
        ),
        tk._(
            "There is a new entry of the dataset “{dataset}”, which"
            " “{project}” provides"
        ),
        tk._("There is a new entry of the dataset “{dataset}”"),
    )


def _succeeded() -> Lines:
    return (
        tk._(
            "The dataset “{dataset}”, which “{project}” uses, was deleted; its"
            " successor is “{successor}”"
        ),
        tk._(
            "The dataset “{dataset}”, which “{project}” provides, was deleted;"
            " its successor is “{successor}”"
        ),
        tk._(
            "The dataset “{dataset}” was deleted; its successor is"
            " “{successor}”"
        ),
    )


def _drawn_back() -> Lines:
    return (
        tk._(
            "The dataset “{dataset}”, which “{project}” uses, is no longer"
            " published; its successor is “{successor}”"
        ),
        tk._(
            "The dataset “{dataset}”, which “{project}” provides, is no longer"
            " published; its successor is “{successor}”"
        ),
        tk._(
            "The dataset “{dataset}” is no longer published; its successor is"
            " “{successor}”"
        ),
    )


def _back() -> Lines:
    return (
        tk._(
            "The dataset “{dataset}”, which “{project}” uses, is there again"
        ),
        tk._(
            "The dataset “{dataset}”, which “{project}” provides, is there"
            " again"
        ),
        tk._("The dataset “{dataset}” is there again"),
    )


def _moved_back() -> Lines:
    return (
        tk._(
            "The dataset “{dataset}”, which “{project}” uses, is back with its"
            " organization"
        ),
        tk._(
            "The dataset “{dataset}”, which “{project}” provides, is back with"
            " its organization"
        ),
        tk._("The dataset “{dataset}” is back with its organization"),
    )


def _with_format() -> Lines:
    return (
        tk._(
            "The dataset “{dataset}”, which “{project}” uses, is there as"
            " {format} again"
        ),
        tk._(
            "The dataset “{dataset}”, which “{project}” provides, is there as"
            " {format} again"
        ),
        tk._("The dataset “{dataset}” is there as {format} again"),
    )
