from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from ..lib.schema import page, step, submission
from ..projects import fields, reasons
from ..projects.schema import clear_upload
from .model import ProposalState


@tk.validator_args
def proposal_texts(
    default: ValidatorFactory,
    digifarm_ids: Validator,
    digifarm_ignore_blank: Validator,
    digifarm_proposed_project: Validator,
    digifarm_upload: Validator,
    not_missing: Validator,
) -> Schema:
    """What is said of a proposed project, and the datasets that it uses."""
    return {
        "image_upload": [digifarm_ignore_blank, digifarm_upload],
        "project": [not_missing, digifarm_proposed_project],
        "datasets": [default([]), digifarm_ids],
    }


@tk.validator_args
def proposal_submit(
    default: ValidatorFactory,
    digifarm_all_of: ValidatorFactory,
    digifarm_consent: Validator,
    digifarm_email: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_sender_email: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A proposed project, and how its proposer is reached."""
    conditions = [c["value"] for c in fields.proposal_conditions()]
    return {
        **proposal_texts(),
        "conditions": [default([]), digifarm_all_of(conditions)],
        "proposer_name": [
            digifarm_not_blank,
            digifarm_single_line,
            digifarm_max_length(200),
        ],
        "proposer_email": [digifarm_sender_email, digifarm_email],
        "consent": [default(False), digifarm_consent],
        **submission(),
    }


@tk.validator_args
def proposal_update(
    digifarm_ids: Validator,
    ignore_missing: Validator,
) -> Schema:
    """Which proposal is changed, by id or by link, and what it says now."""
    return {
        **step(),
        **proposal_texts(),
        "datasets": [ignore_missing, digifarm_ids],
        **clear_upload(),
    }


@tk.validator_args
def proposal_decision(
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
    digifarm_text: Validator,
    ignore_missing: Validator,
) -> Schema:
    """Which proposal a reviewer decides on, and why."""
    return {
        "id": [digifarm_not_blank, digifarm_single_line],
        "version": [ignore_missing, digifarm_single_line],
        "reason": [
            digifarm_not_blank,
            digifarm_text,
            digifarm_max_length(5000),
        ],
    }


def proposal_refusal() -> Schema:
    """Which proposal isn't approved, and why."""
    return {**proposal_decision(), **reasons.code(reasons.DECLINING)}


@tk.validator_args
def proposal_approve(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """Which proposal is approved, who owns the project then, and a word."""
    return {
        **project_give_back(),
        "organization": [digifarm_not_blank, digifarm_single_line],
    }


def project_seen() -> Schema:
    """What was seen, and as what."""
    decision = proposal_decision()
    return {name: decision[name] for name in ("id", "version")}


def project_hide() -> Schema:
    """Which project is hidden, and why."""
    return proposal_decision()


@tk.validator_args
def project_give_back(
    default: ValidatorFactory,
    digifarm_max_length: ValidatorFactory,
    digifarm_text: Validator,
) -> Schema:
    """Which project is shown again, and a word."""
    return {
        **proposal_decision(),
        "reason": [default(""), digifarm_text, digifarm_max_length(5000)],
    }


@tk.validator_args
def proposal_list(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_some_of: ValidatorFactory,
) -> Schema:
    """Which proposals are wanted, and the part of them."""
    return {
        "state": [
            default([]),
            digifarm_some_of([state.value for state in ProposalState]),
        ],
        "mine": [default(False), boolean_validator],
        "edited": [default(False), boolean_validator],
        **page(20),
    }


@tk.validator_args
def duplicates(
    default: ValidatorFactory,
    digifarm_max_length: ValidatorFactory,
    digifarm_single_line: Validator,
) -> Schema:
    """What is known of a project that may be there already."""
    line = [default(""), digifarm_single_line]
    return {
        "title": [*line, digifarm_max_length(200)],
        "source_url": [*line, digifarm_max_length(2000)],
    }


@tk.validator_args
def license_check(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_max_length: ValidatorFactory,
    digifarm_single_line: Validator,
) -> Schema:
    """What decides on whether a project is open source."""
    line = [default(""), digifarm_single_line, digifarm_max_length(200)]
    return {
        "source_license": line,
        "open_source_intended": [default(False), boolean_validator],
        "stage": line,
    }
