from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from ..projects.schema import project_show


def project_owned() -> Schema:
    """A project, by id or name."""
    return project_show()


@tk.validator_args
def owner_invite(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_email: Validator,
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """Who is to look after which project."""
    return {
        "project": [digifarm_not_blank, digifarm_single_line],
        "email": [digifarm_not_blank, digifarm_email],
        "hands_over": [default(False), boolean_validator],
    }


@tk.validator_args
def owner_remove(
    default: ValidatorFactory,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
    digifarm_text: Validator,
) -> Schema:
    """Who looks after which project no longer, and why."""
    return {
        "project": [digifarm_not_blank, digifarm_single_line],
        "user_id": [default(""), digifarm_single_line],
        "reason": [default(""), digifarm_text, digifarm_max_length(1000)],
    }
