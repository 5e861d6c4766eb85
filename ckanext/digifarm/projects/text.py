"""What may be in the texts of a project."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ckantoolkit as tk

from ..lib import core_words
from ..lib.ckan import ErrorDict, model
from ..lib.text import (
    check_length,
    clean,
    complaints,
    composed,
    tag_names,
)
from . import fields

#: Package fields of core that hold rows.
ROW_FIELDS = frozenset(
    {
        "extras",
        "groups",
        "resources",
        "tags",
    }
)

#: Core looks these up, or takes them apart, before it validates them.
TEXT_FIELDS = frozenset({"id", "name", "owner_org", "tag_string"})

#: The longest value of a field of the schema file that sets no bound itself.
MAX_LENGTH = 20_000

#: The longest value of another field: Solr refuses one of more than 32 766
#: bytes, and a character takes up to 4.
MAX_CORE_LENGTH = 8_000


def no_resources() -> str:
    """Why a project takes no resources, and what to do instead."""
    return tk._("A civic project has no resources; please link datasets")


def check_project(data_dict: dict[str, Any]) -> None:
    """Refuse what core would stumble over before it validates a project.

    Core expects text where text belongs, rows where rows belong and
    characters that the database can store; anything else ends there in an
    exception without a field's name. What else is in a package dictionary,
    the organisation for example, core leaves alone.

    :param data_dict: a project as it came by form or API
    :raises ValidationError: with the names of all fields that are wrong
    """
    known = {*model.package_table.c.keys(), *fields.names(), *ROW_FIELDS}
    errors: ErrorDict = {}
    for key in known & data_dict.keys():
        if message := _complaint(key, data_dict[key]):
            errors[key] = complaints(key, message)
    if data_dict.get("resources"):
        errors["resources"] = [no_resources()]
    if errors:
        raise tk.ValidationError(errors)


def tidied(data_dict: dict[str, Any]) -> dict[str, Any]:
    """A project with its texts in composed form, and tags as they are meant.

    :param data_dict: a project that `check_project` lets pass
    """
    tidy = {key: _composed(value) for key, value in data_dict.items()}
    if isinstance(tidy.get("tag_string"), str):
        tidy["tag_string"] = ", ".join(tag_names(tidy["tag_string"]))
    if isinstance(tidy.get("tags"), list):
        tidy["tags"] = _tags(tidy["tags"])
    return tidy


def _composed(value: Any) -> Any:
    """A value of a field, a list of such or of rows."""
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, list):
        return [_composed_item(item) for item in value]
    return value


def _composed_item(item: Any) -> Any:
    if isinstance(item, dict):
        return {
            column: composed(value) if isinstance(value, str) else value
            for column, value in item.items()
        }
    return composed(item) if isinstance(item, str) else item


def _tags(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of tags; those of a vocabulary stay as they are."""
    tidy: dict[Any, dict[str, Any]] = {}
    for row in rows:
        name = row.get("name")
        if row.get("vocabulary_id") or not isinstance(name, str):
            tidy[len(tidy)] = row
            continue
        for one in tag_names(name):
            tidy.setdefault(one, row if one == name else {"name": one})
    return [*tidy.values()]


def tag_complaint(row: dict[str, Any]) -> str:
    """What is wrong with a tag, in words for people; "" if nothing.

    :param row: with its `name`
    """
    try:
        for name in ("tag_length_validator", "tag_name_validator"):
            validate: Any = tk.get_validator(name)
            validate(row["name"], {})
    except tk.Invalid as e:
        return core_words.plain(e.error)
    return ""


def _complaint(key: str, value: Any) -> str | None:
    try:
        _check_for(key)(key, value)
    except tk.Invalid as e:
        return e.error
    return None


def _check_for(key: str) -> Callable[[str, Any], None]:
    if key in ROW_FIELDS or key in fields.repeating_fields():
        return _check_rows
    if key in fields.multiple_fields():
        return _check_list
    if key == "plugin_data":
        return _check_json
    return _check_value


def _check_value(key: str, value: Any) -> None:
    if isinstance(value, str):
        is_ours = key in fields.names()
        check_length(clean(value), MAX_LENGTH if is_ours else MAX_CORE_LENGTH)
    elif value is not None and (
        key in TEXT_FIELDS or not isinstance(value, bool | int | float)
    ):
        raise tk.Invalid(tk._("Must be text"))


def _check_list(key: str, value: Any) -> None:
    values = [value or ""] if isinstance(value, str | type(None)) else value
    if not isinstance(values, list):
        raise tk.Invalid(tk._("Must be a list of texts"))
    for item in values:
        clean(item)


def _check_rows(key: str, value: Any) -> None:
    if not isinstance(value, list) or not all(
        isinstance(row, dict) for row in value
    ):
        raise tk.Invalid(tk._("Must be a list of objects"))
    for row in value:
        for column, item in row.items():
            _check_value(clean(column), item)


def _check_json(key: str, value: Any) -> None:
    try:
        clean(json.dumps(value, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError) as e:
        raise tk.Invalid(tk._("Must be JSON")) from e
