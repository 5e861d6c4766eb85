from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from ..lib.schema import page
from .model import Noted

#: A longer one is no note.
MOST = 5000


@tk.validator_args
def subject(
    digifarm_not_blank: Validator,
    digifarm_one_of: ValidatorFactory,
    digifarm_single_line: Validator,
) -> Schema:
    """What a note is on."""
    return {
        "subject": [
            digifarm_not_blank,
            digifarm_one_of([one.value for one in Noted]),
        ],
        "subject_id": [digifarm_not_blank, digifarm_single_line],
    }


@tk.validator_args
def note_create(
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_text: Validator,
) -> Schema:
    """What is written down, and on what."""
    return {
        **subject(),
        "text": [
            digifarm_not_blank,
            digifarm_text,
            digifarm_max_length(MOST),
        ],
    }


@tk.validator_args
def note(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A note, by id."""
    return {"id": [digifarm_not_blank, digifarm_single_line]}


def note_list() -> Schema:
    """Which notes are wanted, and which part of them."""
    return {**subject(), **page(20)}
