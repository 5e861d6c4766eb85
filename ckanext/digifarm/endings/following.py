"""What follows where a project is over, or goes on again.

A job does it after the commit, so that it follows whichever way the stage was
changed; see saying.py.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from ..lib import jobs
from ..lib.ckan import Context, model
from ..projects import stages
from ..proposals.lookups import goes_on
from ..support.model import Support, SupportState
from ..support.workflow import WORKFLOW as SUPPORTS
from ..tasks.model import Task, TaskAssignment, TaskState
from ..tasks.workflow import WORKFLOW as TASKS
from . import mails
from .mails import News
from .model import Ending, Fate
from .saying import FOLLOW

#: What supports and tasks call their steps.
OVER = "project_over"
RESUMED = "project_resumed"

#: These wait for an answer that nobody gives any more.
WAITING = (SupportState.OFFERED, SupportState.REQUESTED)


#: Somebody has these tasks.
HELD = (TaskState.TAKEN, TaskState.REPORTED)


@jobs.kind(FOLLOW)
def follow(project_id: str) -> None:
    """Close and tell what there is to, or open it again; commits nothing.

    :param project_id: of a project that may be gone, or changed, by now
    """
    project = model.Package.get(project_id)
    ending = model.Session.get(Ending, project_id)
    if project is None or ending is None or not goes_on(project):
        return
    if stages.is_over(project.extras.get("stage")):
        _settle(project, ending)
        ending.is_told = True
        return
    _resume(project, ending)
    model.Session.delete(ending)


def _settle(project: model.Package, ending: Ending) -> None:
    """Close what is asked of others, and tell everybody whom it concerns."""
    supports = _settle_supports(project.id, ending)
    tasks = _settle_tasks(project.id, ending)
    mails.tell_end(
        project, ending, [*supports, *tasks], with_team=not ending.is_told
    )


def _settle_supports(project_id: str, ending: Ending) -> list[News]:
    """End what is to end.

    :returns: what there is to tell of supports
    """
    told = []
    states = [*WAITING, SupportState.ACCEPTED]
    for support in _supports(project_id, states):
        is_waiting = SupportState(support.state) in WAITING
        is_ending = is_waiting or ending.supports == Fate.END.value
        if ending.is_told and not is_ending:
            continue
        # Its links are good for nothing once it has ended.
        news = mails.of_support(support, is_over=is_ending)
        if is_ending:
            SUPPORTS.go_on(OVER, support, Context())
        told.append(news)
    return told


def _settle_tasks(project_id: str, ending: Ending) -> list[News]:
    """Close the tasks.

    :returns: what there is to tell of those that somebody has taken
    """
    told = []
    for task in _tasks(project_id, (TaskState.OPEN, *HELD)):
        assignment = TaskAssignment.held(task.id)
        # What is done already can still be confirmed.
        is_needless = task.state == TaskState.TAKEN.value
        is_ending = assignment is None or (
            is_needless and ending.tasks == Fate.END.value
        )
        if assignment and not (ending.is_told and not is_ending):
            told.append(mails.of_task(task, assignment, is_over=is_ending))
        if is_ending:
            TASKS.go_on(OVER, task, Context(), assignment=assignment)
    return told


def _resume(project: model.Package, ending: Ending) -> None:
    """Open the tasks again, and tell those who know that it was over."""
    for task in _tasks(project.id, [TaskState.CLOSED]):
        TASKS.go_on(RESUMED, task, Context())
    if not ending.is_told:
        return
    news = [
        mails.of_support(support, is_over=False)
        for support in _supports(project.id, [SupportState.ACCEPTED])
    ]
    news += [
        mails.of_task(task, assignment, is_over=False)
        for task in _tasks(project.id, HELD)
        if (assignment := TaskAssignment.held(task.id))
    ]
    mails.tell_resumed(project, news)


def _supports(
    project_id: str, states: Collection[SupportState]
) -> list[Support]:
    """The supports of a project in some states, locked."""
    query = (
        sa.select(Support)
        .where(
            Support.project_id == project_id,
            Support.state.in_([state.value for state in states]),
        )
        .order_by(Support.id)
    )
    return _locked(query)


def _tasks(project_id: str, states: Collection[TaskState]) -> list[Task]:
    """The tasks of a project in some states, locked."""
    query = (
        sa.select(Task)
        .where(
            Task.project_id == project_id,
            Task.state.in_([state.value for state in states]),
        )
        .order_by(Task.id)
    )
    return _locked(query)


def _locked(query: sa.Select) -> list:
    """The rows, so that nobody takes a step of them before the commit."""
    return list(
        model.Session.scalars(
            query.with_for_update().execution_options(populate_existing=True)
        )
    )
