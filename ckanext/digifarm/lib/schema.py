from __future__ import annotations

import ckantoolkit as tk

from ckan.types import Schema, Validator, ValidatorFactory


@tk.validator_args
def page(
    default: ValidatorFactory,
    ignore_missing: Validator,
    digifarm_natural_number: Validator,
) -> Schema:
    """Which part of a list is wanted; without a limit, all of it."""
    return {
        "limit": [ignore_missing, digifarm_natural_number],
        "offset": [default(0), digifarm_natural_number],
    }


@tk.validator_args
def submission(
    digifarm_max_length: ValidatorFactory,
    digifarm_single_line: Validator,
    digifarm_submission: Validator,
    ignore_empty: Validator,
) -> Schema:
    """The form that something was sent with."""
    return {
        "submission": [
            ignore_empty,
            digifarm_single_line,
            digifarm_max_length(200),
            digifarm_submission,
        ],
    }


@tk.validator_args
def token(not_empty: Validator, digifarm_single_line: Validator) -> Schema:
    """A link that was sent by mail."""
    return {"token": [not_empty, digifarm_single_line]}


@tk.validator_args
def step(
    default: ValidatorFactory,
    digifarm_max_length: ValidatorFactory,
    digifarm_single_line: Validator,
    digifarm_text: Validator,
    ignore_empty: Validator,
) -> Schema:
    """What goes on, by id or by link, and why."""
    return {
        "id": [default(""), digifarm_single_line],
        "token": [ignore_empty, digifarm_single_line],
        "reason": [default(""), digifarm_text, digifarm_max_length(1000)],
    }
