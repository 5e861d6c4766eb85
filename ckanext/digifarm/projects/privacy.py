"""People who are named in a project."""

from __future__ import annotations

from typing import Any

from ..config import PROJECT_TYPE
from ..lib.ckan import model
from ..lib.index import reindex_later
from ..lib.traces import Trace
from ..lib.words import Words
from . import fields

#: What makes a field one for an e-mail address.
EMAIL_VALIDATORS = frozenset({"email_validator", "digifarm_email"})

#: The table of the streams, where that plugin is on.
STREAMS = "activity"


def is_of_project(trace: Trace) -> bool:
    """Whether a row is that of a project, or tells of one in the streams."""
    if trace.table is model.package_table:
        return trace.row["type"] == PROJECT_TYPE
    if trace.table.name != STREAMS:
        return False
    said = (trace.row["data"] or {}).get("package") or {}
    project = model.Package.get(trace.row["object_id"])
    return PROJECT_TYPE in {said.get("type"), project and project.type}


def id_of(trace: Trace) -> str:
    """The id of the project that a row is, or tells of."""
    is_version = trace.table.name == STREAMS
    return str(trace.row["object_id" if is_version else "id"])


def cover(trace: Trace, words: Words) -> dict[str, Any]:
    """Take an address or a name out of a project; commits nothing.

    A field for an e-mail address that holds it is emptied, and so is the name
    beside it. Texts stay without it. The index follows after the commit.

    :param trace: a row of a project, or one of the streams
    :returns: what its columns say now
    """
    if trace.table.name == STREAMS:
        data = trace.row["data"]
        if isinstance(data.get("package"), dict):
            package = _without_contact(data["package"], words)
            data = {**data, "package": package}
        said = words.covered({"data": data})
        trace.write(said)
        return said
    row = {**trace.row, "extras": trace.row["extras"] or {}}
    # What is empty isn't stored.
    extras = {
        key: value
        for key, value in _without_contact(row["extras"], words).items()
        if value != ""
    }
    values = {name: row[name] for name in trace.columns}
    said = words.covered({**values, "extras": extras})
    trace.write(said)
    reindex_later(row["id"])
    return said


def _without_contact(said: dict[str, Any], words: Words) -> dict[str, Any]:
    """What a project says, without the contact that has an address."""
    emptied: set[str] = set()
    for name in _email_fields() & said.keys():
        value = said[name]
        if isinstance(value, str) and words.are_all_of(value):
            emptied |= {name, name.replace("email", "name")}
    cleared = dict.fromkeys(emptied & said.keys(), "")
    return {**words.covered(said), **cleared}


def _email_fields() -> set[str]:
    """The fields that hold e-mail addresses, by their validators."""
    return {
        field["field_name"]
        for field in fields.fields()
        if EMAIL_VALIDATORS & {*field.get("validators", "").split()}
    }
