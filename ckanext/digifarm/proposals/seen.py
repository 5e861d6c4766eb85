"""What reviewers have seen of the projects that came through them.

A copy of what a project said then, so that they see what is different now.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from ..lib import clock, people
from ..lib.ckan import model
from ..lib.words import Words
from ..projects import fields
from . import proposed

#: What is said by other fields, or by the portal and the reviewers themselves.
LEFT_OUT = frozenset(
    {
        "accompanied",
        "care_sought_since",
        "confirmed",
        "listed",
        "name",
        "silent_since",
        "tag_string",
    }
)


class Seen(tk.BaseModel):
    """What a project said when a reviewer last looked at it."""

    __tablename__ = "digifarm_seen"

    project_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("package.id", ondelete="CASCADE"),
        primary_key=True,
    )
    #: Values by field.
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB)
    seen: Mapped[datetime.datetime] = mapped_column(sa.DateTime)


def mark(project_id: str) -> None:
    """Note that reviewers have seen what a project says; commits nothing."""
    values = {"fields": _said(project_id), "seen": clock.now()}
    model.Session.execute(
        insert(Seen)
        .values(project_id=project_id, **values)
        .on_conflict_do_update(index_elements=[Seen.project_id], set_=values)
    )


def changes(project_id: str) -> dict[str, Any] | None:
    """What is different since a reviewer has last seen a project.

    :returns: `since`, when that was, and `fields`, a list of dictionaries
        with `name`, `label`, and the texts `before` and `now`; None where
        nobody knows what it said
    """
    row = model.Session.get(Seen, project_id, populate_existing=True)
    if row is None:
        return None
    before, now = row.fields, _said(project_id)
    names = [*_order(), *sorted((before.keys() | now.keys()) - {*_order()})]
    return {
        "since": row.seen.isoformat(),
        "fields": [
            {
                "name": name,
                "label": _label(name),
                "before": _text(name, before.get(name)),
                "now": _text(name, now.get(name)),
            }
            for name in dict.fromkeys(names)
            if before.get(name) != now.get(name)
        ],
    }


def forget(wanted: Collection[Words]) -> None:
    """Delete the copies in which some words stand; commits nothing.

    What is different since, nobody knows then.
    """
    text = sa.cast(Seen.fields, sa.UnicodeText)
    for words in wanted:
        # The pattern of PostgreSQL may match more.
        likely = sa.select(Seen).where(text.op("~*")(words.sql))
        for row in model.Session.scalars(likely).all():
            if words.are_in(row.fields):
                model.Session.delete(row)
    model.Session.flush()


def gone(project_id: str, wanted: Words) -> list[str]:
    """The labels of fields in which words stood when reviewers last looked.

    Those that say something else since.
    """
    found = changes(project_id) or {"fields": []}
    return [
        one["label"] for one in found["fields"] if wanted.are_in(one["before"])
    ]


def _order() -> list[str]:
    """The names of what is compared, in the order of the form."""
    names = [field["field_name"] for field in fields.fields()]
    return [n for n in [*names, "tags", "datasets"] if n not in LEFT_OUT]


def _said(project_id: str) -> dict[str, Any]:
    """What a project says, by field; what is empty is left out."""
    project = proposed.show(project_id)
    said = {name: project.get(name) for name in _order()}
    said["tags"] = sorted(tag["name"] for tag in project.get("tags", []))
    ids = [*proposed.linked_datasets(project_id)]
    said["datasets"] = sorted(
        dataset.title or dataset.name
        for dataset in proposed.public_datasets(ids)
    )
    return {name: value for name, value in said.items() if value}


def _label(name: str) -> str:
    if name == "tags":
        return fields.label("tag_string")
    return tk._("Datasets") if name == "datasets" else fields.label(name)


def _is_partial_date(name: str) -> bool:
    field = fields.field(name) or {}
    return "digifarm_partial_date" in field.get("validators", "").split()


def _text(name: str, value: Any) -> str:
    """A value as people read it."""
    if value in (None, "", [], False):
        return ""
    if value is True:
        return tk._("Yes")
    if name == "owner_org":
        organization = people.organization(value)
        return str((organization and organization.title) or value)
    if _is_partial_date(name):
        return tk.h.digifarm_partial_date(str(value))
    values = value if isinstance(value, list) else [value]
    return ", ".join(fields.choice_label(name, str(one)) for one in values)
