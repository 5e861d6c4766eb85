"""What takers of tasks are asked once a year: whether they are still at it.

Where the portal reminds them sooner (`ckanext.digifarm.tasks.days`), nobody
has a task for that long.
"""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from typing_extensions import override

from ..confirmations import kinds
from ..confirmations.kinds import CONFIRMED, TICKS, Answer, Askee, Asking
from ..confirmations.model import Confirmation
from ..confirmations.workflow import FALL_SILENT
from ..lib import clock, due_work, lookups
from ..lib.ckan import Context, DataDict, model
from ..lib.context import user_id
from ..lib.errors import refuse
from ..lib.step import Step
from . import mails
from .due import REMINDER
from .model import AssignmentState, Task, TaskAssignment, TaskState
from .workflow import WORKFLOW

RETURNED = "returned"


class TaskAsking(Asking):
    """Whether somebody is still at a task; each taker anew."""

    name = "task"
    mails = "tasks/emails/yearly"
    unsent = ("confirmation_silent",)
    ticks = TICKS[:2]
    decisions = ()

    @override
    def things(self) -> sa.Select[Any]:
        """What somebody has, of projects that there are."""
        return (
            sa.select(TaskAssignment.id, Task.modified.label("since"))
            .join(Task, Task.id == TaskAssignment.task_id)
            .join(model.Package, model.Package.id == Task.project_id)
            .where(
                TaskAssignment.state == AssignmentState.HELD.value,
                Task.state == TaskState.TAKEN.value,
                model.Package.state == model.State.ACTIVE,
            )
        )

    @override
    def project_id(self, subject_id: str) -> str | None:
        task = _task(subject_id)
        return task.project_id if task else None

    @override
    def asked(self, row: Confirmation) -> list[Askee]:
        assignment = model.Session.get(TaskAssignment, row.subject_id)
        if assignment is None or not assignment.email:
            return []
        user = model.User.get(assignment.user_id)
        return [
            Askee(
                mails.taker(assignment),
                user if user and user.is_active else None,
            )
        ]

    @override
    def may_answer(self, context: Context, row: Confirmation) -> bool:
        assignment = model.Session.get(TaskAssignment, row.subject_id)
        user = user_id(context)
        return (
            assignment is not None
            and user is not None
            and assignment.user_id == user
        )

    @override
    def answers(self, row: Confirmation) -> list[Answer]:
        return [
            Answer(
                CONFIRMED,
                tk._("Yes, I am still at it"),
                thanks=kinds.thanks(tk._("Thank you! The task stays yours.")),
            ),
            Answer(
                RETURNED,
                tk._("No, somebody else should take it"),
                tk._("That is all right. Then it is open for others again."),
                tk._("The task is open again. Thank you for saying so!"),
                confirms=False,
            ),
        ]

    @override
    def act(
        self, context: Context, row: Confirmation, answer: str, data: DataDict
    ) -> None:
        # As silence does: the question before what it is about.
        lookups.lock(row)
        task, assignment = _held(row.subject_id)
        if task is None:
            refuse("answer", tk._("This is settled already"))
        if answer == RETURNED:
            WORKFLOW.go_on(
                "digifarm_task_return", task, context, assignment=assignment
            )
        else:
            # The reminder begins anew, too.
            task.modified = clock.now()
            due_work.undo(REMINDER, row.subject_id)

    @override
    def follow(self, step: Step[Confirmation]) -> None:
        """Silence opens it again, as it does where takers are reminded."""
        if step.transition.action != FALL_SILENT:
            return
        task, assignment = _held(step.row.subject_id)
        if task:
            WORKFLOW.go_on(
                "expire", task, Context(), assignment=assignment, is_late=True
            )

    @override
    def consequence(self, row: Confirmation) -> str:
        if not (day := self.silent_day(row)):
            return ""
        return tk._(
            "Where nobody answers, the task is open for others from {date} on."
        ).format(date=day)

    @override
    def words(self, row: Confirmation) -> dict[str, Any]:
        task = _task(row.subject_id)
        project = model.Package.get(task.project_id) if task else None
        title = task.title if task else ""
        name = project.name if project else row.project_id or ""
        return {
            "title": title,
            "address": tk.h.url_for("civic_project.read", id=name),
            "question": tk._("Are you still at the task “{title}”?").format(
                title=title
            ),
            "lead": tk._("One click is enough. Please choose an answer:"),
            "task": task,
            "project": project,
        }


def _task(assignment_id: str) -> Task | None:
    assignment = model.Session.get(TaskAssignment, assignment_id)
    return model.Session.get(Task, assignment.task_id) if assignment else None


def _held(
    assignment_id: str,
) -> tuple[Task | None, TaskAssignment | None]:
    """A task that somebody has, locked, and by what; else nothing."""
    task = _task(assignment_id)
    task = task and lookups.lock(task)
    assignment = TaskAssignment.held(task.id) if task else None
    if (
        task is None
        or task.state != TaskState.TAKEN.value
        or assignment is None
        or assignment.id != assignment_id
    ):
        return None, None
    return task, assignment


kinds.register(TaskAsking())
