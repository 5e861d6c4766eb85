from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from ..lib.schema import confirming, page, submission
from ..projects import reasons
from . import fields as partner_fields


@tk.validator_args
def partner(
    default: ValidatorFactory,
    digifarm_email: Validator,
    digifarm_http_url: Validator,
    digifarm_ignore_blank: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_one_of: ValidatorFactory,
    digifarm_partner_name: Validator,
    digifarm_partner_name_from_title: Validator,
    digifarm_single_line: Validator,
    digifarm_some_of: ValidatorFactory,
    digifarm_text: Validator,
    digifarm_words: Validator,
    name_validator: Validator,
) -> Schema:
    """All that is known of a partner."""
    line = [default(""), digifarm_single_line]
    return {
        "title": [
            digifarm_not_blank,
            digifarm_single_line,
            digifarm_max_length(200),
        ],
        "name": [
            digifarm_partner_name_from_title,
            # Then the title is wrong, which is said there.
            digifarm_ignore_blank,
            digifarm_single_line,
            name_validator,
            digifarm_partner_name,
        ],
        "kind": [
            digifarm_not_blank,
            digifarm_one_of(partner_fields.choice_values("kind")),
        ],
        "url": [digifarm_ignore_blank, digifarm_http_url],
        "description": [
            default(""),
            digifarm_text,
            digifarm_max_length(10_000),
        ],
        "offer": [default(""), digifarm_text, digifarm_max_length(5_000)],
        "areas": [
            default([]),
            digifarm_some_of(partner_fields.choice_values("areas")),
        ],
        "competences": [default([]), digifarm_words],
        "action_fields": [
            default([]),
            digifarm_some_of(partner_fields.choice_values("action_fields")),
        ],
        "contact_name": [*line, digifarm_max_length(200)],
        "contact_email": [digifarm_ignore_blank, digifarm_email],
        "organization_id": [digifarm_ignore_blank, digifarm_single_line],
    }


@tk.validator_args
def partner_register(
    default: ValidatorFactory,
    digifarm_consent: Validator,
    digifarm_email: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_sender_email: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """All that somebody says of a partner that asks to be listed."""
    fields = partner()
    for name in ("name", "organization_id"):
        del fields[name]
    return {
        **fields,
        "contact_name": [
            digifarm_not_blank,
            digifarm_single_line,
            digifarm_max_length(200),
        ],
        "contact_email": [digifarm_sender_email, digifarm_email],
        "consent": [default(False), digifarm_consent],
        **submission(),
    }


def partner_change() -> Schema:
    """What the contact of a partner may change of it.

    A new address would have to be confirmed, and the name stands in addresses.
    """
    fields = partner()
    for name in ("name", "organization_id", "contact_email"):
        del fields[name]
    return fields


#: What of a registration can be changed while it is confirmed.
CHANGEABLE = ("title", "url", "description", "offer", "contact_name")


def partner_confirm() -> Schema:
    """Which registration is confirmed, and what it says by then."""
    return confirming(partner_register(), *CHANGEABLE)


@tk.validator_args
def partner_decision(
    default: ValidatorFactory,
    digifarm_max_length: ValidatorFactory,
    digifarm_text: Validator,
) -> Schema:
    """Which partner a reviewer decides on, and why."""
    return {
        **partner_id(),
        "reason": [default(""), digifarm_text, digifarm_max_length(1000)],
    }


@tk.validator_args
def partner_accept(
    digifarm_ignore_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """Which partner is let in, as it was when a reviewer read it."""
    return {
        **partner_decision(),
        "version": [digifarm_ignore_blank, digifarm_single_line],
    }


def partner_refusal() -> Schema:
    """Which partner is declined, and why."""
    return {**partner_decision(), **reasons.code(reasons.DECLINING)}


@tk.validator_args
def partner_merge(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """Which partner is in truth which other one."""
    return {**partner_id(), "into": [digifarm_not_blank, digifarm_single_line]}


@tk.validator_args
def partner_id(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A partner, by id or name."""
    return {"id": [digifarm_not_blank, digifarm_single_line]}


@tk.validator_args
def partner_search(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_max_length: ValidatorFactory,
    digifarm_single_line: Validator,
) -> Schema:
    """Words and filters of the directory, and the part of what is found."""
    line = [default(""), digifarm_single_line]
    return {
        "q": [*line, digifarm_max_length(200)],
        "kind": line,
        "area": line,
        "action_field": line,
        "supporting": [default(False), boolean_validator],
        **page(20),
    }
