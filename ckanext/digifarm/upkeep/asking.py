"""What is known of a project's addresses, for those who are asked about it."""

from __future__ import annotations

import datetime

import ckantoolkit as tk

from ..confirmations import known
from ..lib import clock
from ..lib.ckan import model
from . import addresses, reading, wording
from .model import Health

#: Source code that nobody has changed for so many days is mentioned.
UNCHANGED = 365


@known.register
def of_project(project: model.Package) -> list[str]:
    """Addresses that don't answer, and code that nobody changes any more."""
    found = reading.of_project(project.id, addresses.values_of(project))
    return [
        *(
            tk._("“{field}” does not answer since {date}: {url}").format(
                field=wording.of_field(name),
                date=tk.h.digifarm_partial_date(check["since"][:10]),
                url=check["url"],
            )
            for name, check in found["addresses"].items()
            if check["health"] == Health.DEAD.value
        ),
        *_of_code(found["repository"] or {}),
    ]


def _of_code(repository: dict[str, str]) -> list[str]:
    changed, found = repository.get("changed"), []
    if changed and _is_long_ago(changed):
        text = tk._("The source code was last changed in {month}.")
        month = tk.h.digifarm_partial_date(changed[:7])
        found.append(text.format(month=month))
    if repository.get("archived"):
        found.append(tk._("The repository of the source code is archived."))
    return found


def _is_long_ago(moment: str) -> bool:
    return datetime.datetime.fromisoformat(moment) < clock.days_ago(UNCHANGED)
