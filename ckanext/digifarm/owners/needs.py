"""What a project needs from those who look after it, and who looks for one.

Pure functions on what is known of a project; templates and helpers have the
words. `queries.py` knows the same rules in SQL.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Collection, Mapping
from typing import Any

from ..projects import stages
from ..projects.licences import LicenseStatus
from ..support.model import SupportState
from ..tasks.model import TaskState

CARE = stages.CARE

#: Who doesn't touch a project for so long may have forgotten it.
STALE_DAYS = 365


class Need(str, enum.Enum):
    """What is to be done, in the order in which it is shown."""

    OFFERS = "offers"
    REPORTED = "reported"
    ADDRESSES = "addresses"
    TAKEN = "taken"
    NO_SUPPORTER = "no_supporter"
    LICENSE = "license"
    IMAGE_ALT = "image_alt"
    STALE = "stale"


class Search(str, enum.Enum):
    """Why a project looks for somebody who looks after it."""

    WANTED = "wanted"  # its people say so
    CITY = "city"  # its people don't answer, and reviewers have said so
    NOBODY = "nobody"  # nobody is named


def needs(
    project: dict[str, Any],
    supports: Collection[tuple[str, str]],
    license_status: LicenseStatus,
    now: datetime.datetime,
    held: Mapping[str, int] | None = None,
    *,
    num_dead: int = 0,
) -> list[dict[str, Any]]:
    """What is to be done for a project.

    :param project: a package dictionary
    :param supports: area and state of each support that it has
    :param license_status: what can be said of its licence
    :param now: the time in UTC, without a zone
    :param held: how many tasks somebody has, by their states
    :param num_dead: how many of its addresses don't answer
    :returns: dictionaries with `need`, a value of `Need`, each at most once
        and in its order; besides, `offers`, `reported`, `addresses` and
        `taken` have `count`, `no_supporter` has `areas`, and `license` has
        `status`
    """
    held = held or {}
    found = [
        _need(Need.OFFERS, count=_offers(supports)),
        _need(Need.REPORTED, count=held.get(TaskState.REPORTED.value, 0)),
        _need(Need.ADDRESSES, count=num_dead),
        _need(Need.TAKEN, count=held.get(TaskState.TAKEN.value, 0)),
        _need(Need.NO_SUPPORTER, areas=_unsupported(project, supports)),
        _need(Need.LICENSE, status=_not_open(license_status)),
        _need(Need.IMAGE_ALT, is_needed=_lacks_description(project)),
        _need(Need.STALE, is_needed=_is_stale(project, now)),
    ]
    return [need for need in found if need]


def search(project: dict[str, Any], *, is_owned: bool) -> Search | None:
    """Why a project looks for somebody who looks after it, if it does.

    :param project: a package dictionary
    :param is_owned: whether somebody does already
    """
    if not may_search(project):
        return None
    if wants_care(project):
        return whose(project)
    return None if is_owned else Search.NOBODY


def whose(project: dict[str, Any]) -> Search:
    """Who says that somebody is wanted, where somebody is."""
    return Search.CITY if stages.is_sought(project) else Search.WANTED


def may_search(project: dict[str, Any]) -> bool:
    """Whether a project is one of those that somebody should look after.

    Where nobody has confirmed it for long, somebody is needed all the more.
    """
    return (
        project.get("state") == "active"
        and not project.get("private")
        and stages.asks(project.get("stage"))
    )


def wants_care(project: dict[str, Any]) -> bool:
    """Whether a project says that it looks for somebody who takes it on."""
    return CARE in (project.get("help_wanted") or [])


def _need(
    need: Need, *, is_needed: bool = False, **values: Any
) -> dict[str, Any]:
    """What is said of a need; nothing where there is nothing to say."""
    if is_needed or any(values.values()):
        return {"need": need.value, **values}
    return {}


def _offers(supports: Collection[tuple[str, str]]) -> int:
    """How many offers wait for the project's answer."""
    return sum(state == SupportState.OFFERED.value for _, state in supports)


def _unsupported(
    project: dict[str, Any], supports: Collection[tuple[str, str]]
) -> list[str]:
    """The areas in which help is wanted, and nobody gives any."""
    given = {
        area
        for area, state in supports
        if state == SupportState.ACCEPTED.value
    }
    # First somebody has to say that the entry is right: that is said already.
    if stages.is_silent(project):
        return []
    wanted = stages.help_wanted(project)
    return [area for area in wanted if area not in given]


def _not_open(status: LicenseStatus) -> str:
    is_fine = status in {LicenseStatus.OPEN, LicenseStatus.ANNOUNCED}
    return "" if is_fine else status.value


def _lacks_description(project: dict[str, Any]) -> bool:
    """Whether there is a picture that blind people don't learn of."""
    return bool(project.get("image_url") and not project.get("image_alt"))


def _is_stale(project: dict[str, Any], now: datetime.datetime) -> bool:
    if stages.is_over(project.get("stage")):
        return False
    if stages.is_silent(project):
        return True
    touched = max(project["metadata_modified"], project.get("confirmed") or "")
    days = datetime.timedelta(days=STALE_DAYS)
    return now - datetime.datetime.fromisoformat(touched) > days
