"""What no step has written down, is found once a day.

What an edit has changed of action fields and origins, what was there before
the extension wrote events, what others have done in the database past CKAN,
how many addresses are dead, and how many datasets there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib.acting import Acting
from ..lib.actors import Actor
from ..lib.ckan import model
from ..lib.events import Change, Event, Subject, choices, facts
from ..projects import stages
from ..upkeep import reading
from .project_story import help_after

#: What may differ, of what events say of a project.
COMPARED = frozenset(
    {
        "organization",
        "action_fields",
        "origin",
        "is_public",
        "stage",
        "dead",
        "help",
    }
)

#: So many rows are read at a time.
CHUNK = 2000

#: The subject's id where all datasets are meant.
DATASETS = "datasets"

_PORTAL = Acting(Actor.PORTAL, None)
_PACKAGE = model.package_table.c


def find() -> None:
    """Write down what differs from what was known; commits nothing.

    A few SQL statements, and one more for each project that differs.
    """
    known = _known()
    dead = reading.dead_by_project()
    for project_id, said in _said(dead):
        before = known.pop(project_id, {})
        if any(before.get(name) != said[name] for name in COMPARED):
            _record(project_id, said)
    for project_id, before in known.items():
        if before["is_public"]:
            _record(project_id, {**before, "is_public": False})
    _count_datasets()


def _known() -> dict[str, dict[str, Any]]:
    """What the last event of each project says of it, by their ids."""
    query = (
        sa.select(Event.subject_id, Event.action, Event.data)
        .where(
            Event.subject == Subject.PROJECT.value,
            Event.data.has_key("is_public"),
        )
        .order_by(Event.number)
        .execution_options(yield_per=CHUNK)
    )
    found: dict[str, dict[str, Any]] = {}
    for id_, action, data in model.Session.execute(query):
        said = {name: data[name] for name in COMPARED & data.keys()}
        before = found.setdefault(id_, {"dead": 0, "help": []})
        before |= said | {"help": help_after(before["help"], action, data)}
    return found


def _said(dead: dict[str, int]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each project says of itself."""
    query = sa.select(
        _PACKAGE.id,
        _PACKAGE.owner_org,
        _PACKAGE.extras,
        _PACKAGE.private,
        _PACKAGE.state,
    ).where(_PACKAGE.type == PROJECT_TYPE, _PACKAGE.state != "draft")
    for row in model.Session.execute(query).all():
        extras = row.extras or {}
        wanted = choices(extras.get("help_wanted"))
        is_public = row.state == model.State.ACTIVE and not row.private
        yield (
            row.id,
            {
                **facts(row.owner_org, extras),
                "is_public": is_public,
                "stage": extras.get("stage") or "",
                "listed": extras.get("listed") or "",
                "dead": dead.get(row.id, 0),
                "help": sorted(stages.open_areas(extras, wanted)),
            },
        )


def _record(project_id: str, data: dict[str, Any]) -> None:
    Event.record(
        Subject.PROJECT,
        project_id,
        Change.FOUND,
        None,
        None,
        by=_PORTAL,
        data=data,
    )


def _count_datasets() -> None:
    """Write down how many datasets everybody may read, if that differs."""
    count = model.Session.scalar(
        sa.select(sa.func.count()).where(
            _PACKAGE.type != PROJECT_TYPE,
            _PACKAGE.state == model.State.ACTIVE,
            _PACKAGE.private.is_(False),
        )
    )
    before = Event.last_of(Subject.PORTAL, [DATASETS]).get(DATASETS)
    was = before.target if before else "0"
    if was != str(count):
        Event.record(
            Subject.PORTAL,
            DATASETS,
            Change.COUNTED,
            was,
            str(count),
            by=_PORTAL,
        )
