from __future__ import annotations

import ckantoolkit as tk

from ckan.types import Schema, Validator, ValidatorFactory

from .. import fields
from ..model import ProposalState, Relation, Side, SupportState
from ..partners import fields as partner_fields


@tk.validator_args
def project_show(
    not_empty: Validator, digifarm_single_line: Validator
) -> Schema:
    """A project, by id or name."""
    return {"id": [not_empty, digifarm_single_line]}


def project_owned() -> Schema:
    """A project, by id or name."""
    return project_show()


@tk.validator_args
def link_pair(not_empty: Validator, digifarm_single_line: Validator) -> Schema:
    """A project and a dataset, each by id or name."""
    return {
        "project": [not_empty, digifarm_single_line],
        "dataset": [not_empty, digifarm_single_line],
    }


@tk.validator_args
def link_create(
    default: ValidatorFactory,
    digifarm_max_length: ValidatorFactory,
    digifarm_one_of: ValidatorFactory,
    digifarm_single_line: Validator,
    ignore_empty: Validator,
) -> Schema:
    """A pair of packages and how the project relates to the dataset."""
    return {
        **link_pair(),
        "relation": [
            default(Relation.USES.value),
            digifarm_one_of([relation.value for relation in Relation]),
        ],
        "note": [default(""), digifarm_single_line, digifarm_max_length(500)],
        "linked_from": [
            ignore_empty,
            digifarm_one_of([side.value for side in Side]),
        ],
    }


@tk.validator_args
def link_counts(default: ValidatorFactory, digifarm_ids: Validator) -> Schema:
    """The packages whose links are counted."""
    return {"ids": [default([]), digifarm_ids]}


@tk.validator_args
def page(
    default: ValidatorFactory,
    ignore_missing: Validator,
    digifarm_natural_number: Validator,
) -> Schema:
    """Which part of a list is wanted; without a limit, all of it."""
    return {
        "limit": [ignore_missing, digifarm_natural_number],
        "offset": [default(0), digifarm_natural_number],
    }


@tk.validator_args
def submission(
    digifarm_max_length: ValidatorFactory,
    digifarm_single_line: Validator,
    digifarm_submission: Validator,
    ignore_empty: Validator,
) -> Schema:
    """The form that something was sent with."""
    return {
        "submission": [
            ignore_empty,
            digifarm_single_line,
            digifarm_max_length(200),
            digifarm_submission,
        ],
    }


@tk.validator_args
def dataset_list(
    not_empty: Validator, digifarm_single_line: Validator
) -> Schema:
    """A project, by id or name, and the part of its datasets."""
    return {"project": [not_empty, digifarm_single_line], **page()}


@tk.validator_args
def project_list(
    not_empty: Validator, digifarm_single_line: Validator
) -> Schema:
    """A dataset, by id or name, and the part of its projects."""
    return {"dataset": [not_empty, digifarm_single_line], **page()}


@tk.validator_args
def partner(
    default: ValidatorFactory,
    digifarm_email: Validator,
    digifarm_http_url: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_one_of: ValidatorFactory,
    digifarm_partner_name: Validator,
    digifarm_partner_name_from_title: Validator,
    digifarm_single_line: Validator,
    digifarm_some_of: ValidatorFactory,
    digifarm_text: Validator,
    digifarm_words: Validator,
    ignore_empty: Validator,
    name_validator: Validator,
    not_empty: Validator,
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
            ignore_empty,
            digifarm_single_line,
            name_validator,
            digifarm_partner_name,
        ],
        "kind": [
            not_empty,
            digifarm_one_of(partner_fields.choice_values("kind")),
        ],
        "url": [ignore_empty, digifarm_http_url],
        "description": [
            default(""),
            digifarm_text,
            digifarm_max_length(10_000),
        ],
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
        "contact_email": [ignore_empty, digifarm_email],
        "organization_id": [ignore_empty, digifarm_single_line],
    }


@tk.validator_args
def partner_register(
    default: ValidatorFactory,
    digifarm_consent: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
    ignore_empty: Validator,
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
        "consent": [default(False), digifarm_consent],
        **submission(),
    }


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
def partner_merge(
    not_empty: Validator, digifarm_single_line: Validator
) -> Schema:
    """Which partner is in truth which other one."""
    return {**partner_id(), "into": [not_empty, digifarm_single_line]}


@tk.validator_args
def partner_id(
    not_empty: Validator, digifarm_single_line: Validator
) -> Schema:
    """A partner, by id or name."""
    return {"id": [not_empty, digifarm_single_line]}


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
        **page(),
    }


@tk.validator_args
def support_create(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_max_length: ValidatorFactory,
    digifarm_one_of: ValidatorFactory,
    digifarm_partial_date: Validator,
    digifarm_single_line: Validator,
    ignore_empty: Validator,
    not_empty: Validator,
) -> Schema:
    """Who supports a project, and how."""
    line = [default(""), digifarm_single_line]
    return {
        "project": [not_empty, digifarm_single_line],
        "area": [not_empty, digifarm_one_of(_areas())],
        "partner": line,
        "person": [*line, digifarm_max_length(200)],
        "consent": [default(False), boolean_validator],
        "scope": [*line, digifarm_max_length(300)],
        "since": [ignore_empty, digifarm_partial_date],
    }


@tk.validator_args
def support_offer(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_consent: Validator,
    digifarm_email: Validator,
    digifarm_http_url: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_one_of: ValidatorFactory,
    digifarm_single_line: Validator,
    digifarm_text: Validator,
    ignore_empty: Validator,
    not_empty: Validator,
) -> Schema:
    """Who would support a project, how, and how they are reached."""
    line = [default(""), digifarm_single_line]
    kinds = partner_fields.choice_values("kind")
    return {
        "project": [not_empty, digifarm_single_line],
        "area": [not_empty, digifarm_one_of(_areas())],
        "partner": line,
        "partner_title": [*line, digifarm_max_length(200)],
        "partner_kind": [ignore_empty, digifarm_one_of(kinds)],
        "partner_url": [ignore_empty, digifarm_http_url],
        "named": [default(False), boolean_validator],
        "scope": [*line, digifarm_max_length(300)],
        "message": [default(""), digifarm_text, digifarm_max_length(5000)],
        "contact_name": [
            digifarm_not_blank,
            digifarm_single_line,
            digifarm_max_length(200),
        ],
        "contact_email": [ignore_empty, digifarm_email],
        "consent": [default(False), digifarm_consent],
        **submission(),
    }


@tk.validator_args
def support_request(
    default: ValidatorFactory,
    digifarm_max_length: ValidatorFactory,
    digifarm_one_of: ValidatorFactory,
    digifarm_single_line: Validator,
    digifarm_text: Validator,
    not_empty: Validator,
) -> Schema:
    """Which partner a project asks, and for what."""
    return {
        "project": [not_empty, digifarm_single_line],
        "area": [not_empty, digifarm_one_of(_areas())],
        "partner": [not_empty, digifarm_single_line],
        "scope": [
            default(""),
            digifarm_single_line,
            digifarm_max_length(300),
        ],
        "message": [default(""), digifarm_text, digifarm_max_length(5000)],
    }


@tk.validator_args
def token(not_empty: Validator, digifarm_single_line: Validator) -> Schema:
    """A link that was sent by mail."""
    return {"token": [not_empty, digifarm_single_line]}


@tk.validator_args
def support_step(
    default: ValidatorFactory,
    digifarm_max_length: ValidatorFactory,
    digifarm_single_line: Validator,
    digifarm_text: Validator,
    ignore_empty: Validator,
) -> Schema:
    """Which support goes on, by id or by link, and why."""
    return {
        "id": [default(""), digifarm_single_line],
        "token": [ignore_empty, digifarm_single_line],
        "reason": [default(""), digifarm_text, digifarm_max_length(1000)],
    }


@tk.validator_args
def support_accept(
    digifarm_single_line: Validator, ignore_empty: Validator
) -> Schema:
    """Which support is accepted, and who it is in the directory."""
    return {
        **support_step(),
        "partner": [ignore_empty, digifarm_single_line],
    }


@tk.validator_args
def support_list(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_one_of: ValidatorFactory,
    digifarm_single_line: Validator,
    ignore_empty: Validator,
    not_empty: Validator,
) -> Schema:
    """A project or a partner, and the state of the supports."""
    return {
        "project": [ignore_empty, digifarm_single_line],
        "partner": [ignore_empty, digifarm_single_line],
        "state": [
            default(SupportState.ACCEPTED.value),
            digifarm_one_of([state.value for state in SupportState]),
        ],
        "contacts": [default(False), boolean_validator],
    }


@tk.validator_args
def task_texts(
    default: ValidatorFactory,
    digifarm_http_url: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_one_of: ValidatorFactory,
    digifarm_single_line: Validator,
    digifarm_text: Validator,
    digifarm_words: Validator,
    ignore_empty: Validator,
) -> Schema:
    """What is written of a task."""
    return {
        "title": [
            digifarm_not_blank,
            digifarm_single_line,
            digifarm_max_length(150),
        ],
        "description": [
            default(""),
            digifarm_text,
            digifarm_max_length(5000),
        ],
        "skills": [default([]), digifarm_words],
        "effort": [
            ignore_empty,
            digifarm_one_of(fields.task_effort_values()),
        ],
        "url": [ignore_empty, digifarm_http_url],
    }


@tk.validator_args
def task_create(
    not_empty: Validator, digifarm_single_line: Validator
) -> Schema:
    """A task, and the project that it belongs to."""
    return {**task_texts(), "project": [not_empty, digifarm_single_line]}


@tk.validator_args
def task_id(not_empty: Validator, digifarm_single_line: Validator) -> Schema:
    """A task."""
    return {"id": [not_empty, digifarm_single_line]}


@tk.validator_args
def task_order(
    default: ValidatorFactory,
    digifarm_ids: Validator,
    digifarm_single_line: Validator,
    not_empty: Validator,
) -> Schema:
    """A project, and its tasks in their order."""
    return {
        "project": [not_empty, digifarm_single_line],
        "ids": [default([]), digifarm_ids],
    }


def task_step() -> Schema:
    """Which task goes on, by id or by link, and why."""
    return support_step()


@tk.validator_args
def task_list(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_single_line: Validator,
    not_empty: Validator,
) -> Schema:
    """A project, and whether those who took its tasks are named."""
    return {
        "project": [not_empty, digifarm_single_line],
        "takers": [default(False), boolean_validator],
    }


@tk.validator_args
def task_take(
    default: ValidatorFactory,
    digifarm_consent: Validator,
    digifarm_email: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
    ignore_empty: Validator,
) -> Schema:
    """Which task somebody takes, and how they are reached."""
    return {
        **task_id(),
        "name": [
            digifarm_not_blank,
            digifarm_single_line,
            digifarm_max_length(200),
        ],
        "email": [ignore_empty, digifarm_email],
        "consent": [default(False), digifarm_consent],
        **submission(),
    }


@tk.validator_args
def help_list(
    default: ValidatorFactory,
    digifarm_max_length: ValidatorFactory,
    digifarm_one_of: ValidatorFactory,
    digifarm_single_line: Validator,
    ignore_empty: Validator,
) -> Schema:
    """Filters of the help that is wanted, and the part of what is found."""
    action_fields = [c["value"] for c in fields.choices("action_fields")]
    return {
        "area": [ignore_empty, digifarm_one_of(_areas())],
        "skill": [default(""), digifarm_single_line, digifarm_max_length(100)],
        "effort": [
            ignore_empty,
            digifarm_one_of(fields.task_effort_values()),
        ],
        "action_field": [ignore_empty, digifarm_one_of(action_fields)],
        **page(),
    }


@tk.validator_args
def mail_id(not_empty: Validator, digifarm_single_line: Validator) -> Schema:
    """A mail of the outbox."""
    return {"id": [not_empty, digifarm_single_line]}


@tk.validator_args
def match(
    default: ValidatorFactory,
    digifarm_natural_number: Validator,
    digifarm_single_line: Validator,
    ignore_empty: Validator,
) -> Schema:
    """A project or a partner, and how many matches are wanted."""
    return {
        "project": [ignore_empty, digifarm_single_line],
        "partner": [ignore_empty, digifarm_single_line],
        "limit": [default(10), digifarm_natural_number],
    }


def _areas() -> list[str]:
    return [choice["value"] for choice in fields.choices("help_wanted")]


@tk.validator_args
def proposal_texts(
    default: ValidatorFactory,
    digifarm_ids: Validator,
    digifarm_proposed_project: Validator,
    digifarm_upload: Validator,
    ignore_empty: Validator,
    not_missing: Validator,
) -> Schema:
    """What is said of a proposed project, and the datasets that it uses."""
    return {
        "image_upload": [ignore_empty, digifarm_upload],
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
    digifarm_single_line: Validator,
    ignore_empty: Validator,
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
        "proposer_email": [ignore_empty, digifarm_email],
        "consent": [default(False), digifarm_consent],
        **submission(),
    }


def proposal_step() -> Schema:
    """Which proposal goes on, by id or by link, and why."""
    return support_step()


@tk.validator_args
def proposal_update(
    digifarm_ids: Validator, ignore_missing: Validator
) -> Schema:
    """Which proposal is changed, by id or by link, and what it says now."""
    return {
        **proposal_step(),
        **proposal_texts(),
        "datasets": [ignore_missing, digifarm_ids],
        **clear_upload(),
    }


@tk.validator_args
def clear_upload(
    boolean_validator: Validator, default: ValidatorFactory
) -> Schema:
    """Whether the picture goes."""
    return {"clear_upload": [default(False), boolean_validator]}


@tk.validator_args
def proposal_decision(
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
    digifarm_text: Validator,
    ignore_missing: Validator,
    not_empty: Validator,
) -> Schema:
    """Which proposal a reviewer decides on, and why."""
    return {
        "id": [not_empty, digifarm_single_line],
        "version": [ignore_missing, digifarm_single_line],
        "reason": [
            digifarm_not_blank,
            digifarm_text,
            digifarm_max_length(5000),
        ],
    }


@tk.validator_args
def proposal_approve(
    default: ValidatorFactory,
    digifarm_single_line: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_text: Validator,
    not_empty: Validator,
) -> Schema:
    """Which proposal is approved, who owns the project then, and a word."""
    return {
        **proposal_decision(),
        "organization": [not_empty, digifarm_single_line],
        "reason": [default(""), digifarm_text, digifarm_max_length(5000)],
    }


@tk.validator_args
def proposal_list(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_natural_number: Validator,
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
        **page(),
        "limit": [default(20), digifarm_natural_number],
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
