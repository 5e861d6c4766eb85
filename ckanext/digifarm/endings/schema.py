from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from ..projects import fields, reasons, stage_notes, stages
from .model import Fate


def stages_over() -> list[dict[str, Any]]:
    """The stages of projects that are over, as the schema file has them."""
    choices = fields.choices("stage")
    return [one for one in choices if stages.is_over(one["value"])]


def stages_before() -> list[dict[str, Any]]:
    """All other stages, as the schema file has them."""
    choices = fields.choices("stage")
    return [one for one in choices if not stages.is_over(one["value"])]


@tk.validator_args
def project(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A project, by id or name."""
    return {"id": [digifarm_not_blank, digifarm_single_line]}


@tk.validator_args
def project_end(
    default: ValidatorFactory,
    digifarm_ignore_blank: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_one_of: ValidatorFactory,
    digifarm_partial_date: Validator,
    digifarm_text: Validator,
) -> Schema:
    """How a project is over."""
    fate = digifarm_one_of([one.value for one in Fate])
    return {
        **project(),
        "stage": [
            digifarm_not_blank,
            digifarm_one_of([one["value"] for one in stages_over()]),
        ],
        **stage_notes.schema(),
        "since": [digifarm_ignore_blank, digifarm_partial_date],
        **reasons.code(reasons.STOPPING),
        "reason": [default(""), digifarm_text, digifarm_max_length(1000)],
        "takeover": [default(""), digifarm_text, digifarm_max_length(5000)],
        "supports": [default(Fate.KEEP.value), fate],
        "tasks": [default(Fate.KEEP.value), fate],
    }


@tk.validator_args
def project_reopen(
    digifarm_not_blank: Validator,
    digifarm_one_of: ValidatorFactory,
) -> Schema:
    """Where a project goes on that was over."""
    return {
        **project(),
        **stage_notes.schema(),
        "stage": [
            digifarm_not_blank,
            digifarm_one_of([one["value"] for one in stages_before()]),
        ],
    }
