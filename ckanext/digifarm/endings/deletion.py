"""Who hears that a project was deleted, or that it is back.

Not at once: who deletes one by mistake restores it in the next minute.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from ..config import PROJECT_TYPE
from ..lib import clock, people
from ..lib.ckan import model
from ..lib.due_work import Due
from ..lib.events import Change, Event, Subject
from ..proposals.model import REFUSED_STATES, Proposal
from ..support.model import LEFT_STATES, Support
from ..support.running import is_running
from ..tasks.model import Task, TaskAssignment, TaskState
from . import mails
from .following import HELD
from .mails import News

#: What was told is known by these names; see lib/due_work.py.
DELETED, RESTORED = "project-deleted", "project-restored"

#: So long nobody is told.
GRACE = timedelta(minutes=5)

#: What was longer ago is no news.
NEWS = timedelta(days=30)


def deleted() -> list[str]:
    """Ids of the events by which projects were deleted that are so still.

    What was only proposed, and refused, is nobody else's business.
    """
    refused = sa.select(Proposal.id).where(
        Proposal.project_id == model.Package.id,
        Proposal.state.in_([state.value for state in REFUSED_STATES]),
    )
    return _events(
        Change.DELETED,
        model.Package.state == model.State.DELETED,
        ~refused.exists(),
    )


def restored() -> list[str]:
    """Ids of the events by which those came back of which it was told."""
    told = sa.select(Due.key).where(Due.kind == DELETED, Due.done.is_not(None))
    gone = aliased(Event)
    last = (
        sa.select(gone.id)
        .where(
            gone.subject_id == Event.subject_id,
            gone.subject == Subject.PROJECT.value,
            gone.action == Change.DELETED.value,
            gone.created <= Event.created,
        )
        .order_by(gone.created.desc(), gone.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return _events(
        Change.RESTORED,
        model.Package.state == model.State.ACTIVE,
        last.in_(told),
    )


def tell_deleted(event_id: str) -> None:
    """Write to everybody whom a deletion concerns; commits nothing."""
    _tell("project_deleted", event_id, model.State.DELETED)


def tell_restored(event_id: str) -> None:
    """Write to the same that it is back; commits nothing."""
    _tell("project_restored", event_id, model.State.ACTIVE)


def dependents(project_id: str) -> dict[str, int]:
    """What hangs on a project, in numbers: `supports` and `tasks`."""
    supports = sa.select(sa.func.count()).where(*_supports(project_id))
    tasks = sa.select(sa.func.count()).where(*_tasks(project_id))
    query = sa.select(supports.scalar_subquery(), tasks.scalar_subquery())
    found = model.Session.execute(query).one()
    return dict(zip(("supports", "tasks"), found, strict=True))


def going_on(project_id: str) -> dict[str, int]:
    """What somebody is asked about who ends a project, in numbers.

    :returns: `supports` that run, `rights` that came by one of them, and
        `tasks` that somebody has taken and not reported yet
    """
    supports = sa.select(sa.func.count(), sa.func.count(Support.owner_id))
    tasks = sa.select(sa.func.count()).where(
        Task.project_id == project_id,
        Task.state == TaskState.TAKEN.value,
    )
    runs, rights = model.Session.execute(
        supports.where(Support.project_id == project_id, is_running())
    ).one()
    return {
        "supports": runs,
        "rights": rights,
        "tasks": model.Session.scalar(tasks) or 0,
    }


def _events(change: Change, *conditions: sa.ColumnElement[bool]) -> list[str]:
    """Ids of the last events of a kind that projects have, as news."""
    later = aliased(Event)
    is_last = ~(
        sa.select(later.id)
        .where(
            later.subject_id == Event.subject_id,
            later.subject == Subject.PROJECT.value,
            later.action == change.value,
            later.number > Event.number,
        )
        .exists()
    )
    now = clock.now()
    query = (
        sa.select(Event.id)
        .join(model.Package, model.Package.id == Event.subject_id)
        .where(
            Event.subject == Subject.PROJECT.value,
            Event.action == change.value,
            Event.created.between(now - NEWS, now - GRACE),
            model.Package.type == PROJECT_TYPE,
            is_last,
            *conditions,
        )
        .order_by(Event.number)
    )
    return list(model.Session.scalars(query))


def _tell(template: str, event_id: str, state: str) -> None:
    """Write to whom it concerns what has happened, if it is so still."""
    event = model.Session.get(Event, event_id)
    project = model.Package.get(event.subject_id) if event else None
    if event and project and project.state == state:
        mails.tell_gone(template, project, *_concerned(project, event))


def _concerned(
    project: model.Package, event: Event
) -> tuple[list[model.User], list[News]]:
    """Who looks after a project, but for who did it, and who gives it what."""
    team = [
        user
        for user in people.of_project(project)
        if user.id != event.created_by
    ]
    news = [
        mails.of_support(support, is_over=False)
        for support in model.Session.scalars(
            sa.select(Support).where(*_supports(project.id))
        )
    ]
    news += [
        mails.of_task(task, assignment, is_over=False)
        for task in model.Session.scalars(
            sa.select(Task).where(*_tasks(project.id))
        )
        if (assignment := TaskAssignment.held(task.id))
    ]
    return team, news


def _supports(project_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Support.project_id == project_id,
        Support.state.in_([state.value for state in LEFT_STATES]),
    )


def _tasks(project_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Task.project_id == project_id,
        Task.state.in_([state.value for state in HELD]),
    )
