from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory


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
