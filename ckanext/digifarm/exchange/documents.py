"""Projects as JSON; projects.schema.json describes it, docs/exchange.md too.

Each stands in a line, so that programs can read them one by one.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from typing import Any

import ckantoolkit as tk

#: By these a file is known. The version changes with what readers must know.
FORMAT = "ckanext-digifarm-projects"
VERSION = 1


def lines(
    projects: Iterable[dict[str, Any]],
) -> Generator[str, None, None]:
    """The document, part by part."""
    head = {
        "format": FORMAT,
        "version": VERSION,
        "portal": tk.config["ckan.site_url"],
    }
    yield f'{_dumped(head)[:-1]}, "projects": ['
    mark = "\n"
    for project in projects:
        yield f"{mark}{_dumped(project)}"
        mark = ",\n"
    yield "\n]}\n"


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
