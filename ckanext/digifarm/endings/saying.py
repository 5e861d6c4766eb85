"""Writes down that a project is over, whichever way its stage changes.

The stage is changed by forms, the API or an import; who changes it by the
action for that says more with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from ..lib import clock, jobs
from ..lib.ckan import model
from ..lib.events import Change, Event, Subject
from ..projects import stages
from .model import Ending, Fate

#: Name of the job that does what follows; see following.py.
FOLLOW = "project-over"

#: What events call the stages of projects that are over.
CHANGES = {
    stages.COMPLETED: Change.COMPLETED,
    stages.ENDED: Change.ENDED,
}

_said: ContextVar[Mapping[str, str] | None] = ContextVar("digifarm_ending")


@contextmanager
def said(values: Mapping[str, str]) -> Iterator[None]:
    """What the block ends is over in this way.

    :param values: columns of an `Ending`
    """
    token = _said.set(values)
    try:
        yield
    finally:
        _said.reset(token)


def of(data: Mapping[str, str], *, is_over: bool) -> dict[str, str]:
    """What is said of an ending, of the parameters of an action.

    :param data: as the schema of `digifarm_project_end` gives them
    :param is_over: whether it was over before, nobody knows since when
    """
    since = "" if is_over else clock.now().date().isoformat()
    return {
        "since": data.get("since") or since,
        "reason_code": data.get("reason_code", ""),
        **{
            name: data[name]
            for name in ("reason", "takeover", "supports", "tasks")
        },
    }


def over(project_id: str) -> Ending:
    """Write down that a project is over from now on; commits nothing."""
    ending = _stored(project_id, is_told=False)
    say(ending, {**_unsaid(), **(_said.get(None) or {})})
    jobs.later(FOLLOW, project_id)
    return ending


def still_over(project_id: str) -> Ending:
    """The same of one that was over already; commits nothing.

    Nobody is told of what has long been so.
    """
    ending = _stored(project_id, is_told=True)
    say(ending, _said.get(None) or {})
    jobs.later(FOLLOW, project_id)
    return ending


def write_down(project: model.Package, ending: Ending) -> None:
    """Record that something else is said of an ending; commits nothing."""
    stage = str(project.extras.get("stage"))
    code = ending.reason_code
    Event.record(
        Subject.PROJECT,
        project.id,
        CHANGES[stage],
        stage,
        stage,
        project=project,
        reason=ending.reason,
        data={"reason_code": code} if code else None,
    )


def resumed(project_id: str) -> None:
    """Let follow what does as a project goes on again; commits nothing."""
    jobs.later(FOLLOW, project_id)


def say(ending: Ending, values: Mapping[str, str]) -> None:
    """Write down what is said of an ending; commits nothing."""
    for name, value in values.items():
        setattr(ending, name, value)


def _unsaid() -> dict[str, str]:
    """What is so where nobody was asked: nothing is taken from anybody."""
    return {
        "since": clock.now().date().isoformat(),
        "reason_code": "",
        "reason": "",
        "takeover": "",
        "supports": Fate.KEEP.value,
        "tasks": Fate.KEEP.value,
    }


def _stored(project_id: str, *, is_told: bool) -> Ending:
    """The row of a project; a new one where there is none.

    :param is_told: whether those whom it concerns know of a new one
    """
    for row in model.Session.new:
        if isinstance(row, Ending) and row.project_id == project_id:
            return row
    ending = model.Session.get(Ending, project_id)
    if ending is None:
        ending = Ending(project_id=project_id, is_told=is_told)
        say(ending, {**_unsaid(), "since": ""})
        model.Session.add(ending)
    return ending
