from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory

#: The parameter with what a project has achieved, and its longest value.
ACHIEVED, MOST_ACHIEVED = "achieved", 300


@tk.validator_args
def confirmation_show(
    digifarm_ignore_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """What is asked about: by id, by link, or the project itself."""
    named: list[Validator | ValidatorFactory] = [
        digifarm_ignore_blank,
        digifarm_single_line,
    ]
    return {"id": [*named], "token": [*named], "project": [*named]}


@tk.validator_args
def confirmation_answer(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """An answer; what goes with it, its `Asking` knows."""
    return {
        **confirmation_show(),
        "answer": [digifarm_not_blank, digifarm_single_line],
    }


@tk.validator_args
def achieved(
    ignore_missing: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_single_line: Validator,
) -> Schema:
    """What a project has achieved; where it isn't given, nothing changes."""
    return {
        ACHIEVED: [
            ignore_missing,
            digifarm_single_line,
            digifarm_max_length(MOST_ACHIEVED),
        ]
    }
