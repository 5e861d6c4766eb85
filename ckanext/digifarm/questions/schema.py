from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from ..lib.schema import confirming, submission

#: What may be said otherwise when a question is confirmed.
CHANGEABLE = ("message", "name")


@tk.validator_args
def question_ask(
    default: ValidatorFactory,
    digifarm_consent: Validator,
    digifarm_email: Validator,
    digifarm_ignore_blank: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
    digifarm_text: Validator,
) -> Schema:
    """Which project is asked what, and how whoever asks is reached."""
    return {
        "project": [digifarm_not_blank, digifarm_single_line],
        "message": [
            digifarm_not_blank,
            digifarm_text,
            digifarm_max_length(5000),
        ],
        "name": [
            digifarm_not_blank,
            digifarm_single_line,
            digifarm_max_length(200),
        ],
        "email": [digifarm_ignore_blank, digifarm_email],
        "consent": [default(False), digifarm_consent],
        **submission(),
    }


def question_confirm() -> Schema:
    """Which question is confirmed, and what it says by then."""
    return confirming(question_ask(), *CHANGEABLE)
