from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from .. import config
from . import wording
from .model import TO_DO, Health


def digifarm_upkeep(project: dict[str, Any]) -> dict[str, Any]:
    """What is known of a project's addresses and its source code.

    :returns: `addresses` and `repository` as
        :py:func:`digifarm_upkeep_show`, and `dead` and `dead_tasks`: since
        when fields, and addresses of tasks, don't answer
    """
    nothing = {
        "addresses": {},
        "tasks": [],
        "repository": None,
        "dead": {},
        "dead_tasks": {},
    }
    try:
        found = tk.get_action("digifarm_upkeep_show")(
            {}, {"project": project["id"]}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return nothing
    dead = {
        name: check["since"]
        for name, check in found["addresses"].items()
        if check["health"] == Health.DEAD.value
        # An old name of the project's page may be shown.
        and check["url"] == project.get(name)
    }
    dead_tasks = {
        check["url"]: check["since"]
        for check in found["tasks"]
        if check["health"] == Health.DEAD.value
    }
    return {**found, "dead": dead, "dead_tasks": dead_tasks}


def digifarm_upkeep_to_do(upkeep: dict[str, Any]) -> list[dict[str, Any]]:
    """What the people of a project should look at, the worst first.

    :param upkeep: as `digifarm_upkeep` gives it
    :returns: of each address what is known, `labels` of what has it, `why`,
        and what has it first: `field` of the entry, or "", and `task`, an id
    """
    places = [health.value for health in TO_DO]
    found: dict[str, dict[str, Any]] = {}
    every = [
        (wording.of_field(name), {**check, "field": name, "task": None})
        for name, check in upkeep["addresses"].items()
    ]
    every += [
        (tk._("Tasks"), {**check, "field": ""}) for check in upkeep["tasks"]
    ]
    for label, check in every:
        if check["health"] not in places:
            continue
        more = {"why": wording.reason(check["problem"]), "labels": []}
        one = found.setdefault(check["url"], {**check, **more})
        one["labels"].append(label)
    return sorted(found.values(), key=lambda c: places.index(c["health"]))


def digifarm_looks_at_addresses() -> bool:
    """Whether the portal asks other servers at all."""
    return config.upkeep_enabled()


def digifarm_health_label(health: str) -> str:
    """What an address's health is called."""
    return wording.label(health)


def digifarm_health_reason(problem: str) -> str:
    """Why it is so, in a sentence, or ""."""
    return wording.reason(problem)


def digifarm_issues(project: dict[str, Any]) -> list[dict[str, Any]]:
    """Issues for beginners that could become tasks of a project."""
    try:
        return tk.get_action("digifarm_issue_list")(
            {}, {"project": project["id"]}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        return []
