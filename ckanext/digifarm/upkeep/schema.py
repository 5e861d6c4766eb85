from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from ..lib.schema import page
from .model import TO_DO, Health
from .reading import SORTS


@tk.validator_args
def project(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """A project."""
    return {"project": [digifarm_not_blank, digifarm_single_line]}


@tk.validator_args
def url(
    digifarm_http_url: Validator,
    digifarm_not_blank: Validator,
) -> Schema:
    """An address."""
    return {"url": [digifarm_not_blank, digifarm_http_url]}


def address() -> Schema:
    """A project, and an address of it or of its tracker."""
    return {**project(), **url()}


@tk.validator_args
def upkeep_list(
    default: ValidatorFactory,
    digifarm_one_of: ValidatorFactory,
    digifarm_some_of: ValidatorFactory,
) -> Schema:
    """Which addresses are wanted, in which order."""
    every = [health.value for health in Health]
    to_do = [health.value for health in TO_DO]
    return {
        "health": [default(to_do), digifarm_some_of(every)],
        "sort": [default("health"), digifarm_one_of(SORTS)],
        **page(20),
    }
