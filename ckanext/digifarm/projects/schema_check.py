"""What is wrong with a schema file of projects, sentence by sentence.

scheming finds some of it when a form is sent, and some never.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk

from ckanext.scheming.errors import SchemingException
from ckanext.scheming.validation import validators_from_string

from ..config import PROJECT_TYPE
from ..lib import schema_files
from ..lib.schema_files import SchemaFileError
from . import fields, reasons, search

#: Without these a package is no project.
NEEDED = ("title", "name", "owner_org")

#: Facets that are no field.
MORE_FACETS = (
    *fields.CORE_FACETS,
    search.CONFIRMED,
    search.LICENSE_STATUS,
    search.PARTNER,
)

#: Keys of a field that name validators.
VALIDATORS = ("validators", "create_validators", "output_validators")

PRESETS = "ckanext.scheming:presets.json"


def unreadable() -> Iterator[str]:
    """What of the schema files scheming would stumble over.

    It loads them before it asks anybody else, and all of them.
    """
    known: set[str] | None = set()
    for one in tk.config.get("scheming.presets", PRESETS).split():
        if schema_files.is_remote(one):
            # Nobody knows what is there.
            known = None
            continue
        try:
            found = schema_files.read(one).get("presets")
        except SchemaFileError as e:
            yield f"scheming.presets: {e}"
            return
        if not isinstance(found, list):
            yield f"scheming.presets: {one}: the list presets is missing"
            return
        if known is not None:
            known |= {preset["preset_name"] for preset in found}
    for one in references():
        yield from _unreadable(one, known)


def _unreadable(reference: str, presets: set[str] | None) -> Iterator[str]:
    try:
        said = schema_files.read(reference)
    except SchemaFileError as e:
        yield f"scheming.dataset_schemas: {e}"
        return
    yield from (f"{reference}: {what}" for what in _structure(said, presets))


def problems() -> Iterator[str]:
    """What of the schema file of projects would not work, or is ignored.

    As scheming has loaded it.
    """
    said = fields.schema() or {}
    name = reference()
    for check in (_fields, _facets, _groups, _choices, _settings):
        yield from (f"{name}: {what}" for what in check(said))


def references() -> list[str]:
    """The schema files of this portal, those of other servers left out."""
    named = tk.config.get("scheming.dataset_schemas", "").split()
    return [one for one in named if not schema_files.is_remote(one)]


def reference() -> str:
    """The schema file of projects; of several scheming takes the last."""
    for one in reversed(references()):
        if schema_files.read(one).get("dataset_type") == PROJECT_TYPE:
            return one
    return "scheming.dataset_schemas"


def _structure(
    said: dict[str, Any], presets: set[str] | None
) -> Iterator[str]:
    if "dataset_type" not in said:
        yield "the key dataset_type is missing"
        return
    if said["dataset_type"] != PROJECT_TYPE:
        return
    for key in ("dataset_fields", "resource_fields"):
        if not isinstance(said.get(key), list):
            yield f"the list {key} is missing"
            continue
        for number, field in enumerate(said[key], 1):
            if not (isinstance(field, dict) and field.get("field_name")):
                yield f"{key}: number {number} has no field_name"
            elif (
                presets is not None
                and "preset" in field
                and field["preset"] not in presets
            ):
                yield (
                    f"{key}: {field['field_name']} has the preset"
                    f" {field['preset']}, which is unknown"
                )


def _fields(said: dict[str, Any]) -> Iterator[str]:
    known = fields.names()
    yield from (
        f"dataset_fields: the field {name} is missing"
        for name in NEEDED
        if name not in known
    )
    for field in said["dataset_fields"]:
        for part in (field, *field.get("repeating_subfields", ())):
            for key in VALIDATORS:
                yield from _validators(part, key, said)


def _validators(
    field: dict[str, Any], key: str, said: dict[str, Any]
) -> Iterator[str]:
    for one in str(field.get(key) or "").split():
        if not _is_validator(one, field, said):
            yield (
                f"dataset_fields: {field['field_name']} has in {key} {one},"
                " which is no validator"
            )


def _is_validator(
    name: str, field: dict[str, Any], said: dict[str, Any]
) -> bool:
    try:
        validators_from_string(name, field, said)
    except (SchemingException, TypeError):
        return False
    except KeyError:
        # What choices lack is told with them.
        return True
    return True


def _facets(said: dict[str, Any]) -> Iterator[str]:
    named = said.get("facets") or {}
    yield from _known("facets", named, ("open", "folded"))
    allowed = {*_possible(), *MORE_FACETS}
    for kind, names in named.items():
        yield from _known(f"facets: {kind}", names or (), allowed, "field")


def _groups(said: dict[str, Any]) -> Iterator[str]:
    groups = said.get("form_groups")
    yield from lacking("form_groups", groups, "name", "label")


def _choices(said: dict[str, Any]) -> Iterator[str]:
    for field in said["dataset_fields"]:
        name = field["field_name"]
        keys = ("value", "label") if name == "help_wanted" else ("value",)
        place = f"dataset_fields: {name}: choices"
        yield from lacking(place, field.get("choices"), *keys)
    lists = {
        "licenses": said.get("licenses"),
        "task_efforts": said.get("task_efforts"),
        "proposal: conditions": (said.get("proposal") or {}).get("conditions"),
    }
    for kind, found in (said.get("reasons") or {}).items():
        lists[f"reasons: {kind}"] = found
    for place, found in lists.items():
        yield from lacking(place, found, "value", "label")


def lacking(place: str, items: Any, *keys: str) -> Iterator[str]:
    """Which of a list's items lack a key.

    :param place: where the list stands
    :param items: the list; it may be missing
    :param keys: what each must have
    """
    for number, item in enumerate(items or (), 1):
        for key in keys:
            if not isinstance(item, dict) or key not in item:
                yield f"{place}: number {number} has no {key}"


def _settings(said: dict[str, Any]) -> Iterator[str]:
    kinds = {*reasons.STEPS.values()}
    yield from _known("reasons", said.get("reasons") or (), kinds)
    proposal = said.get("proposal") or {}
    for key in ("fields", "required"):
        names = proposal.get(key) or ()
        yield from _known(f"proposal: {key}", names, _possible(), "field")


def _possible() -> set[str]:
    """Names that are no mistake: a city may have left out a field."""
    return fields.names() | fields.own_names()


def _known(
    place: str, names: Any, known: Any, kind: str = "key"
) -> Iterator[str]:
    """Which of some names nobody knows."""
    for name in names:
        if name not in known:
            yield f"{place}: there is no {kind} {name}"
