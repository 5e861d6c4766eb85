"""Tasks, and those who take them."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Collection, Sequence

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, validates
from typing_extensions import Self

from ..lib import clock
from ..lib.ckan import make_uuid, model
from ..lib.consent import Agreement
from ..lib.submissions import Submission
from ..partners.model import Words


class TaskState(str, enum.Enum):
    """How far a task is in its life; see tasks/workflow.py."""

    OPEN = "open"
    TAKEN = "taken"
    #: Whoever has taken it says that it is done; its project looks at it.
    REPORTED = "reported"
    DONE = "done"
    #: The project is over; it is open again if that goes on.
    CLOSED = "closed"
    #: Nobody needs it any more.
    DELETED = "deleted"


#: What everybody may know of who may read the project.
SHOWN_STATES = (
    TaskState.OPEN,
    TaskState.TAKEN,
    TaskState.REPORTED,
    TaskState.DONE,
)

#: The same where the project asks for nothing.
QUIET_STATES = SHOWN_STATES[1:]

#: All of them in the order in which a project looks after them.
KEPT_STATES = (
    TaskState.REPORTED,
    TaskState.OPEN,
    TaskState.TAKEN,
    TaskState.CLOSED,
    TaskState.DONE,
)


class Task(tk.BaseModel):
    """A small, clearly bounded piece of work of a project."""

    __tablename__ = "digifarm_task"
    __table_args__ = (
        sa.Index(
            "digifarm_task_open",
            *(sa.text("modified DESC"), "id"),
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index(
            "digifarm_task_url",
            "url",
            postgresql_using="hash",
            postgresql_where=sa.text("url <> ''"),
        ),
        sa.Index(
            "digifarm_task_skills",
            "folded_skills",
            postgresql_using="gin",
            postgresql_where=sa.text("state = 'open'"),
        ),
    )

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    project_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("package.id", ondelete="CASCADE"),
        index=True,
    )
    title: Mapped[str] = mapped_column(sa.UnicodeText)
    #: Markdown.
    description: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    skills: Mapped[list[str]] = mapped_column(Words, default=list)
    #: The same in lower case, to be found by.
    folded_skills: Mapped[list[str]] = mapped_column(Words, default=list)
    #: One of the `task_efforts` of the schema file, or "".
    effort: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    url: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: Whether it needs nothing that one has to know before.
    for_beginners: Mapped[bool] = mapped_column(
        default=False, server_default=sa.false()
    )
    #: The order among the tasks of the project.
    position: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(
        sa.UnicodeText, default=TaskState.OPEN.value
    )
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )
    #: Since when it has its state.
    modified: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )

    @validates("skills")
    def _fold(self, _: str, skills: list[str]) -> list[str]:
        self.folded_skills = [skill.lower() for skill in skills]
        return skills

    @classmethod
    def of(
        cls, project_ids: Collection[str], states: Collection[TaskState]
    ) -> list[Self]:
        """The tasks of some projects, each project's in its order.

        One SQL statement.

        :param states: the states that are wanted
        """
        return list(model.Session.scalars(cls._query(project_ids, states)))

    @classmethod
    def shown(
        cls,
        project_id: str,
        limit: int,
        offset: int,
        states: Sequence[TaskState] = SHOWN_STATES,
    ) -> list[Self]:
        """A part of a project's tasks, in the order of their states.

        One SQL statement.
        """
        query = cls._shown(project_id, limit, offset, states)
        return list(model.Session.scalars(query))

    @classmethod
    def with_takers(
        cls, project_id: str, limit: int, offset: int
    ) -> list[tuple[Self, TaskAssignment | None]]:
        """The same, with the assignments of those who have them.

        First those of which somebody says that they are done.

        One SQL statement.
        """
        query = (
            cls._shown(project_id, limit, offset, KEPT_STATES)
            .outerjoin(
                TaskAssignment,
                sa.and_(
                    TaskAssignment.task_id == cls.id,
                    TaskAssignment.state == AssignmentState.HELD.value,
                ),
            )
            .add_columns(TaskAssignment)
        )
        return [row.tuple() for row in model.Session.execute(query)]

    @classmethod
    def _shown(
        cls,
        project_id: str,
        limit: int,
        offset: int,
        states: Sequence[TaskState],
    ) -> sa.Select[tuple[Self]]:
        places = {state.value: n for n, state in enumerate(states)}
        return (
            cls._query([project_id], states)
            .order_by(None)
            .order_by(
                sa.case(places, value=cls.state),
                cls.position,
                cls.created,
                cls.id,
            )
            .limit(limit)
            .offset(offset)
        )

    @classmethod
    def _query(
        cls, project_ids: Collection[str], states: Collection[TaskState]
    ) -> sa.Select[tuple[Self]]:
        return (
            sa.select(cls)
            .where(
                cls.project_id.in_(project_ids),
                cls.state.in_([state.value for state in states]),
            )
            .order_by(cls.position, cls.created, cls.id)
        )

    @classmethod
    def num_held(
        cls, project_ids: Collection[str]
    ) -> dict[str, dict[str, int]]:
        """How many tasks of projects somebody has, by ids and states."""
        states = [TaskState.TAKEN.value, TaskState.REPORTED.value]
        query = (
            sa.select(cls.project_id, cls.state, sa.func.count())
            .where(cls.project_id.in_(project_ids), cls.state.in_(states))
            .group_by(cls.project_id, cls.state)
        )
        found: dict[str, dict[str, int]] = {}
        for project_id, state, count in model.Session.execute(query):
            found.setdefault(project_id, {})[state] = count
        return found

    @classmethod
    def last_position(cls, project_id: str) -> int:
        """The position of a project's last task, or 0."""
        query = sa.select(sa.func.max(cls.position)).where(
            cls.project_id == project_id
        )
        return model.Session.scalar(query) or 0

    def dictize(self) -> dict[str, object]:
        """What the API says of this task."""
        return {
            "id": self.id,
            "project_id": self.project_id,
            "title": self.title,
            "description": self.description,
            "skills": self.skills,
            "effort": self.effort,
            "url": self.url,
            "for_beginners": self.for_beginners,
            "position": self.position,
            "state": self.state,
            "created": self.created.isoformat(),
            "modified": self.modified.isoformat(),
        }


class AssignmentState(str, enum.Enum):
    """How far somebody is who wants to do a task."""

    #: The address is not confirmed; others may be faster.
    UNCONFIRMED = "unconfirmed"
    #: The task is theirs. A task has one such assignment at most.
    HELD = "held"
    #: The project has confirmed that they have done it.
    DONE = "done"
    #: It was given back, or is needed no longer.
    OVER = "over"


class TaskAssignment(tk.BaseModel, Submission, Agreement):
    """Somebody's "I'll do it"; all that is known of them, and private.

    The row of the task is the lock of its assignments.
    """

    __tablename__ = "digifarm_task_assignment"
    __table_args__ = (
        sa.UniqueConstraint("task_id", "submission"),
        # One at a time has a task, also when two take it at the same moment.
        sa.Index(
            "digifarm_task_assignment_held",
            "task_id",
            unique=True,
            postgresql_where=sa.text("state = 'held'"),
        ),
        sa.Index(
            "digifarm_task_assignment_user",
            "user_id",
            postgresql_where=sa.text("user_id IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    task_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("digifarm_task.id", ondelete="CASCADE"),
        index=True,
    )
    name: Mapped[str] = mapped_column(sa.UnicodeText)
    email: Mapped[str] = mapped_column(sa.UnicodeText)
    #: The language that they are written to in.
    language: Mapped[str] = mapped_column(sa.UnicodeText)
    #: The account that it was taken with, if any.
    user_id: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("user.id", ondelete="SET NULL")
    )
    #: When they agreed that this is stored.
    consented: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    state: Mapped[str] = mapped_column(sa.UnicodeText)
    #: Since when the task was theirs.
    taken: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    #: When they have said that it is done, and with which words.
    reported: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    report: Mapped[str] = mapped_column(
        sa.UnicodeText, default="", server_default=""
    )
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )
    #: Since when it has its state.
    modified: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )

    @classmethod
    def held(cls, task_id: str) -> Self | None:
        """The assignment of whoever has a task now."""
        return model.Session.scalar(
            sa.select(cls)
            .where(
                cls.task_id == task_id, cls.state == AssignmentState.HELD.value
            )
            .execution_options(populate_existing=True)
        )

    @classmethod
    def done(cls, task_id: str) -> Self | None:
        """The last assignment by which a task was done."""
        query = sa.select(cls).where(
            cls.task_id == task_id, cls.state == AssignmentState.DONE.value
        )
        return model.Session.scalar(query.order_by(cls.modified.desc()))

    def dictize(self) -> dict[str, object]:
        """What those learn who may see it."""
        return {
            "name": self.name,
            "email": self.email,
            "since": (self.taken or self.modified).isoformat(),
            "reported": self.reported and self.reported.isoformat(),
            "report": self.report,
        }
