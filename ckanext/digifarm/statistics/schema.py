from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from .periods import Step


@tk.validator_args
def statistics(
    default: ValidatorFactory,
    digifarm_first_month: Validator,
    digifarm_ignore_blank: Validator,
    digifarm_last_month: Validator,
    digifarm_one_of: ValidatorFactory,
    digifarm_single_line: Validator,
) -> Schema:
    """Which numbers are wanted."""
    text = [default(""), digifarm_single_line]
    return {
        "since": [digifarm_ignore_blank, digifarm_first_month],
        "until": [digifarm_ignore_blank, digifarm_last_month],
        "step": [
            digifarm_ignore_blank,
            digifarm_one_of([step.value for step in Step]),
        ],
        "organization": [*text],
        "action_field": [*text],
        "origin": [*text],
    }
