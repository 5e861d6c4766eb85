"""What is known of the demo's addresses, as if somebody had looked.

They are invented, so nobody can; the portal's own code judges and tells.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import yaml

from ckan import model
from ckanext.digifarm.lib import clock
from ckanext.digifarm.upkeep import (
    addresses,
    judging,
    repositories,
    telling,
    when,
)
from ckanext.digifarm.upkeep.forges import Facts
from ckanext.digifarm.upkeep.issues import Open
from ckanext.digifarm.upkeep.judging import Finding
from ckanext.digifarm.upkeep.model import Check, Forge, Health

FILE = Path(__file__).parent / "checks.yaml"

#: All is well, and was so yesterday.
WELL = {"finding": "answers", "status": 200, "days": [1]}


def tell() -> int:
    """Write down what is known of addresses that nobody has looked at.

    :returns: how many those are
    """
    known = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    addresses.refresh()
    entries = {entry["url"]: entry for entry in known["addresses"]}
    new = model.Session.query(Check).filter(Check.checked.is_(None)).all()
    for check in new:
        _look(check, entries.get(check.url, WELL))
    for entry in known["repositories"] if new else ():
        repositories.write(entry["url"], _facts(entry), clock.now())
    model.Session.commit()
    return len(new)


def _look(check: Check, entry: dict[str, Any]) -> None:
    finding = Finding(
        Health(entry["finding"]),
        entry.get("problem", ""),
        entry.get("status"),
        entry.get("moved_to", ""),
    )
    for days in entry["days"]:
        if judging.learn(check, finding, clock.days_ago(days)):
            telling.tell(check)
    check.due = when.next_time(check.url)


def _facts(entry: dict[str, Any]) -> Facts:
    url = entry["url"]
    return Facts(
        Forge.FORGEJO,
        head="0" * 40,
        branch="main",
        changed=clock.now() - datetime.timedelta(days=entry["changed"]),
        archived=entry.get("archived", False),
        publiccode=entry.get("publiccode", False),
        issues=tuple(
            Open(number, f"{url}/aufgaben/{number}", title)
            for number, title in entry.get("issues", {}).items()
        ),
    )
