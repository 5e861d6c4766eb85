"""What a record changes in its project.

The validators of the actions are asked, but nothing is written: core's own
comparison would count "GPL v3" as a change of GPL-3.0-only, and its
`defer_commit` still calls what other plugins do after a change.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib.ckan import Context, model
from ..lib.errors import refuse
from ..projects import pictures
from ..projects.validation import validated
from .record import Record

#: What the validators want to know of a project besides what a record gives.
_IDENTITY = ("id", "type", "name", "title", "owner_org")


def find(name: str) -> model.Package | None:
    """The project of that name, or None where the name is free.

    :raises ValidationError: where a record can't have this name
    """
    package = model.Package.by_name(name)
    if package and package.type != PROJECT_TYPE:
        refuse(
            "name",
            tk._("{name} is the name of a dataset here").format(name=name),
        )
    if package and package.state == model.State.DELETED:
        refuse(
            "name",
            tk._(
                "{name} was deleted on this portal; restore it there, or take"
                " it out of the file"
            ).format(name=name),
        )
    return package


def creation(
    record: Record, name: str, organization: str | None, context: Context
) -> dict[str, Any]:
    """The parameters of `package_create` for a record.

    :param organization: id or name of the organisation that gets the
        project, unless the record names one
    :raises ValidationError: where the project would be refused
    """
    package = {
        "owner_org": organization,
        **record.fields,
        "name": name,
        "type": PROJECT_TYPE,
    }
    validated(package, None, context)
    return package


@dataclasses.dataclass
class Change:
    """What a record changes in a project.

    :param params: of `package_patch`; empty where it changes nothing
    :param fields: which fields, in the order of the record
    """

    params: dict[str, Any]
    fields: list[str]


def patch(record: Record, project: model.Package, context: Context) -> Change:
    """What a record changes in its project.

    :raises ValidationError: where the change would be refused
    """
    current = _current(project, context)
    given = dict(record.fields)
    picture = current.get(pictures.URL_FIELD)
    if picture and not pictures.is_address(picture):
        _leave_picture(record, given, pictures.address(picture))
    identity = {key: current[key] for key in _IDENTITY}
    before = {key: current.get(key) for key in given}
    after = validated({**identity, **given}, project, context)
    try:
        stored = validated({**identity, **before}, project, context)
    except tk.ValidationError:
        # What is stored is not valid any more: the portal's schema changed.
        changed = list(given)
    else:
        changed = _changed(after, stored, given)
    return Change({**given, "id": project.id} if changed else {}, changed)


def _changed(
    after: dict[str, Any], before: dict[str, Any], given: dict[str, Any]
) -> list[str]:
    """Which fields validators make something else of.

    Where that is none of those that are given, all may have part in it.
    """
    if after == before:
        return []
    now, then = _flat(after), _flat(before)
    return [f for f in given if now.get(f) != then.get(f)] or list(given)


def _flat(package: dict[str, Any]) -> dict[str, Any]:
    """A package whose extras are fields as all others are."""
    extras = {e["key"]: e["value"] for e in package.get("extras", [])}
    return {**package, **extras}


def _current(project: model.Package, context: Context) -> dict[str, Any]:
    # The database is asked, as the search index may be behind.
    current = tk.get_action("package_show")(
        tk.fresh_context(context, use_cache=False), {"id": project.id}
    )
    tags = [
        {"name": name} for name in sorted(t["name"] for t in current["tags"])
    ]
    return {**current, "tags": tags}


def _leave_picture(
    record: Record, given: dict[str, Any], address: str
) -> None:
    """Keep an uploaded picture: once replaced, it would be gone for good.

    :param address: of that one
    """
    other = given.pop(pictures.URL_FIELD, None)
    if other and other != address:
        key = record.keys.get(pictures.URL_FIELD, pictures.URL_FIELD)
        record.report(
            key, tk._("not imported; the picture uploaded here stays")
        )
