from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from ..lib.schema import page
from .model import Relation, Side


@tk.validator_args
def link_pair(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A project and a dataset, each by id or name."""
    return {
        "project": [digifarm_not_blank, digifarm_single_line],
        "dataset": [digifarm_not_blank, digifarm_single_line],
    }


@tk.validator_args
def link_create(
    default: ValidatorFactory,
    digifarm_ignore_blank: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_one_of: ValidatorFactory,
    digifarm_single_line: Validator,
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
            digifarm_ignore_blank,
            digifarm_one_of([side.value for side in Side]),
        ],
    }


@tk.validator_args
def link_counts(
    default: ValidatorFactory,
    digifarm_ids: Validator,
) -> Schema:
    """The packages whose links are counted."""
    return {"ids": [default([]), digifarm_ids]}


@tk.validator_args
def dataset_list(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A project, by id or name, and the part of its datasets."""
    return {"project": [digifarm_not_blank, digifarm_single_line], **page()}


@tk.validator_args
def project_list(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A dataset, by id or name, and the part of its projects."""
    return {"dataset": [digifarm_not_blank, digifarm_single_line], **page()}
