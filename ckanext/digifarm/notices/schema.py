from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from .kinds import KINDS
from .model import RHYTHMS


@tk.validator_args
def settings_show(
    digifarm_ignore_blank: Validator, digifarm_single_line: Validator
) -> Schema:
    """Whose settings: your own, or by the link of a mail."""
    return {"token": [digifarm_ignore_blank, digifarm_single_line]}


@tk.validator_args
def settings_update(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_one_of: ValidatorFactory,
    digifarm_some_of: ValidatorFactory,
    ignore_missing: Validator,
) -> Schema:
    """What somebody wants to be told."""
    some_of: Any = digifarm_some_of([*KINDS])
    return {
        **settings_show(),
        "off": [ignore_missing, some_of],
        "digest": [ignore_missing, digifarm_one_of(RHYTHMS)],
        "turn_off": [default(False), boolean_validator],
    }
