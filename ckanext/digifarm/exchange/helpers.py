from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from .. import config
from ..lib import downloads, forms
from ..projects import asked


def digifarm_exports() -> list[dict[str, str]]:
    """The files in which the list can be taken along, as it is filtered.

    :returns: `label` and `url` of each
    """
    args: dict[str, list[str]] = {}
    for name, value in asked.filters(tk.request.args):
        args.setdefault(name, []).append(value)
    return downloads.formats(
        "digifarm_exchange.export_csv", "digifarm_exchange.export_json", **args
    )


def digifarm_may_import(organizations: list[dict[str, Any]]) -> bool:
    """Whether the reader may import tables.

    :param organizations: those to which they may add projects, as the page
        has them anyway: where the reviewers' isn't among them, nothing more is
        asked
    """
    office = config.review_organization()
    is_possible = any(office in (o["id"], o["name"]) for o in organizations)
    return is_possible and forms.may("digifarm_import_create")
