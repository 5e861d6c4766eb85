"""Which organisation a record means."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ..lib.ckan import model
from ..lib.errors import refuse
from . import columns, references, values
from .record import Record, quoted


class Organizations:
    """The organisations of this portal; they are read once."""

    @cached_property
    def _ids(self) -> dict[str, str]:
        """Their ids, by id and by name."""
        return {
            key: row.id for row in self._rows for key in (row.id, row.name)
        }

    @cached_property
    def _titles(self) -> dict[str, list[str]]:
        """Their ids, by title."""
        found: dict[str, list[str]] = {}
        for row in self._rows:
            found.setdefault(values.key(row.title or ""), []).append(row.id)
        return found

    @cached_property
    def _rows(self) -> list[Any]:
        group = model.group_table.c
        query = sa.select(group.id, group.name, group.title).where(
            group.is_organization, group.state == model.State.ACTIVE
        )
        return list(model.Session.execute(query))

    def settle(self, record: Record) -> None:
        """Let a record name its organisation by id.

        What another portal has written may name one that isn't here: then the
        project gets the one that new projects get, or keeps its own.

        :raises ValidationError: where there is none, or several of that title
        """
        reference = record.fields.get(columns.ORGANIZATION)
        if not isinstance(reference, str) or not reference:
            return
        found = self._found(reference)
        if not found and record.organization_title:
            found = self._found(record.organization_title)
        if len(found) == 1:
            record.fields[columns.ORGANIZATION] = found[0]
        elif record.is_elsewhere:
            del record.fields[columns.ORGANIZATION]
            key = record.keys.get(columns.ORGANIZATION, columns.ORGANIZATION)
            record.report(
                key,
                tk._("there is no organisation {name} on this portal").format(
                    name=quoted(reference)
                ),
            )
        else:
            refuse(columns.ORGANIZATION, _problem(reference, len(found)))

    def _found(self, reference: str) -> list[str]:
        name = references.name(reference, "organization.index")
        for one in (name, name.lower()):
            if one in self._ids:
                return [self._ids[one]]
        return self._titles.get(values.key(reference), [])


def _problem(reference: str, count: int) -> str:
    if count:
        return tk._(
            "There are several organisations {name}. Please write the short"
            " name, as it stands in the address of its page"
        ).format(name=quoted(reference))
    return tk._(
        "There is no organisation {name} on this portal. Please write its"
        " title or short name, or create it first"
    ).format(name=quoted(reference))
