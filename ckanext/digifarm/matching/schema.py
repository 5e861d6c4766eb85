from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory


@tk.validator_args
def match(
    default: ValidatorFactory,
    digifarm_ignore_blank: Validator,
    digifarm_natural_number: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A project or a partner, and how many matches are wanted."""
    return {
        "project": [digifarm_ignore_blank, digifarm_single_line],
        "partner": [digifarm_ignore_blank, digifarm_single_line],
        "limit": [default(10), digifarm_natural_number],
    }
