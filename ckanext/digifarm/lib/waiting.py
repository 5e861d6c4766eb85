"""What waits for whom: which steps somebody should take.

One table says it per user, so that a page asks one question. The engine
writes it with each step. Where roles change (owners, editors, who is active),
a job looks again; `run-due` does so once a day for what nobody has noticed,
such as another organisation of reviewers in the configuration.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Any, ClassVar

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import config
from . import clock, jobs
from .actors import Actor
from .ckan import model
from .events import Subject

#: Name of the job that looks again, given the id of a package, or `ALL`.
JOB = "waiting"
ALL = "all"


class Waiting(tk.BaseModel):
    """A step that waits for a user."""

    __tablename__ = "digifarm_waiting"

    user_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("user.id", ondelete="CASCADE"),
        primary_key=True,
    )
    #: What it is about, and its id.
    subject: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    subject_id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    #: The state that waits; which steps lead on from there, the tables say.
    state: Mapped[str] = mapped_column(sa.UnicodeText)
    since: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )

    __table_args__ = (sa.Index("digifarm_waiting_subject", "subject_id"),)


def count(user_id: str) -> int:
    """How many things wait for a user. One SQL statement."""
    query = sa.select(sa.func.count()).select_from(Waiting)
    return model.Session.scalar(query.where(Waiting.user_id == user_id)) or 0


def groups(
    user_id: str,
) -> list[tuple[str, str, int, datetime.datetime]]:
    """What waits for a user, by subject and state; the oldest first.

    :returns: subject, state, how many, and since when the oldest waits
    """
    since = sa.func.min(Waiting.since)
    query = (
        sa.select(Waiting.subject, Waiting.state, sa.func.count(), since)
        .where(Waiting.user_id == user_id)
        .group_by(Waiting.subject, Waiting.state)
        .order_by(since, Waiting.subject, Waiting.state)
    )
    return [row.tuple() for row in model.Session.execute(query)]


class Waits:
    """A workflow in which steps wait for somebody."""

    #: All of them.
    known: ClassVar[list[Waits]] = []

    #: What its events are about.
    #: None where it goes along with another one, which has the events.
    subject: Subject | None = None
    #: Whether steps of others lock it, too, after their own row.
    is_locked_last = False
    model: type[Any]
    #: Who should go on, by the state that waits for them.
    waits: Mapping[Any, Actor] = {}
    #: Who may go on as well, by the state; and in which state it waits for
    #: them, as they take it.
    waits_too: Mapping[Any, tuple[Actor, Any]] = {}

    def __init__(self) -> None:
        if self.waits:
            self.known.append(self)

    def users(self, actor: Actor, row: Any) -> Iterable[model.User]:
        """The users who are an actor: those that a step can wait for."""
        raise NotImplementedError

    def wait(self, row: Any) -> None:
        """Say for whom a row waits from now on; commits nothing.

        :param row: with `id`, `state` and `modified`, as they are stored
        """
        self._delete(Waiting.subject_id == row.id)
        self._insert(self._values(row, {}))

    def audience(self, actor: Actor, row: Any) -> Hashable:
        """What `users` depends on: asked once for all rows where it is equal.

        It may be as fine as a row, but no coarser than the users are.
        """
        return row.id

    def moved_by(self, changed: Any) -> Iterable[str]:
        """Ids of the projects for which to look again as a row changes.

        :param changed: a row of a session that is about to be written; that
            CKAN's own roles count is known already
        """
        return ()

    def look_again(self, project_id: str) -> None:
        """Say anew for whom all of a project waits; commits nothing.

        :param project_id: its id
        """
        if not self._has_projects:
            return
        column = self.model.project_id
        self._write(self._lock_waiting(column == project_id))
        # Who waited for what waits no longer, or never did.
        over = sa.select(self.model.id).where(
            column == project_id, self.model.state.not_in(self._states)
        )
        self._delete(Waiting.subject_id.in_(over))

    def look_at_all(self) -> set[str]:
        """Forget what is gone, and look again at what has no project.

        Commits nothing.

        :returns: ids of the projects of all else that waits
        """
        waits = self.model.state.in_(self._states)
        # By one statement: what comes meanwhile is on both sides of it.
        self._delete(
            Waiting.subject_id.not_in(sa.select(self.model.id).where(waits))
        )
        if not self._has_projects:
            self._write(self._lock_waiting())
            return set()
        column = self.model.project_id
        self._write(self._lock_waiting(column.is_(None)))
        projects = sa.select(column).where(waits, column.is_not(None))
        return {*model.Session.scalars(projects.distinct())}

    def forget(self, row: Any) -> None:
        """Nobody waits for what is deleted, or for what goes with a package.

        :param row: what is about to be deleted
        """
        if isinstance(row, self.model):
            self._delete(Waiting.subject_id == row.id)
        elif self._has_projects and _is_project(row):
            ids = sa.select(self.model.id)
            gone = ids.where(self.model.project_id == row.id)
            self._delete(Waiting.subject_id.in_(gone))

    @property
    def _has_projects(self) -> bool:
        return hasattr(self.model, "project_id")

    @property
    def _states(self) -> list[str]:
        """The states that wait for somebody."""
        return [state.value for state in {**self.waits, **self.waits_too}]

    def _lock_waiting(self, *conditions: sa.ColumnElement[bool]) -> list[Any]:
        """What waits for somebody, as it is stored; nobody changes it now.

        Who has taken a step meanwhile has written themselves for whom it
        waits.
        """
        query = (
            sa.select(self.model)
            .where(self.model.state.in_(self._states), *conditions)
            # In one order, so that no two wait for each other.
            .order_by(self.model.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return list(model.Session.scalars(query))

    def _write(self, rows: list[Any]) -> None:
        """Say anew for whom some rows wait, which are locked."""
        known: dict[Hashable, list[str]] = {}
        wanted = [
            values for row in rows for values in self._values(row, known)
        ]
        # Who is there already has waited before.
        pairs = [(one["user_id"], one["subject_id"]) for one in wanted]
        pair = sa.tuple_(Waiting.user_id, Waiting.subject_id)
        self._delete(
            Waiting.subject_id.in_([row.id for row in rows]),
            pair.not_in(pairs),
        )
        self._insert(wanted)

    @property
    def _name(self) -> str:
        assert self.subject  # noqa: S101 – who waits is a subject
        return self.subject.value

    def _values(
        self, row: Any, known: dict[Hashable, list[str]]
    ) -> list[dict[str, Any]]:
        """What is stored of a row.

        :param known: ids of the users of each audience, asked once
        """
        states: dict[str, str] = {}
        for actor, state in self._sides(row):
            key = actor, self.audience(actor, row)
            if key not in known:
                known[key] = self._ids(actor, row)
            states = {**dict.fromkeys(known[key], state), **states}
        return [
            {
                "user_id": user_id,
                "subject": self._name,
                "subject_id": row.id,
                "state": state,
                "since": row.modified,
            }
            for user_id, state in sorted(states.items())
        ]

    def _insert(self, values: list[dict[str, Any]]) -> None:
        if values:
            model.Session.execute(
                insert(Waiting).values(values).on_conflict_do_nothing()
            )

    def _delete(self, *conditions: sa.ColumnElement[bool]) -> None:
        model.Session.execute(
            sa.delete(Waiting).where(
                Waiting.subject == self._name, *conditions
            )
        )

    def _sides(self, row: Any) -> list[tuple[Actor, str]]:
        """For whom a row waits, and in which state.

        Whoever is asked themselves comes first.
        """
        too = {
            state.value: (actor, theirs.value)
            for state, (actor, theirs) in self.waits_too.items()
        }
        main = {
            state.value: (actor, state.value)
            for state, actor in self.waits.items()
        }
        return [
            sides[row.state] for sides in (too, main) if row.state in sides
        ]

    def _ids(self, actor: Actor, row: Any) -> list[str]:
        """Ids of the users for whom a row waits as this actor."""
        users = self.users(actor, row)
        # The portal itself is a user, too.
        portal = tk.config["ckan.site_id"]
        return sorted({user.id for user in users if user.name != portal})


@jobs.kind(JOB)
def look_again(key: str) -> None:
    """The job that says anew for whom steps wait.

    Of all projects, each gets a job of its own: none takes long, and none
    holds locks of another.

    :param key: id of a package, or `ALL`
    """
    # In the order in which others lock them, too: a proposal before what
    # goes with its project.
    known = sorted(
        Waits.known,
        key=lambda workflow: (workflow.is_locked_last, str(workflow.subject)),
    )
    if key == ALL:
        projects = [workflow.look_at_all() for workflow in known]
        look_again_later(set().union(*projects))
        return
    for workflow in known:
        workflow.look_again(key)


def look_again_later(project_ids: Collection[str]) -> None:
    """Say anew for whom steps of some projects wait, after the commit."""
    jobs.later_each(JOB, sorted({*project_ids}))


@event.listens_for(model.Session, "before_flush")
def _notice_roles(session: Session, *_: Any) -> None:
    """Look again where roles change, whichever way they do."""
    changed = [*session.new, *session.deleted, *session.dirty]
    keys = {key for row in changed if (key := _whose(row))}
    for workflow in Waits.known:
        keys.update(*map(workflow.moved_by, changed))
    for key in sorted(keys):
        jobs.later(JOB, key)


@event.listens_for(model.Session, "before_flush")
def _notice_ends(session: Session, *_: Any) -> None:
    """Nobody waits for what is deleted with its row."""
    for row in session.deleted:
        for workflow in Waits.known:
            workflow.forget(row)


def _whose(row: Any) -> str:
    """What to look at again as a row changes: a package, `ALL`, or ""."""
    if isinstance(row, model.PackageMember):
        return str(row.package_id)
    if _is_project(row):
        return str(row.id) if differs(row, "owner_org", "state") else ""
    if isinstance(row, model.Member) and row.table_name == "user":
        return ALL
    if isinstance(row, model.User) and differs(row, "state"):
        return ALL
    return ""


def _is_project(row: Any) -> bool:
    return isinstance(row, model.Package) and row.type == config.PROJECT_TYPE


def differs(row: Any, *names: str) -> bool:
    """Whether one of some attributes of a stored row is another one now."""
    state = sa.inspect(row)
    return state.persistent and any(
        state.attrs[name].history.has_changes() for name in names
    )
