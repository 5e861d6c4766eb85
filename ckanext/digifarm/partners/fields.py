"""What the file of the portal says about the fields of a partner.

The file is `partner.yaml` of this extension or a city's own version of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from .. import config
from ..lib.language import in_all_languages
from ..projects import fields


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
        loaded = _load(reference)
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


def choice_values(name: str) -> list[str]:
    """What a field with choices may hold, in order."""
    return [choice["value"] for choice in choices(name)]


def choice_label(name: str, value: str) -> str:
    """The word for a choice; one that is no choice (any more) is its own."""
    return fields.choice_label_of(choices(name), value)


def _load(reference: str) -> dict[str, Any]:
    """A file that is named as in `scheming.dataset_schemas`.

    :param reference: `module:file`
    :raises ImportError: there is no such module
    :raises OSError: there is no such file
    :raises ValueError: it is no YAML
    """
    module, _, file = reference.partition(":")
    text = resources.files(module).joinpath(file).read_text(encoding="utf-8")
    try:
        return in_all_languages(yaml.safe_load(text))
    except yaml.YAMLError as e:
        raise ValueError(str(e)) from e
