"""A history written by hand: three projects in two years.

The garden is proposed and approved; the bench is imported, with what it was
before; the map is made by an editor, is hidden, comes back and ends.
"""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from ckan import model
from ckanext.digifarm.lib.events import Event

CITY, COUNTY = "org-city", "org-county"

GARDEN: dict[str, Any] = {
    "organization": CITY,
    "action_fields": ["environment", "participation"],
    "origin": "Hackathon",
    "is_public": False,
    "stage": "in_progress",
    "listed": "",
}
BENCH: dict[str, Any] = {
    "organization": CITY,
    "action_fields": ["mobility"],
    "origin": None,
    "is_public": True,
    "stage": "live",
    "listed": "2023-03-10",
}
MAP: dict[str, Any] = {
    "organization": COUNTY,
    "action_fields": ["mobility"],
    "origin": "Hackathon",
    "is_public": True,
    "stage": "testing",
    "listed": "",
}


class Line(NamedTuple):
    """An event: when, about what, from where to where."""

    day: str
    subject: str
    id: str
    action: str
    source: str | None
    target: str | None
    project: str | None
    data: dict[str, Any]


def _project(day: str, id_: str, action: str, data: Any, **more: Any) -> Line:
    source, target = more.pop("step", (None, None))
    return Line(
        day, "project", id_, action, source, target, id_, {**data, **more}
    )


_G = {**GARDEN, "is_public": True}
_HELP = (None, "open")
_NO_HELP = ("open", None)
_TECH = {"area": "technology"}


def _support(
    day: str,
    id_: str,
    step: tuple[str | None, str],
    project: str,
    facts: Any,
    **more: Any,
) -> Line:
    data = {**facts, "area": "technology", "partner": None, **more}
    action = f"digifarm_support_{step[1]}"
    return Line(day, "support", id_, action, *step, project, data)


def _task(
    day: str, id_: str, step: tuple[str | None, str], **more: Any
) -> Line:
    action = f"digifarm_task_{step[1]}"
    return Line(day, "task", id_, action, *step, "garden", {**_G, **more})


def _proposal(
    day: str, id_: str, step: tuple[str | None, str], facts: Any, **more: Any
) -> Line:
    action = f"digifarm_proposal_{step[1]}"
    return Line(day, "proposal", id_, action, *step, id_, {**facts, **more})


def _link(
    day: str, project: str, dataset: str, facts: Any, *step: Any
) -> Line:
    return Line(
        day,
        "link",
        f"{project} {dataset}",
        "created" if step[1] else "removed",
        *step,
        project,
        {**facts, "dataset": dataset},
    )


USED, GONE = (None, "uses"), ("uses", None)

LINES = (
    # 2024
    Line("2024-01-05", "portal", "datasets", "counted", "0", "50", None, {}),
    _proposal("2024-01-10", "garden", (None, "unconfirmed"), GARDEN),
    _proposal("2024-01-10", "garden", ("unconfirmed", "pending"), GARDEN),
    _project(
        "2024-01-10", "garden", "created", GARDEN, step=(None, "private")
    ),
    _project(
        "2024-01-10", "garden", "help_opened", GARDEN, step=_HELP, **_TECH
    ),
    _proposal(
        "2024-01-15", "garden", ("pending", "changes_requested"), GARDEN
    ),
    _proposal(
        "2024-01-18", "garden", ("changes_requested", "pending"), GARDEN
    ),
    _proposal("2024-01-20", "garden", ("pending", "approved"), GARDEN),
    _project(
        "2024-01-20", "garden", "published", _G, step=("private", "public")
    ),
    _project("2024-02-01", "bench", "created", BENCH, step=(None, "public")),
    _link("2024-02-01", "bench", "trees", BENCH, *USED),
    _link("2024-02-03", "garden", "trees", _G, *USED),
    _link("2024-02-03", "garden", "wells", _G, *USED),
    _project("2024-03-01", "map", "created", MAP, step=(None, "public")),
    _link("2024-03-01", "map", "roads", MAP, *USED),
    Line(
        "2024-03-05",
        "partner",
        "firm",
        "digifarm_partner_approve",
        "proposed",
        "active",
        None,
        {},
    ),
    _support(
        "2024-03-10", "offer1", (None, "offered"), "garden", _G, partner="firm"
    ),
    _support(
        "2024-03-20",
        "offer1",
        ("offered", "accepted"),
        "garden",
        _G,
        partner="firm",
    ),
    _project(
        "2024-03-20", "garden", "help_closed", _G, step=_NO_HELP, **_TECH
    ),
    _task("2024-04-01", "labels", (None, "open")),
    _task("2024-04-01", "photos", (None, "open")),
    _task("2024-04-03", "labels", ("open", "taken")),
    _task("2024-04-20", "labels", ("taken", "reported")),
    _task("2024-05-02", "labels", ("reported", "done")),
    _task("2024-05-03", "photos", ("open", "taken")),
    _task("2024-06-03", "photos", ("taken", "open"), reason_code="no_time"),
    Line(
        "2024-06-10",
        "confirmation",
        "asked",
        "digifarm_confirmation_answer",
        "asked",
        "answered",
        "garden",
        {**_G, "about": "project", "confirmed": "2024-06-10T12:00:00"},
    ),
    _proposal(
        "2024-07-01", "shop", (None, "pending"), {**GARDEN, "origin": None}
    ),
    _proposal(
        "2024-07-31",
        "shop",
        ("pending", "declined"),
        {**GARDEN, "origin": None},
        reason_code="commercial",
    ),
    _project(
        "2024-08-01",
        "map",
        "hidden",
        {**MAP, "is_public": False},
        step=("public", "private"),
    ),
    _project(
        "2024-09-01", "map", "published", MAP, step=("private", "public")
    ),
    _project("2024-09-05", "bench", "found", {**BENCH, "dead": 2}),
    _project(
        "2024-11-01",
        "map",
        "ended",
        {**MAP, "stage": "ended"},
        step=("testing", "ended"),
        reason_code="nobody",
    ),
    # 2025
    _project("2025-02-01", "bench", "found", {**BENCH, "dead": 0}),
    _project(
        "2025-02-10",
        "map",
        "reopened",
        {**MAP, "organization": CITY},
        step=("ended", "testing"),
    ),
    _support(
        "2025-03-01",
        "offer1",
        ("accepted", "ended"),
        "garden",
        _G,
        partner="firm",
        reason_code="done",
    ),
    _support("2025-03-05", "offer2", (None, "offered"), "garden", _G),
    _support(
        "2025-03-09",
        "offer2",
        ("offered", "declined"),
        "garden",
        _G,
        reason_code="other",
    ),
    _link("2025-04-01", "garden", "wells", _G, *GONE),
    _link("2025-04-01", "garden", "trees", _G, *GONE),
    _project(
        "2025-05-01",
        "bench",
        "purged",
        {**BENCH, "is_public": False},
        step=("active", None),
    ),
)


def write() -> None:
    """Let all that have happened; commits."""
    for line in LINES:
        model.Session.execute(
            sa.insert(Event).values(
                subject=line.subject,
                subject_id=line.id,
                action=line.action,
                source=line.source,
                target=line.target,
                project_id=line.project,
                actor="portal",
                data=line.data,
                created=noon(line.day),
            )
        )
    model.Session.commit()


def noon(day: str) -> datetime.datetime:
    """The middle of a day."""
    return datetime.datetime.fromisoformat(f"{day}T12:00:00")
