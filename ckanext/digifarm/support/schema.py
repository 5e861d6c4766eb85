from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from ..lib.schema import confirming, page, step, submission
from ..partners import fields as partner_fields
from ..projects import fields
from .evaluation import Helped
from .model import SupportState

#: The sides of a support.
SIDES = ("project", "supporter")


@tk.validator_args
def support_create(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_ignore_blank: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_one_of: ValidatorFactory,
    digifarm_partial_date: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """Who supports a project, and how."""
    line = [default(""), digifarm_single_line]
    return {
        "project": [digifarm_not_blank, digifarm_single_line],
        "area": [digifarm_not_blank, digifarm_one_of(fields.areas())],
        "partner": line,
        "person": [*line, digifarm_max_length(200)],
        "consent": [default(False), boolean_validator],
        "scope": [*line, digifarm_max_length(300)],
        "since": [digifarm_ignore_blank, digifarm_partial_date],
        **until(),
    }


@tk.validator_args
def support_offer(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_consent: Validator,
    digifarm_email: Validator,
    digifarm_http_url: Validator,
    digifarm_ignore_blank: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_one_of: ValidatorFactory,
    digifarm_sender_email: Validator,
    digifarm_single_line: Validator,
    digifarm_text: Validator,
) -> Schema:
    """Who would support a project, how, and how they are reached."""
    line = [default(""), digifarm_single_line]
    kinds = partner_fields.choice_values("kind")
    return {
        "project": [digifarm_not_blank, digifarm_single_line],
        "area": [digifarm_not_blank, digifarm_one_of(fields.areas())],
        "partner": line,
        "partner_title": [*line, digifarm_max_length(200)],
        "partner_kind": [digifarm_ignore_blank, digifarm_one_of(kinds)],
        "partner_url": [digifarm_ignore_blank, digifarm_http_url],
        "named": [default(False), boolean_validator],
        "scope": [*line, digifarm_max_length(300)],
        **until(),
        "message": [default(""), digifarm_text, digifarm_max_length(5000)],
        "contact_name": [
            digifarm_not_blank,
            digifarm_single_line,
            digifarm_max_length(200),
        ],
        "contact_email": [digifarm_sender_email, digifarm_email],
        "consent": [default(False), digifarm_consent],
        **submission(),
    }


#: What of an offer can be changed while it is confirmed.
CHANGEABLE = ("scope", "until", "message", "contact_name")


def support_confirm() -> Schema:
    """Which offer is confirmed, and what it says by then."""
    return confirming(support_offer(), *CHANGEABLE)


@tk.validator_args
def support_request(
    default: ValidatorFactory,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_one_of: ValidatorFactory,
    digifarm_single_line: Validator,
    digifarm_text: Validator,
) -> Schema:
    """Which partner a project asks, and for what."""
    return {
        "project": [digifarm_not_blank, digifarm_single_line],
        "area": [digifarm_not_blank, digifarm_one_of(fields.areas())],
        "partner": [digifarm_not_blank, digifarm_single_line],
        "scope": [
            default(""),
            digifarm_single_line,
            digifarm_max_length(300),
        ],
        **until(),
        "message": [default(""), digifarm_text, digifarm_max_length(5000)],
    }


@tk.validator_args
def until(
    default: ValidatorFactory,
    digifarm_until: Validator,
) -> Schema:
    """Until when a support goes on; "" where nobody knows."""
    return {"until": [default(""), digifarm_until]}


def support_update() -> Schema:
    """Which support goes on until another day."""
    return {**step(), **until()}


@tk.validator_args
def support_evaluate(
    digifarm_not_blank: Validator,
    digifarm_one_of: ValidatorFactory,
) -> Schema:
    """Which support has helped, or has not."""
    values = [helped.value for helped in Helped]
    return {
        **step(),
        "helped": [digifarm_not_blank, digifarm_one_of(values)],
    }


@tk.validator_args
def support_accept(
    digifarm_ignore_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """Which support is accepted, and who it is in the directory."""
    return {
        **step(),
        "partner": [digifarm_ignore_blank, digifarm_single_line],
    }


@tk.validator_args
def support_list(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_ignore_blank: Validator,
    digifarm_not_blank: Validator,
    digifarm_one_of: ValidatorFactory,
    digifarm_single_line: Validator,
) -> Schema:
    """A project or a partner, and the state of the supports."""
    return {
        "project": [digifarm_ignore_blank, digifarm_single_line],
        "partner": [digifarm_ignore_blank, digifarm_single_line],
        "state": [
            default(SupportState.ACCEPTED.value),
            digifarm_one_of([state.value for state in SupportState]),
        ],
        "contacts": [default(False), boolean_validator],
        **page(),
    }


@tk.validator_args
def support_inbox(
    digifarm_ignore_blank: Validator,
    digifarm_one_of: ValidatorFactory,
) -> Schema:
    """Which side of supports is wanted, and the part of the list."""
    return {
        "side": [digifarm_ignore_blank, digifarm_one_of(list(SIDES))],
        **page(),
    }
