from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from .kinds import KINDS
from .model import RHYTHMS


@tk.validator_args
def settings_show(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
    ignore_missing: Validator,
) -> Schema:
    """Whose settings: your own, or by the link of a mail.

    A link that says nothing is no link, and not your own account: the form
    that is sent by one needs no token against forgery.
    """
    return {
        "token": [ignore_missing, digifarm_not_blank, digifarm_single_line]
    }


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
