"""Notices that somebody has edited what a project says.

Not what the portal itself writes into it, past the action: that has events of
its own, or is nobody's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ..lib.ckan import model
from ..owners.edit_notices import tell_edited
from ..projects import fields

#: What is no field of the schema file, or none of a column.
TAGS, PRIVATE = "tag_string", "private"

#: The organisation, whatever the schema file has.
OWNER = "owner_org"

#: What a project that is being edited said before, by its id.
_before: ContextVar[dict[str, dict[str, Any]]] = ContextVar("digifarm_edited")


@contextmanager
def edited(project: model.Package) -> Iterator[None]:
    """What the block saves of a project, whoever acts has edited."""
    token = _before.set({project.id: _said(project)})
    try:
        yield
    finally:
        _before.reset(token)


def tell(project: model.Package | None) -> None:
    """Tell of a project that was edited just now; commits nothing."""
    before = _before.get({}).pop(project.id, None) if project else None
    if not project or not before or project.state != model.State.ACTIVE:
        return
    now = _said(project)
    # Core saves some that say the same as before.
    if changed := [name for name in now if now[name] != before.get(name)]:
        tell_edited(project, changed, before[OWNER])


def _said(project: model.Package) -> dict[str, Any]:
    """What a project says, by field, in the order of the form."""
    columns, extras = model.package_table.c, project.extras or {}
    said = {
        name: getattr(project, name) if name in columns else extras.get(name)
        for field in fields.fields()
        if (name := field["field_name"]) != TAGS
    }
    found = {key: value or None for key, value in said.items()}
    tags = sorted(tag.name for tag in project.get_tags())
    owner = project.owner_org or None
    return {**found, OWNER: owner, TAGS: tags, PRIVATE: project.private}
