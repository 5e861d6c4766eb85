"""What the schema file of the portal says about the fields of a project.

The file is `civic_project.yaml` of this extension or a city's own version of
it. Other modules ask here. Few of them know some of the choices: the importer,
the stages at which open source may be announced (licences.py), those in which
nobody is invited to try a project (below), and the template that colours the
stages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypedDict, TypeVar

import ckantoolkit as tk
from flask import has_request_context

from ckanext.scheming.helpers import (
    scheming_get_dataset_schema,
    scheming_language_text,
)

from ..config import PROJECT_TYPE
from ..lib import schema_files
from ..lib.language import in_all_languages
from .stages import QUIET

#: The schema file that comes with this extension.
OWN_FILE = f"ckanext.digifarm:{PROJECT_TYPE}.yaml"

#: Validators of fields that hold a list of texts.
LIST_VALIDATORS = {
    "digifarm_line_list",
    "digifarm_word_list",
    "scheming_multiple_choice",
    "scheming_multiple_text",
}

#: One of a list of texts that may have commas: it is one in each line.
LINE_VALIDATOR = "digifarm_line_list"

#: Validators of fields that hold yes or no.
FLAG_VALIDATORS = {"boolean_validator", "digifarm_for_reviewers"}

#: How yes is stored.
YES = "true"

#: What a proposal leaves to the review.
NOT_PROPOSED = frozenset(
    {
        "accompanied",
        "care_sought_since",
        "confirmed",
        "listed",
        "name",
        "owner_org",
        "silent_since",
    }
)

#: Stages in which nobody is invited to try a project.
NOT_USABLE = frozenset({"broken", "wanted_here", *QUIET})

#: From Font Awesome, which CKAN has.
DEFAULT_ICON = "seedling"

#: Facets that are no field of the schema file.
CORE_FACETS = ("organization", "tags")


T = TypeVar("T")


class FormGroup(TypedDict):
    """A part of the form."""

    name: str
    label: dict[str, str] | str
    open: bool
    fields: list[dict[str, Any]]


def schema() -> dict[str, Any] | None:
    """The schema of civic projects, or None where the portal loads none."""
    return scheming_get_dataset_schema(PROJECT_TYPE)


def complete_words() -> None:
    """Let the words of the schema file answer in every language.

    Each time that scheming has loaded it.
    """
    for expanded in (False, True):
        if found := scheming_get_dataset_schema(PROJECT_TYPE, expanded):
            found.update(in_all_languages(found))


def fields() -> list[dict[str, Any]]:
    """The fields of a project, in the order of the schema file."""
    return (schema() or {}).get("dataset_fields", [])


def once_per_schema(find: Callable[[], T]) -> Callable[[], T]:
    """Let a function work out once what follows from the schema file.

    scheming makes a new schema whenever it loads its files: then the function
    is called again.
    """
    known: list[tuple[object, T]] = []

    @wraps(find)
    def found() -> T:
        now = schema()
        for source, result in known:
            if source is now:
                return result
        result = find()
        known[:] = [(now, result)]
        return result

    return found


@once_per_schema
def _by_name() -> dict[str, dict[str, Any]]:
    # The first of a name counts.
    return {f["field_name"]: f for f in reversed(fields())}


def names() -> set[str]:
    """The names of the fields of a project."""
    return {*_by_name()}


def field(name: str) -> dict[str, Any] | None:
    """A field by its name, or None where the schema file has no such field."""
    return _by_name().get(name)


@once_per_schema
def multiple_fields() -> set[str]:
    """Names of the fields that hold a list of strings."""
    return _validated_by(LIST_VALIDATORS)


@once_per_schema
def flags() -> set[str]:
    """Names of the fields that hold yes or no."""
    return _validated_by(FLAG_VALIDATORS)


def _validated_by(validators: set[str]) -> set[str]:
    return {
        f["field_name"]
        for f in fields()
        if validators & set(f.get("validators", "").split())
    }


def parts(name: str, written: str) -> list[str]:
    """What somebody has written into a field that holds a list of strings.

    :param name: name of the field
    :param written: with commas between, or one in each line
    """
    is_lines = name in _validated_by({LINE_VALIDATOR})
    found = written.splitlines() if is_lines else written.split(",")
    return [part.strip() for part in found if part.strip()]


def values(name: str, stored: str) -> list[str]:
    """What a package extra holds, as a list, also if it was no list before.

    :param name: name of the field
    :param stored: the extra
    """
    if name not in multiple_fields():
        return [stored]
    try:
        found = json.loads(stored)
    except ValueError:
        found = stored
    return found if isinstance(found, list) else [stored]


def repeating_fields() -> set[str]:
    """Names of the fields that hold rows of subfields."""
    return {f["field_name"] for f in fields() if "repeating_subfields" in f}


def choices(name: str) -> list[dict[str, Any]]:
    """The choices of a field, in order; empty where it has none."""
    return (field(name) or {}).get("choices", [])


def areas() -> list[str]:
    """The areas of help: the choices of `help_wanted`, in order."""
    return [choice["value"] for choice in choices("help_wanted")]


def choice_label(name: str, value: str) -> str:
    """The word for a choice in the language of the request.

    :param name: name of the field
    :param value: the choice; one that the schema file doesn't know (any more)
        is its own label
    """
    return choice_label_of(choices(name), value)


def choice_label_of(choices: list[dict[str, Any]], value: str) -> str:
    """The word for one of some choices; for any other value, itself."""
    for choice in choices:
        if choice["value"] == value:
            return text(choice.get("label", value))
    return value


def choice_icon(name: str, value: str | None) -> str:
    """The icon of a choice, or one that fits any project."""
    icons = {c["value"]: c.get("icon") for c in choices(name)}
    return icons.get(value) or DEFAULT_ICON


def label(name: str) -> str:
    """The label of a field in the language of the request."""
    found = field(name)
    return text(found.get("label", name)) if found else name


def text(words: dict[str, str] | str) -> str:
    """Words of the schema file in the language of the request.

    On the command line and in jobs, in the portal's own language.
    """
    if has_request_context():
        return scheming_language_text(words)
    return scheming_language_text(words, tk.config["ckan.locale_default"])


def all_languages(words: dict[str, str] | str) -> Iterator[str]:
    """Words of the schema file in every language that it has."""
    if isinstance(words, str):
        yield words
    else:
        yield from words.values()


def task_efforts() -> list[dict[str, Any]]:
    """How much work a task may be, in order: `value` and `label`.

    A city's own schema file may be older than tasks.
    """
    return _setting("task_efforts")


def task_effort_values() -> list[str]:
    """What the effort of a task may be, in order."""
    return [effort["value"] for effort in task_efforts()]


def licenses() -> list[dict[str, Any]]:
    """The common licences: `value`, an id of SPDX, `label` and `help`."""
    return _setting("licenses")


def table_columns() -> dict[str, dict[str, Any]]:
    """What the columns of tables are called that are no field.

    :returns: `label` and `help_text` by name
    """
    return _setting("table_columns")


def proposal_conditions() -> list[dict[str, Any]]:
    """What is true of each proposed project: `value` and `label`."""
    return _setting("proposal")["conditions"]


def proposal_fields() -> list[str]:
    """Names of the fields that a proposal can fill in."""
    return [
        field["field_name"]
        for field in fields()
        if field["field_name"] not in NOT_PROPOSED
    ]


def proposal_required() -> list[str]:
    """Names of the fields that a proposal must fill in."""
    known = names()
    return [n for n in _setting("proposal")["required"] if n in known]


def proposal_groups() -> list[FormGroup]:
    """The parts of the form for a proposal: first what matters most."""
    first = _setting("proposal")["fields"]
    required = {"required": True}
    found = {
        name: {
            **(field(name) or {}),
            **(required if name in proposal_required() else {}),
        }
        for name in proposal_fields()
    }
    head = FormGroup(
        name="proposal",
        label="",
        open=True,
        fields=[found[name] for name in first if name in found],
    )
    rest = [f for name, f in found.items() if name not in first]
    described = (schema() or {}).get("form_groups")
    folded = [
        FormGroup(**{**group, "open": False})
        for group in grouped(rest, described)
        if group["fields"]
    ]
    return [head, *folded]


def _setting(key: str) -> Any:
    """What the schema file says besides the fields.

    A city's own file may be older than what it is asked for, or leave out
    what it doesn't change.
    """
    own = _own_file()[key]
    said = (schema() or {}).get(key)
    if isinstance(own, dict):
        return {**own, **(said or {})}
    return said or own


@once_per_schema
def _own_file() -> dict[str, Any]:
    """The schema file that comes with this extension."""
    return in_all_languages(schema_files.read(OWN_FILE))


def own_names() -> set[str]:
    """The names of the fields that it has; a city may leave out some."""
    return {field["field_name"] for field in _own_file()["dataset_fields"]}


def facets(kind: str) -> list[str]:
    """Names of the facets of the project list.

    :param kind: `open` or `folded`
    """
    return (schema() or {}).get("facets", {}).get(kind, [])


def form_groups() -> list[FormGroup]:
    """The parts of the form with their fields."""
    return grouped(fields(), (schema() or {}).get("form_groups"))


def grouped(
    fields: list[dict[str, Any]], described: list[dict[str, Any]] | None
) -> list[FormGroup]:
    """Fields by the part of the form that they stand in.

    A field that names no part, or an unknown one, stands in the first.

    :param described: the parts, as a schema file has them
    """
    described = described or [{"name": "all", "label": "", "open": True}]
    groups = [
        FormGroup(
            name=group["name"],
            label=group["label"],
            open=group.get("open", False),
            fields=[],
        )
        for group in described
    ]
    by_name = {group["name"]: group for group in groups}
    for found in fields:
        group = by_name.get(found.get("group", ""), groups[0])
        group["fields"].append(found)
    return groups
