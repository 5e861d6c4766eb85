from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from .ckan import Schema, Validator, ValidatorFactory

#: The option that bounds how much one request finds, as in core.
MOST = "ckan.search.rows_max"


def page(limit: int | None = None) -> Schema:
    """Which part of a list is wanted.

    :param limit: how many where nobody says; by default as many as core
        finds at most, more than which nobody gets
    """
    validator: Any = tk.get_validator
    default, number = (
        validator("default"),
        validator("digifarm_natural_number"),
    )
    most = tk.config[MOST]
    bounded = validator("digifarm_at_most")(MOST)
    usual = most if limit is None else limit
    return {
        "limit": [default(usual), number, bounded],
        "offset": [default(0), number],
    }


@tk.validator_args
def page_of_year(
    digifarm_not_blank: Validator,
    digifarm_year: Validator,
) -> Schema:
    """Which part of the list of a year is wanted."""
    return {**page(), "year": [digifarm_not_blank, digifarm_year]}


@tk.validator_args
def submission(
    digifarm_ignore_blank: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_single_line: Validator,
    digifarm_submission: Validator,
) -> Schema:
    """The form that something was sent with."""
    return {
        "submission": [
            digifarm_ignore_blank,
            digifarm_single_line,
            digifarm_max_length(200),
            digifarm_submission,
        ],
    }


@tk.validator_args
def token(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A link that was sent by mail."""
    return {"token": [digifarm_not_blank, digifarm_single_line]}


def confirming(schema: Schema, *names: str) -> Schema:
    """The link that confirms something, and what is changed at that.

    :param schema: of what was sent
    :param names: its parameters that may be changed; what isn't given stays
    """
    ignore_missing: Any = tk.get_validator("ignore_missing")
    known: Any = schema
    return {
        **token(),
        **{name: [ignore_missing, *known[name]] for name in names},
    }


@tk.validator_args
def resend(
    digifarm_email: Validator,
    digifarm_ignore_blank: Validator,
) -> Schema:
    """What was sent by a form, and where its mail goes."""
    return {**token(), "email": [digifarm_ignore_blank, digifarm_email]}


@tk.validator_args
def step(
    default: ValidatorFactory,
    digifarm_ignore_blank: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_single_line: Validator,
    digifarm_text: Validator,
) -> Schema:
    """What goes on, by id or by link, and why."""
    return {
        "id": [default(""), digifarm_single_line],
        "token": [digifarm_ignore_blank, digifarm_single_line],
        "reason": [default(""), digifarm_text, digifarm_max_length(1000)],
    }
