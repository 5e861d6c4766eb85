from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory


@tk.validator_args
def project_show(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A project, by id or name."""
    return {"id": [digifarm_not_blank, digifarm_single_line]}


@tk.validator_args
def project_accompany(
    boolean_validator: Validator,
    not_missing: Validator,
) -> Schema:
    """A project, and whether the city accompanies it."""
    return {**project_show(), "accompanied": [not_missing, boolean_validator]}


@tk.validator_args
def picture_keep(
    digifarm_not_blank: Validator,
    digifarm_upload: Validator,
) -> Schema:
    """A picture."""
    return {"image_upload": [digifarm_not_blank, digifarm_upload]}


@tk.validator_args
def clear_upload(
    boolean_validator: Validator,
    default: ValidatorFactory,
) -> Schema:
    """Whether the picture goes."""
    return {"clear_upload": [default(False), boolean_validator]}
