from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from ..lib.schema import page
from .entries import LINES, TEXTS, UNUSED, Kind, parameter

#: How long a line and a text may be, in characters.
LINE, TEXT = 300, 2000


@tk.validator_args
def handover(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """The project whose folder is meant, by id or name."""
    return {"id": [digifarm_not_blank, digifarm_single_line]}


@tk.validator_args
def handover_update(
    boolean_validator: Validator,
    digifarm_blank_or_partial_date: Validator,
    digifarm_ignore_blank: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_no_secret: Validator,
    digifarm_single_line: Validator,
    digifarm_text: Validator,
    ignore_missing: Validator,
) -> Schema:
    """What a folder says from now on, and what was read of it."""
    line: list[Any] = [
        ignore_missing,
        digifarm_single_line,
        digifarm_max_length(LINE),
        digifarm_no_secret,
    ]
    text = [
        ignore_missing,
        digifarm_text,
        digifarm_max_length(TEXT),
        digifarm_no_secret,
    ]
    date = [ignore_missing, digifarm_blank_or_partial_date]
    fields: dict[str, list[Any]] = {
        UNUSED: [ignore_missing, boolean_validator],
        "paid_until": date,
        **dict.fromkeys(LINES, line),
        **dict.fromkeys(TEXTS, text),
    }
    return {
        **handover(),
        "version": [digifarm_ignore_blank, digifarm_single_line],
        **{
            parameter(kind, name): validators
            for kind in Kind
            for name, validators in fields.items()
        },
    }


def handover_list() -> Schema:
    """Which part of the list is wanted."""
    return page(20)
