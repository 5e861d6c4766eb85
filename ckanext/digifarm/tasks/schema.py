from __future__ import annotations

from collections.abc import Mapping

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from ..lib.schema import confirming, page, submission
from ..projects import fields

#: What the people of a project write of a task.
TEXTS = ("title", "description", "skills", "effort", "url", "for_beginners")

#: By what help and tasks are found; all together.
FILTERS = ("area", "skill", "effort", "action_field")


@tk.validator_args
def task_texts(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_http_url: Validator,
    digifarm_ignore_blank: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_one_of: ValidatorFactory,
    digifarm_single_line: Validator,
    digifarm_text: Validator,
    digifarm_words: Validator,
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
            digifarm_ignore_blank,
            digifarm_one_of(fields.task_effort_values()),
        ],
        "url": [digifarm_ignore_blank, digifarm_http_url],
        "for_beginners": [default(False), boolean_validator],
    }


@tk.validator_args
def task_resume(
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_text: Validator,
) -> Schema:
    """A task that is not done yet, and what is missing."""
    return {
        **task_id(),
        "reason": [
            digifarm_not_blank,
            digifarm_text,
            digifarm_max_length(1000),
        ],
    }


@tk.validator_args
def task_create(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A task, and the project that it belongs to."""
    return {
        **task_texts(),
        "project": [digifarm_not_blank, digifarm_single_line],
    }


@tk.validator_args
def task_id(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A task."""
    return {"id": [digifarm_not_blank, digifarm_single_line]}


@tk.validator_args
def task_thanks(
    digifarm_ignore_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A task that is done, by id or by link."""
    line = [digifarm_ignore_blank, digifarm_single_line]
    return {"id": line, "token": line}


@tk.validator_args
def task_order(
    default: ValidatorFactory,
    digifarm_ids: Validator,
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A project, and its tasks in their order."""
    return {
        "project": [digifarm_not_blank, digifarm_single_line],
        "ids": [default([]), digifarm_ids],
    }


@tk.validator_args
def task_list(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A project, and whether those who took its tasks are named."""
    return {
        "project": [digifarm_not_blank, digifarm_single_line],
        "takers": [default(False), boolean_validator],
        **page(),
    }


@tk.validator_args
def task_take(
    default: ValidatorFactory,
    digifarm_consent: Validator,
    digifarm_email: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_sender_email: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """Which task somebody takes, and how they are reached."""
    return {
        **task_id(),
        "name": [
            digifarm_not_blank,
            digifarm_single_line,
            digifarm_max_length(200),
        ],
        "email": [digifarm_sender_email, digifarm_email],
        "consent": [default(False), digifarm_consent],
        **submission(),
    }


def task_confirm() -> Schema:
    """Which task is taken, and by whom."""
    return confirming(task_take(), "name")


def filters(args: Mapping[str, str]) -> dict[str, str]:
    """What the page, and what finds the same, is asked for by its address."""
    return {name: args.get(name, "").strip() for name in FILTERS}


@tk.validator_args
def help_list(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_ignore_blank: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_one_of: ValidatorFactory,
    digifarm_single_line: Validator,
) -> Schema:
    """What help is wanted, its filters, and the part of what is found."""
    action_fields = [c["value"] for c in fields.choices("action_fields")]
    return {
        "view": [default("help"), digifarm_one_of(["help", "tasks"])],
        "area": [digifarm_ignore_blank, digifarm_one_of(fields.areas())],
        "skill": [default(""), digifarm_single_line, digifarm_max_length(100)],
        "effort": [
            digifarm_ignore_blank,
            digifarm_one_of(fields.task_effort_values()),
        ],
        "action_field": [
            digifarm_ignore_blank,
            digifarm_one_of(action_fields),
        ],
        "counted": [default(True), boolean_validator],
        "dated": [default(False), boolean_validator],
        **page(),
    }
