from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator


@tk.validator_args
def mail_id(not_empty: Validator, digifarm_single_line: Validator) -> Schema:
    """A mail of the outbox."""
    return {"id": [not_empty, digifarm_single_line]}
