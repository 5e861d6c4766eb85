"""What no step has written down, is found once a day.

What an edit has changed of action fields and origins, what was there before
the extension wrote events, what others have done in the database past CKAN,
how many addresses are dead, which linked datasets not everybody may read any
more, and how many datasets there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib.acting import Acting
from ..lib.actors import Actor
from ..lib.ckan import model
from ..lib.events import Change, Event, Subject, choices, facts
from ..links.use_counts import unseen_by_project
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
        "unseen",
    }
)

#: So many rows are read at a time.
CHUNK = 2000

#: The subject's id where all datasets are meant.
DATASETS = "datasets"

_PORTAL = Acting(Actor.PORTAL, None)
_PACKAGE = model.package_table.c


class _Beside(NamedTuple):
    """What is known of projects, and stands in none of them.

    :param dead: how many of their addresses are dead
    :param unseen: ids of linked datasets that not everybody may read
    """

    dead: dict[str, int]
    unseen: dict[str, list[str]]


def find() -> None:
    """Write down what differs from what was known; commits nothing.

    A few SQL statements, and one more for each project that differs.
    """
    beside = _Beside(reading.dead_by_project(), unseen_by_project())
    if doubtful := [*_differing(beside)]:
        # Somebody may change them right now: then they say so themselves.
        _lock(doubtful)
        for project_id, said in _differing(beside, doubtful).items():
            _record(project_id, said)
    _count_datasets()


def _lock(ids: list[str]) -> None:
    query = sa.select(_PACKAGE.id).where(_PACKAGE.id.in_(ids))
    model.Session.execute(
        query.order_by(_PACKAGE.id).with_for_update(key_share=True)
    )


def _differing(
    beside: _Beside, ids: list[str] | None = None
) -> dict[str, dict[str, Any]]:
    """What projects say that is something else than what was known.

    :param ids: only of these (default: all)
    """
    known, found = _known(ids), {}
    for id_, said in _said(beside, ids):
        before = known.pop(id_, {})
        if any(before.get(name) != said[name] for name in COMPARED):
            found[id_] = said
    gone = {
        id_: {**before, "is_public": False}
        for id_, before in known.items()
        if before["is_public"]
    }
    return found | gone


def _known(ids: list[str] | None) -> dict[str, dict[str, Any]]:
    """What the last event of each project says of it, by their ids."""
    query = (
        sa.select(Event.subject_id, Event.action, Event.data)
        .where(
            Event.subject == Subject.PROJECT.value,
            Event.data.has_key("is_public"),
            _is_among(Event.subject_id, ids),
        )
        .order_by(Event.number)
        .execution_options(yield_per=CHUNK)
    )
    found: dict[str, dict[str, Any]] = {}
    for id_, action, data in model.Session.execute(query):
        said = {name: data[name] for name in COMPARED & data.keys()}
        before = found.setdefault(id_, {"dead": 0, "help": [], "unseen": []})
        before |= said | {"help": help_after(before["help"], action, data)}
    return found


def _said(
    beside: _Beside, ids: list[str] | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each project says of itself."""
    query = sa.select(
        _PACKAGE.id,
        _PACKAGE.owner_org,
        _PACKAGE.extras,
        _PACKAGE.private,
        _PACKAGE.state,
    ).where(
        _PACKAGE.type == PROJECT_TYPE,
        _PACKAGE.state != "draft",
        _is_among(_PACKAGE.id, ids),
    )
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
                "dead": beside.dead.get(row.id, 0),
                "unseen": beside.unseen.get(row.id, []),
                "help": sorted(stages.open_areas(extras, wanted)),
            },
        )


def _is_among(column: Any, ids: list[str] | None) -> Any:
    return sa.true() if ids is None else column.in_(ids)


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
