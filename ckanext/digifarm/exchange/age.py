"""How old a file is: what was changed here since it was written."""

from __future__ import annotations

import datetime

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import dates
from ..lib.ckan import model
from . import columns
from .record import Record


def page(name: str) -> str:
    """The address of a project's page, by which files name its portal.

    :param name: its short name
    """
    site = tk.config["ckan.site_url"].rstrip("/")
    root = (tk.config["ckan.root_path"] or "").replace("/{{LANG}}", "")
    return f"{site}{root}/{PROJECT_TYPE}/{name}"


def report(record: Record, project: model.Package) -> None:
    """Say that a project was changed after its file was written.

    Whoever imports the file would take that back, and may not know. What a
    file of another portal says of its own time is no sign.

    :param record: one that changes the project
    """
    written = _written(record)
    changed = project.metadata_modified.replace(microsecond=0)
    if record.here.get(columns.PAGE) == page(project.name) and (
        written and changed > written
    ):
        record.report(
            columns.by_name()[columns.MODIFIED].label,
            tk._(
                "this file is older than the last change on this portal"
                " ({when}); what it says takes the place of that. To keep"
                " that, take this row out of the file"
            ).format(when=dates.moment(changed)),
        )


def _written(record: Record) -> datetime.datetime | None:
    """When the project had last been changed as the file was written."""
    try:
        found = datetime.datetime.fromisoformat(record.here[columns.MODIFIED])
    except (KeyError, ValueError):
        return None
    # One that somebody has written by hand may have a zone.
    return found.replace(tzinfo=None)
