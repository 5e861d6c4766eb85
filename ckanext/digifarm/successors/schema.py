from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory


@tk.validator_args
def dataset(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A dataset, by id or name."""
    return {"dataset": [digifarm_not_blank, digifarm_single_line]}


@tk.validator_args
def project(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A project, by id or name."""
    return {"project": [digifarm_not_blank, digifarm_single_line]}


@tk.validator_args
def successor_set(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A dataset, what replaces it, and whether nothing else has changed."""
    return {
        **dataset(),
        "successor": [digifarm_not_blank, digifarm_single_line],
        "unchanged": [default(False), boolean_validator],
    }


@tk.validator_args
def link_move(
    digifarm_ignore_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A link, and perhaps where it goes."""
    return {
        **project(),
        **dataset(),
        "successor": [digifarm_ignore_blank, digifarm_single_line],
    }
