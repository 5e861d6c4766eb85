from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator


@tk.validator_args
def mail_id(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A mail of the outbox."""
    return {"id": [digifarm_not_blank, digifarm_single_line]}
