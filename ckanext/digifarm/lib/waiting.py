"""What waits for whom: which steps somebody should take.

One table says it per user, so that a page asks one question. The engine
writes it with each step. Where roles change (owners, editors, who is active),
a job looks again; `run-due` does so once a day for what nobody has noticed,
such as another organisation of reviewers in the configuration.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
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


class Waits:
    """A workflow in which steps wait for somebody."""

    #: All of them.
    known: ClassVar[list[Waits]] = []

    #: What its events are about.
    #: None where it goes along with another one, which has the events.
    subject: Subject | None = None
    model: type[Any]
    #: Who should go on, by the state that waits for them.
    waits: Mapping[Any, Actor] = {}

    def __init__(self) -> None:
        if self.waits:
            self.known.append(self)

    def users(self, actor: Actor, row: Any) -> Iterable[model.User]:
        """The users who are an actor: those that a step can wait for."""
        raise NotImplementedError

    def wait(self, row: Any, *, is_new: bool) -> None:
        """Say for whom a row waits now; commits nothing.

        :param row: with `id`, `state` and `modified`, as they are stored
        :param is_new: since now; else who is there already has waited before
        """
        assert self.subject  # noqa: S101 – who waits is a subject
        ids = self._ids(row)
        others = sa.delete(Waiting).where(
            Waiting.subject == self.subject.value, Waiting.subject_id == row.id
        )
        if not is_new:
            others = others.where(Waiting.user_id.not_in(ids))
        model.Session.execute(others)
        if ids:
            values = [
                {
                    "user_id": id_,
                    "subject": self.subject.value,
                    "subject_id": row.id,
                    "state": row.state,
                    "since": row.modified,
                }
                for id_ in ids
            ]
            model.Session.execute(
                insert(Waiting).values(values).on_conflict_do_nothing()
            )

    def look_again(self, project_id: str | None) -> None:
        """Say anew for whom everything waits; commits nothing.

        :param project_id: of a project; None for all
        """
        query = sa.select(self.model).where(
            self.model.state.in_([state.value for state in self.waits])
        )
        if project_id is not None:
            if not hasattr(self.model, "project_id"):
                return
            query = query.where(self.model.project_id == project_id)
        rows = model.Session.scalars(query).all()
        for row in rows:
            self.wait(row, is_new=False)
        if project_id is None and self.subject:
            gone = Waiting.subject_id.not_in([row.id for row in rows])
            ours = Waiting.subject == self.subject.value
            model.Session.execute(sa.delete(Waiting).where(ours, gone))

    def _ids(self, row: Any) -> list[str]:
        """Ids of the users for whom a row waits."""
        states = {state.value: actor for state, actor in self.waits.items()}
        actor = states.get(row.state)
        users = self.users(actor, row) if actor else ()
        # The portal itself is a user, too.
        portal = tk.config["ckan.site_id"]
        return sorted({user.id for user in users if user.name != portal})


@jobs.kind(JOB)
def look_again(key: str) -> None:
    """The job that says anew for whom steps wait.

    :param key: id of a package, or `ALL`
    """
    for workflow in Waits.known:
        workflow.look_again(None if key == ALL else key)


@event.listens_for(model.Session, "before_flush")
def _notice_roles(session: Session, *_: Any) -> None:
    """Look again where roles change, whichever way they do."""
    for row in (*session.new, *session.deleted, *session.dirty):
        if key := _whose(row):
            jobs.later(JOB, key)


def _whose(row: Any) -> str:
    """What to look at again as a row changes: a package, `ALL`, or ""."""
    if isinstance(row, model.PackageMember):
        return str(row.package_id)
    if isinstance(row, model.Package) and row.type == config.PROJECT_TYPE:
        return str(row.id) if _differs(row, "owner_org", "state") else ""
    if isinstance(row, model.Member) and row.table_name == "user":
        return ALL
    if isinstance(row, model.User) and _differs(row, "state"):
        return ALL
    return ""


def _differs(row: Any, *names: str) -> bool:
    """Whether one of some attributes of a stored row is another one now."""
    state = sa.inspect(row)
    return state.persistent and any(
        state.attrs[name].history.has_changes() for name in names
    )
