from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory


@tk.validator_args
def match(
    default: ValidatorFactory,
    digifarm_natural_number: Validator,
    digifarm_single_line: Validator,
    ignore_empty: Validator,
) -> Schema:
    """A project or a partner, and how many matches are wanted."""
    return {
        "project": [ignore_empty, digifarm_single_line],
        "partner": [ignore_empty, digifarm_single_line],
        "limit": [default(10), digifarm_natural_number],
    }
