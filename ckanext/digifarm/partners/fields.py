"""What the file of the portal says about the fields of a partner.

The file is `partner.yaml` of this extension or a city's own version of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import ckantoolkit as tk

from .. import config
from ..lib import schema_files
from ..lib.language import in_all_languages
from ..projects import fields
from ..projects.schema_check import lacking

#: The file that comes with this extension.
OWN_FILE = "ckanext.digifarm:partner.yaml"


def schema() -> dict[str, Any]:
    """The file, with the choices that it takes from those of a project."""
    return _schemas()(config.partner_schema())


@fields.once_per_schema
def _schemas() -> Callable[[str], dict[str, Any]]:
    """What gives the file that has a name, once read.

    A new one with each schema of projects: both are loaded when CKAN is.
    """

    @lru_cache(maxsize=4)
    def of(reference: str) -> dict[str, Any]:
        loaded = in_all_languages(schema_files.read(reference))
        return {
            **loaded,
            "partner_fields": [
                {**field, "choices": fields.choices(field["choices_of"])}
                if "choices_of" in field
                else field
                for field in loaded["partner_fields"]
            ],
        }

    return of


def form_groups() -> list[fields.FormGroup]:
    """The parts of the form with their fields."""
    found = schema()
    return fields.grouped(found["partner_fields"], found["form_groups"])


def choices(name: str) -> list[dict[str, Any]]:
    """The choices of a field, in order; empty where it has none."""
    for field in schema()["partner_fields"]:
        if field["field_name"] == name:
            return field.get("choices", [])
    return []


def label(name: str) -> str:
    """The word for a field."""
    for field in schema()["partner_fields"]:
        if field["field_name"] == name:
            return tk.h.digifarm_text(field["label"])
    return name


def choice_values(name: str) -> list[str]:
    """What a field with choices may hold, in order."""
    return [choice["value"] for choice in choices(name)]


def choice_label(name: str, value: str) -> str:
    """The word for a choice; one that is no choice (any more) is its own."""
    return fields.choice_label_of(choices(name), value)


def problems() -> Iterator[str]:
    """What of the file would not work, sentence by sentence.

    :raises SchemaFileError: it can't be read
    """
    name = config.partner_schema()
    for what in _problems(schema_files.read(name)):
        yield f"{name}: {what}"


def _problems(said: dict[str, Any]) -> Iterator[str]:
    own = schema_files.read(OWN_FILE)
    if missing := [key for key in own if not isinstance(said.get(key), list)]:
        yield from (f"the list {key} is missing" for key in missing)
        return
    yield from lacking("form_groups", said["form_groups"], "name", "label")
    yield from lacking("partner_fields", said["partner_fields"], "field_name")
    known = {field["field_name"]: field for field in own["partner_fields"]}
    sources = fields.names() | fields.own_names()
    for field in said["partner_fields"]:
        found = field.get("field_name", "")
        if found and found not in known:
            yield f"partner_fields: {found} is no field of a partner"
        source = field.get("choices_of")
        if source and source not in sources:
            yield (
                f"partner_fields: {found} has the choices of {source}, which"
                " is no field of a project"
            )
        place = f"partner_fields: {found}: choices"
        yield from lacking(place, field.get("choices"), "value")
