from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator


@tk.validator_args
def project(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A project, by id or name."""
    return {"project": [digifarm_not_blank, digifarm_single_line]}
