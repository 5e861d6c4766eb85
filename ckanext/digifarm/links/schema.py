from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from ..lib.schema import page
from .data_use import NAMED, SORTS
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


@tk.validator_args
def data_use_count(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """Whose datasets."""
    return {"organization": [digifarm_not_blank, digifarm_single_line]}


@tk.validator_args
def data_use(
    boolean_validator: Validator,
    default: ValidatorFactory,
    digifarm_ignore_blank: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_not_blank: Validator,
    digifarm_one_of: ValidatorFactory,
    digifarm_single_line: Validator,
    digifarm_natural_number: Validator,
) -> Schema:
    """Whose datasets, which of them, and in which order."""
    return {
        "organization": [digifarm_not_blank, digifarm_single_line],
        "q": [default(""), digifarm_single_line, digifarm_max_length(200)],
        "used": [digifarm_ignore_blank, boolean_validator],
        "sort": [default(SORTS[0]), digifarm_one_of(SORTS)],
        "named": [default(NAMED), digifarm_natural_number],
        **page(20),
    }


@tk.validator_args
def links_create(
    default: ValidatorFactory,
    digifarm_ignore_blank: Validator,
    digifarm_ids: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A package, those that it is linked with, and how they relate."""
    one: Any = [digifarm_ignore_blank, digifarm_single_line]
    return {
        **link_create(),
        "project": one,
        "dataset": one,
        "linked": [default([]), digifarm_ids],
    }


@tk.validator_args
def link_delete(
    default: ValidatorFactory,
    digifarm_ignore_blank: Validator,
    digifarm_max_length: ValidatorFactory,
    digifarm_one_of: ValidatorFactory,
    digifarm_text: Validator,
) -> Schema:
    """A pair of packages, which side removes their link, and why."""
    return {
        **link_pair(),
        "reason": [default(""), digifarm_text, digifarm_max_length(1000)],
        "removed_from": [
            digifarm_ignore_blank,
            digifarm_one_of([side.value for side in Side]),
        ],
    }
