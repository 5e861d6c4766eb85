"""The engine of every life: who may take a step, from where to where.

Each subject has a table of transitions, its `Workflow`; its actions take
their steps by it:

    with WORKFLOW.step("digifarm_support_accept", context, data_dict) as step:
        step.row.since = today  # what else changes, in the same transaction

One step is one pass: find the row, ask who may, lock it and look again, write
the state and the event, write the mails, commit. Half of it never stays.
Nothing else writes a state.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

import ckantoolkit as tk
import sqlalchemy as sa

from ckan import model
from ckan.types import AuthResult, Context, DataDict

from . import clock, jobs, lookups, waiting
from .context import commit, user_id
from .errors import refuse
from .events import Event, Subject
from .tokens import Purpose


class Actor(str, enum.Enum):
    """Who takes a step, or hears of it."""

    ANYBODY = "anybody"
    USER = "user"  # who is logged in
    PROJECT = "project"  # who may update the project
    #: Who offered it, by link or account; who may update the partner; for a
    #: request, whoever has the link that was sent to the partner.
    SUPPORTER = "supporter"
    PARTNER = "partner"  # who may update the partner
    CONTACT = "contact"  # who has the link that was sent to its address
    REVIEWER = "reviewer"
    #: Who has taken a task, or wants to: by link or account.
    TAKER = "taker"
    #: Who has put a project forward: by link or account.
    PROPOSER = "proposer"
    #: The portal itself, as time has passed or somebody is to be forgotten.
    PORTAL = "portal"


@dataclass(frozen=True)
class Transition:
    """A step in a life.

    :param action: the action that brings it about; for one of the portal's
        own, a word for why
    :param source: the state that it starts from; None where it comes into
        being
    :param target: the state that it leads to
    :param actors: who may
    :param mails: who is told, with the name of the mail's template
    """

    action: str
    source: Any
    target: Any
    actors: Collection[Actor]
    mails: Mapping[Actor, str] = field(default_factory=dict)


T = TypeVar("T")


@dataclass
class Step(Generic[T]):
    """A step that is being taken.

    :param workflow: the life that it belongs to
    :param transition: from where to where
    :param row: what goes on
    :param context: of whoever takes it
    :param reason: why, in their words
    :param values: what its mails say besides
    """

    workflow: Workflow[T]
    transition: Transition
    row: T
    context: Context
    reason: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    is_written: bool = False

    @property
    def user_id(self) -> str | None:
        """Id of the user who takes it, if it is one."""
        return user_id(self.context)

    @property
    def is_change(self) -> bool:
        """Whether the state is another one afterwards."""
        return self.transition.target is not self.transition.source

    def write(self) -> None:
        """Write the state and the event, once.

        The engine does so after the block of a step; a block does it itself
        where what comes next needs the new state.

        :raises IntegrityError: where there may be no such row
        """
        if self.is_written:
            return
        self.is_written = True
        row: Any = self.row
        if self.is_change:
            row.state = self.transition.target.value
            row.modified = clock.now()
        # What can't be shows here, before anything follows.
        model.Session.flush()
        subject = self.workflow.subject
        if self.is_change and subject:
            Event.record(subject, row.id, row.state, self.user_id, self.reason)


class Workflow(Generic[T]):
    """The life of a subject: its table, and what the engine asks of it."""

    #: What its events are about.
    #: None where it goes along with another one, which has the events.
    subject: Subject | None = None
    #: Its model class, with the columns `state` and `modified`.
    model: type[T]
    states: type[enum.Enum]
    transitions: tuple[Transition, ...]
    #: Of the links by which steps are taken.
    purpose: Purpose
    #: Who should go on, by the state that waits for them.
    waits: Mapping[Any, Actor] = {}
    #: All lives in which steps wait for somebody.
    with_waits: ClassVar[list[Workflow[Any]]] = []
    #: Actions that change nothing where all is done already: a double click.
    repeatable: Collection[str] = ()

    def __init__(self) -> None:
        if self.waits:
            self.with_waits.append(self)

    def missing(self) -> str:
        """What to say where there is no such row."""
        raise NotImplementedError

    def not_possible(self, state: Any) -> str:
        """Why a step can't be taken from a state."""
        raise NotImplementedError

    def refused(self, context: Context, actors: Collection[Actor]) -> str:
        """What to tell somebody who is none of those who may."""
        raise NotImplementedError

    def is_actor(
        self, actor: Actor, context: Context, row: T, data_dict: DataDict
    ) -> bool:
        """Whether whoever calls an action is this actor.

        :param data_dict: `id` of the row, and perhaps a `token`
        """
        raise NotImplementedError

    def send(self, template: str, to: Actor, row: T, **values: Any) -> None:
        """Write a mail to one side; commits nothing.

        :param template: name of the mail's template
        :param values: what it says besides
        """
        raise NotImplementedError

    def users(self, actor: Actor, row: T) -> list[model.User]:
        """The users who are an actor: those that a step can wait for."""
        raise NotImplementedError

    def prepare(self, step: Step[T], data_dict: DataDict) -> None:
        """Find out what else a step is about, once its row is locked."""

    def follow(self, step: Step[T]) -> None:
        """Do what a step brings with it, before its mails are written."""

    def get(self, reference: str) -> T:
        """The row with an id.

        :raises ObjectNotFound: where there is none
        """
        return lookups.by_id(self.model, reference, self.missing())

    def find(self, data_dict: DataDict, *purposes: Purpose) -> T:
        """The row that an `id` or a `token` names, for reading.

        :param purposes: what the token may be good for (default: the steps)
        :raises ObjectNotFound: where there is none
        :raises ValidationError: where there is neither id nor token, or the
            token is of no use (any more), or not for this id
        """
        id_ = data_dict.get("id")
        if token := data_dict.get("token"):
            row = self.by_token(token, *(purposes or (self.purpose,)))
            if id_ and id_ != row.id:  # type: ignore[attr-defined]
                refuse("token", tk._("This link is for something else"))
            return row
        if not id_:
            refuse("id", tk._("Missing value"))
        return self.get(id_)

    def by_token(self, token: str, *purposes: Purpose) -> T:
        """The row that a link is about; see `lookups.by_token`."""
        table: Any = self.model
        return lookups.by_token(table, token, *purposes)

    def authorize(
        self, action: str, context: Context, data_dict: DataDict
    ) -> AuthResult:
        """Whether somebody is one of those who may take a step now.

        Where there is no such step from the row's state: who may from any,
        so that they are told what is wrong, and others nothing.

        :param data_dict: `id` of the row, and perhaps a `token`
        """
        row = self.get(data_dict["id"])
        found = self.transition(action, self._state(row))
        actors = found.actors if found else self._actors(action)
        if any(
            self.is_actor(actor, context, row, data_dict) for actor in actors
        ):
            return {"success": True}
        return {"success": False, "msg": self.refused(context, actors)}

    def steps(self, state: Any, actor: Actor) -> list[str]:
        """The actions by which an actor takes a step from a state."""
        return [
            transition.action
            for transition in self.transitions
            if transition.source == state and actor in transition.actors
        ]

    def _state(self, row: T) -> Any:
        return self.states(row.state)  # type: ignore[attr-defined]

    def _targets(self, action: str) -> set[Any]:
        return {t.target for t in self.transitions if t.action == action}

    def _actors(self, action: str) -> set[Actor]:
        return {
            actor
            for transition in self.transitions
            if transition.action == action
            for actor in transition.actors
        }

    def transition(
        self, action: str, source: Any, target: Any = None
    ) -> Transition | None:
        """The step that an action takes from a state, if there is one.

        :param target: the state that it leads to, where there is a choice
        """
        for transition in self.transitions:
            if (transition.action, transition.source) == (
                action,
                source,
            ) and (target in {None, transition.target}):
                return transition
        return None

    def check(
        self, action: str, row: T, target: Any = None, field: str = "id"
    ) -> Transition:
        """The step that an action takes now.

        :param target: the state that it leads to, where there is a choice
        :param field: the parameter that named the row
        :raises ValidationError: where there is none from the row's state
        """
        state = self._state(row)
        found = self.transition(action, state, target)
        if action in self.repeatable and state in self._targets(action):
            found = found or Transition(action, state, state, ())
        if found is None:
            refuse(field, self.not_possible(state))
        return found

    def begin(
        self,
        action: str,
        context: Context,
        row: T,
        target: Any,
        reason: str = "",
    ) -> T:
        """Bring a row into being; commits.

        :param target: the state that it has from now on
        :param reason: why, as it is written down
        :returns: the row
        :raises IntegrityError: where there is such a row already; then
            nothing has changed
        """
        transition = self.transition(action, None, target)
        assert transition  # noqa: S101 – the table is ours
        with self._whole(Step(self, transition, row, context, reason)):
            model.Session.add(row)
        commit(context)
        return row

    @contextmanager
    def step(
        self,
        action: str,
        context: Context,
        data_dict: DataDict,
        *,
        purpose: Purpose | None = None,
        target: Any = None,
        field: str = "id",
    ) -> Iterator[Step[T]]:
        """Let somebody take a step; commits.

        The block changes what belongs to it. Its `reason` is that of the
        parameters.

        :param data_dict: `id` or `token`, and what the auth function needs
        :param purpose: what the token must be good for (default: the steps)
        :param target: the state that it leads to, where there is a choice
        :param field: the parameter that named the row
        :raises ObjectNotFound: where there is no such row
        :raises NotAuthorized: where they may not
        :raises ValidationError: where the token is of no use (any more), or
            there is no such step from the row's state
        """
        purpose = purpose or self.purpose
        row = self.find(data_dict, purpose)
        asked = {**data_dict, "id": row.id}  # type: ignore[attr-defined]
        tk.check_access(action, context, asked)
        # Others may have been faster, so all is asked once more.
        row = self._locked(row)
        self.find(data_dict, purpose)
        tk.check_access(action, context, asked)
        transition = self.check(action, row, target, field)
        step = Step(
            self, transition, row, context, data_dict.get("reason", "")
        )
        self.prepare(step, data_dict)
        with self._whole(step):
            yield step
        commit(context)

    def take(self, action: str, context: Context, data_dict: DataDict) -> T:
        """Let somebody take a step that changes nothing else; see `step`.

        :returns: the row after it
        """
        with self.step(action, context, data_dict) as step:
            pass
        return step.row

    def go_on(
        self,
        action: str,
        row: T,
        context: Context,
        reason: str = "",
        **values: Any,
    ) -> T:
        """Take a step that somebody has the right to already, or the portal.

        Commits nothing.

        :param reason: why
        :param values: what its mails say besides
        :returns: the row after it
        :raises ValidationError: where there is no such step any more
        """
        row = self._locked(row)
        transition = self.check(action, row)
        step = Step(self, transition, row, context, reason, values)
        with self._whole(step):
            pass
        return row

    def _locked(self, row: T) -> T:
        locked = lookups.lock(row)
        if locked is None:
            raise tk.ObjectNotFound(self.missing())
        return locked

    @contextmanager
    def _whole(self, step: Step[T]) -> Iterator[None]:
        """Write a step with all that it brings, or nothing of it."""
        with model.Session.begin_nested():
            yield
            step.write()
            self.follow(step)
            if self.waits and step.is_change:
                model.Session.flush()
                self.wait(step.row, is_new=True)
            for actor, template in step.transition.mails.items():
                self.send(
                    template,
                    actor,
                    step.row,
                    reason=step.reason,
                    **step.values,
                )

    def wait(self, row: T, *, is_new: bool) -> None:
        """Say for whom a row waits now; commits nothing.

        :param is_new: since now; else it goes on
        """
        assert self.subject  # noqa: S101 – who waits is a subject
        actor = self.waits.get(self._state(row))
        users = self.users(actor, row) if actor else []
        # The portal itself is a user, too.
        portal = tk.config["ckan.site_id"]
        ids = [user.id for user in users if user.name != portal]
        waiting.write(self.subject.value, row, ids, is_new=is_new)

    def look_again(self, project_id: str | None) -> None:
        """Say anew for whom everything waits; commits nothing.

        :param project_id: of a project; None for all
        """
        table: Any = self.model
        query = sa.select(table).where(
            table.state.in_([state.value for state in self.waits])
        )
        if project_id is not None:
            if not hasattr(table, "project_id"):
                return
            query = query.where(table.project_id == project_id)
        rows = model.Session.scalars(query).all()
        for row in rows:
            self.wait(row, is_new=False)
        if project_id is None and self.subject:
            waiting.forget_gone(self.subject.value, [row.id for row in rows])


@jobs.kind(waiting.JOB)
def look_again(key: str) -> None:
    """The job that says anew for whom steps wait.

    :param key: id of a package, or `waiting.ALL`
    """
    for workflow in Workflow.with_waits:
        workflow.look_again(None if key == waiting.ALL else key)
