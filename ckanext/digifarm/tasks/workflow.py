"""The life of a task, and of those who take it.

docs/tasks.md has the same table in words.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import ckantoolkit as tk
from typing_extensions import override

from ..lib import clock, lookups, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import Context, DataDict, model
from ..lib.context import user_id
from ..lib.errors import UsedLink
from ..lib.events import Subject
from ..lib.permissions import may_update
from ..lib.step import Step
from ..lib.tokens import Purpose
from ..lib.transitions import Transition
from ..lib.workflow import Workflow
from ..projects.stages import is_over
from . import mails
from .model import AssignmentState, Task, TaskAssignment, TaskState

_S = TaskState
_AS = AssignmentState
_A = Actor

TRANSITIONS = (
    Transition("digifarm_task_create", None, _S.OPEN, (_A.PROJECT,)),
    Transition(
        "digifarm_task_take",
        _S.OPEN,
        _S.OPEN,
        (_A.ANYBODY,),
        {_A.TAKER: "task_confirm"},
    ),
    Transition(
        "digifarm_task_take",
        _S.OPEN,
        _S.TAKEN,
        (_A.USER,),
        {_A.TAKER: "task_taken", _A.PROJECT: "task_taken"},
    ),
    Transition(
        "digifarm_task_confirm",
        _S.OPEN,
        _S.TAKEN,
        (_A.TAKER,),
        {_A.TAKER: "task_taken", _A.PROJECT: "task_taken"},
    ),
    # No mail has arrived, or the address was wrong.
    Transition(
        "digifarm_task_resend",
        _S.OPEN,
        _S.OPEN,
        (_A.ANYBODY,),
        {_A.TAKER: "task_confirm"},
    ),
    Transition(
        "digifarm_task_return",
        _S.TAKEN,
        _S.OPEN,
        (_A.PROJECT, _A.TAKER),
        {_A.TAKER: "task_returned", _A.PROJECT: "task_returned"},
    ),
    Transition(
        "digifarm_task_report",
        _S.TAKEN,
        _S.REPORTED,
        (_A.TAKER,),
        {_A.PROJECT: "task_reported"},
    ),
    Transition(
        "digifarm_task_done",
        _S.REPORTED,
        _S.DONE,
        (_A.PROJECT,),
        {_A.TAKER: "task_done"},
    ),
    Transition(
        "digifarm_task_resume",
        _S.REPORTED,
        _S.TAKEN,
        (_A.PROJECT,),
        {_A.TAKER: "task_resumed"},
    ),
    Transition(
        "digifarm_task_return",
        _S.REPORTED,
        _S.OPEN,
        (_A.PROJECT, _A.TAKER),
        {_A.TAKER: "task_returned", _A.PROJECT: "task_returned"},
    ),
    # It was not done after all; what thanks them for it is gone, too.
    Transition(
        "digifarm_task_return",
        _S.DONE,
        _S.OPEN,
        (_A.PROJECT,),
        {_A.TAKER: "task_returned"},
    ),
    Transition("digifarm_task_done", _S.OPEN, _S.DONE, (_A.PROJECT,)),
    Transition(
        "digifarm_task_done",
        _S.TAKEN,
        _S.DONE,
        (_A.PROJECT,),
        {_A.TAKER: "task_done"},
    ),
    Transition("digifarm_task_delete", _S.OPEN, _S.DELETED, (_A.PROJECT,)),
    Transition(
        "digifarm_task_delete",
        _S.TAKEN,
        _S.DELETED,
        (_A.PROJECT,),
        {_A.TAKER: "task_deleted"},
    ),
    Transition(
        "digifarm_task_delete",
        _S.REPORTED,
        _S.DELETED,
        (_A.PROJECT,),
        {_A.TAKER: "task_deleted"},
    ),
    Transition("digifarm_task_delete", _S.DONE, _S.DELETED, (_A.PROJECT,)),
    # Nobody has heard of it for too long.
    Transition(
        "expire",
        _S.TAKEN,
        _S.OPEN,
        (_A.PORTAL,),
        {_A.TAKER: "task_returned", _A.PROJECT: "task_returned"},
    ),
    # Nobody of its project has looked at what was reported.
    Transition(
        "expire",
        _S.REPORTED,
        _S.OPEN,
        (_A.PORTAL,),
        {_A.TAKER: "task_returned", _A.PROJECT: "task_returned"},
    ),
    # Whoever has taken it is forgotten.
    Transition("forget", _S.TAKEN, _S.OPEN, (_A.PORTAL,)),
    Transition("forget", _S.REPORTED, _S.OPEN, (_A.PORTAL,)),
    # The issue that it was made of is closed.
    Transition("issue_closed", _S.OPEN, _S.DONE, (_A.PORTAL,)),
    # Its project is over, or goes on after all.
    Transition("project_over", _S.OPEN, _S.CLOSED, (_A.PORTAL,)),
    Transition("project_over", _S.TAKEN, _S.CLOSED, (_A.PORTAL,)),
    Transition("project_resumed", _S.CLOSED, _S.OPEN, (_A.PORTAL,)),
)

#: An assignment follows the task that it is on.
ASSIGNMENT_TRANSITIONS = (
    Transition("digifarm_task_take", None, _AS.UNCONFIRMED, (_A.ANYBODY,)),
    Transition("digifarm_task_take", None, _AS.HELD, (_A.USER,)),
    Transition(
        "digifarm_task_confirm", _AS.UNCONFIRMED, _AS.HELD, (_A.TAKER,)
    ),
    Transition("digifarm_task_return", _AS.HELD, _AS.OVER, (_A.TAKER,)),
    Transition("digifarm_task_return", _AS.DONE, _AS.OVER, (_A.PROJECT,)),
    Transition("digifarm_task_done", _AS.HELD, _AS.DONE, (_A.PROJECT,)),
    Transition("digifarm_task_delete", _AS.HELD, _AS.OVER, (_A.PROJECT,)),
    Transition("expire", _AS.HELD, _AS.OVER, (_A.PORTAL,)),
    Transition("forget", _AS.HELD, _AS.OVER, (_A.PORTAL,)),
    Transition("project_over", _AS.HELD, _AS.OVER, (_A.PORTAL,)),
)


#: After these the task is still theirs; who takes it at once has an
#: assignment that begins with the step.
KEEPING = frozenset(
    {"digifarm_task_take", "digifarm_task_report", "digifarm_task_resume"}
)


class TaskWorkflow(Workflow[Task]):
    """How a task begins and goes on; its links are its assignments'."""

    subject = Subject.TASK
    model = Task
    states = TaskState
    transitions = TRANSITIONS
    purpose = Purpose.TASK
    waits = {_S.TAKEN: _A.TAKER, _S.REPORTED: _A.PROJECT}
    repeatable = ("digifarm_task_report", "digifarm_task_resume")

    @override
    def missing(self) -> str:
        return tk._("Task not found")

    @override
    def not_possible(self, state: TaskState) -> str:
        return {
            _S.OPEN: tk._("Nobody has taken this task"),
            _S.TAKEN: tk._("Somebody was faster: this task is taken"),
            _S.REPORTED: tk._(
                "This task was reported as done; the people of the project"
                " look at it"
            ),
            _S.DONE: tk._("This task is done already"),
            _S.CLOSED: tk._("This task is closed: the project is over"),
            _S.DELETED: tk._("This task is needed no longer"),
        }[state]

    @override
    def refused(self, context: Context, actors: Collection[Actor]) -> str:
        return tk._("You may not do this with a task")

    @override
    def by_token(self, token: str, *purposes: Purpose) -> Task:
        assignment = assignment_by_token(token, *purposes)
        return lookups.by_id(Task, assignment.task_id, self.missing())

    @override
    def is_actor(
        self, actor: Actor, context: Context, row: Task, data_dict: DataDict
    ) -> bool:
        if actor is Actor.PROJECT:
            return may_update(context, row.project_id)
        if actor is Actor.TAKER:
            return holds(data_dict, Purpose.TASK) or bool(
                own_assignment(context, row)
            )
        return False

    @override
    def prepare(self, step: Step[Task], data_dict: DataDict) -> None:
        """Find the assignment that it is about: the link's, or the taker's."""
        if token := data_dict.get("token"):
            purposes = (Purpose.TASK, Purpose.TASK_CONFIRM, Purpose.SENT)
            assignment = assignment_by_token(token, *purposes)
        elif step.transition.source is _S.DONE:
            assignment = TaskAssignment.done(step.row.id)
        else:
            assignment = TaskAssignment.held(step.row.id)
        step.values["assignment"] = assignment

    @override
    def users(self, actor: Actor, row: Task) -> list[model.User]:
        project = model.Package.get(row.project_id)
        if project is None or project.state != model.State.ACTIVE:
            return []
        if actor is Actor.PROJECT:
            return people.of_project(project)
        assignment = TaskAssignment.held(row.id)
        taker = model.User.get(assignment.user_id) if assignment else None
        return [taker] if taker and taker.is_active else []

    @override
    def data(self, row: Task) -> dict[str, Any]:
        return {"effort": row.effort}

    @override
    def send(self, template: str, to: Actor, row: Task, **values: Any) -> None:
        mails.send(template, to, row, **values)

    @override
    def follow(self, step: Step[Task]) -> None:
        assignment, action = (
            step.values.get("assignment"),
            step.transition.action,
        )
        if step.is_change and assignment and action not in KEEPING:
            ASSIGNMENTS.go_on(action, assignment, step.context)

    @override
    def bring_about(self, step: Step[Task]) -> None:
        """Where its project is over, nobody else can take it."""
        project = model.Package.get(step.row.project_id)
        is_open = step.is_change and step.transition.target is _S.OPEN
        if is_open and project and is_over(project.extras.get("stage")):
            self.go_on("project_over", step.row, step.context)


class AssignmentWorkflow(Workflow[TaskAssignment]):
    """How somebody comes to have a task, and gives it back."""

    model = TaskAssignment
    states = AssignmentState
    transitions = ASSIGNMENT_TRANSITIONS

    @override
    def missing(self) -> str:
        return tk._("Task not found")

    @override
    def not_possible(self, state: AssignmentState) -> str:
        return tokens.used()

    @override
    def follow(self, step: Step[TaskAssignment]) -> None:
        """Links that were sent before are of no use any more."""
        if step.transition.source is not None:
            step.row.token_key = tokens.new_key()
        if step.transition.target is _AS.HELD:
            step.row.taken = clock.now()


WORKFLOW = TaskWorkflow()
ASSIGNMENTS = AssignmentWorkflow()


def holds(data_dict: DataDict, *purposes: Purpose) -> bool:
    """Whether there is a token that is of use for a task now.

    :param data_dict: `id` of the task, and perhaps a `token`
    """
    try:
        assignment = lookups.by_token(
            TaskAssignment, data_dict.get("token", ""), *purposes
        )
    except tk.ValidationError:
        return False
    # The token of one task must not open another.
    return assignment.task_id == data_dict["id"]


def own_assignment(context: Context, task: Task) -> TaskAssignment | None:
    """The assignment of the user, if they have a task now by account."""
    if (user := user_id(context)) is None:
        return None
    assignment = TaskAssignment.held(task.id)
    return assignment if assignment and assignment.user_id == user else None


def assignment_by_token(token: str, *purposes: Purpose) -> TaskAssignment:
    """What somebody has taken, by a link.

    :param purposes: what the link may be good for
    :raises ValidationError: where the link is of no use (any more)
    """
    try:
        return lookups.by_token(TaskAssignment, token, *purposes)
    except UsedLink as e:
        e.now = _now(e.row) if e.row else ""
        raise


def _now(assignment: TaskAssignment) -> str:
    """How a task stands, for who has followed a link that was used."""
    if assignment.state == _AS.UNCONFIRMED.value:
        return ""
    if assignment.state == _AS.HELD.value:
        return tk._("The task is yours.")
    if assignment.state == _AS.DONE.value:
        return tk._("You have done the task. Thank you!")
    task = lookups.by_id(Task, assignment.task_id, WORKFLOW.missing())
    words = {
        _S.OPEN: tk._("The task is open for others again."),
        _S.TAKEN: tk._("Somebody else has the task now."),
        _S.REPORTED: tk._("Somebody else has the task now."),
        _S.CLOSED: tk._("The task is closed: the project is over."),
        _S.DONE: tk._("The task is done."),
        _S.DELETED: tk._("The task is needed no longer."),
    }
    return words.get(TaskState(task.state), "")
