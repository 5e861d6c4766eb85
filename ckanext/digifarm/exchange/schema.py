from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import Schema, Validator, ValidatorFactory
from ..lib.schema import page
from .plan import Result

#: So many rows stand on a page.
PER_PAGE = 50


@tk.validator_args
def import_create(
    digifarm_ignore_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """Which organisation gets new projects; the file is looked at apart."""
    return {"organization": [digifarm_ignore_blank, digifarm_single_line]}


@tk.validator_args
def import_show(
    digifarm_not_blank: Validator,
    digifarm_single_line: Validator,
) -> Schema:
    """The upload that is meant, by its id."""
    return {"id": [digifarm_not_blank, digifarm_single_line]}


def import_list() -> Schema:
    """Which part of the list is wanted."""
    return page(20)


@tk.validator_args
def import_row_list(
    digifarm_ignore_blank: Validator,
    one_of: ValidatorFactory,
) -> Schema:
    """Which rows are wanted."""
    results = [result.value for result in Result]
    return {
        **import_show(),
        **page(PER_PAGE),
        "result": [digifarm_ignore_blank, one_of(results)],
    }
