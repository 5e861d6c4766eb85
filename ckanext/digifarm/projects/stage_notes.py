"""The note on the stage of a project, where it gets another stage.

What was said of the stage before isn't so any more; so the field is empty
first, and says what stood there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from . import fields

NOTE = "stage_note"

#: The longest note.
MOST = 300


def form_fields(before: str, help_text: str = "") -> list[dict[str, Any]]:
    """The field of a form, as far as the schema file has it.

    :param before: the note so far, or ""
    :param help_text: what is said where there was none (optional)
    """
    field = fields.field(NOTE)
    if not (field and field.get("form_snippet")):
        return []
    if before:
        text = tk._("So far it says: “{note}”").format(note=before)
    else:
        text = help_text or fields.text(field.get("help_text") or "")
    label = fields.text(field["label"])
    return [{**field, "label": label, "help_text": text, "required": False}]


def given(data: Mapping[str, Any]) -> dict[str, str]:
    """The note that a project has from now on, with another stage.

    :param data: what was given; without a note, there is none from now on
    """
    return {NOTE: data.get(NOTE) or ""} if fields.field(NOTE) else {}


@tk.validator_args
def schema(
    ignore_missing: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_single_line: Validator,
) -> Schema:
    """The parameter of actions."""
    return {
        NOTE: [
            ignore_missing,
            digifarm_single_line,
            digifarm_max_length(MOST),
        ]
    }
