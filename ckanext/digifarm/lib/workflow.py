"""The engine of all workflows: who may take a step, from where to where.

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
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import ckantoolkit as tk

from . import lookups
from .acting import acting, as_whom
from .actors import Actor
from .ckan import AuthResult, Context, DataDict, model
from .context import commit
from .errors import UsedLink, refuse
from .events import Event
from .step import Step
from .tokens import Purpose
from .transitions import Table, Transition
from .waiting import Waits

T = TypeVar("T")


class Workflow(Waits, Table, Generic[T]):
    """The workflow of a subject: its table, and what the engine asks of it."""

    #: Its model class, with the columns `state` and `modified`.
    model: type[T]
    states: type[enum.Enum]
    #: Of the links by which steps are taken, where there are any.
    purpose: Purpose | None = None
    #: Actions that change nothing where all is done already: a double click.
    repeatable: Collection[str] = ()

    def missing(self) -> str:
        """What to say where there is no such row."""
        raise NotImplementedError

    def not_possible(self, state: Any) -> str:
        """Why a step can't be taken from a state."""
        raise NotImplementedError

    def now(self, row: T) -> str:
        """How a row stands, for who has followed a link that was used.

        A sentence that anybody may read who had the link; "" where there is
        nothing to say.
        """
        return ""

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

    def data(self, row: T) -> dict[str, Any]:
        """What its events say besides; nothing personal."""
        return {}

    def prepare(self, step: Step[T], data_dict: DataDict) -> None:
        """Find out what else a step is about, once its row is locked."""

    def follow(self, step: Step[T]) -> None:
        """Do what a step brings with it, before its mails are written."""

    def bring_about(self, step: Step[T]) -> None:
        """Take further steps that come of one, once all is written."""

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
            row = self.by_token(token, *(purposes or self._purposes(None)))
            if id_ and id_ != row.id:  # type: ignore[attr-defined]
                refuse("token", tk._("This link is for something else"))
            return row
        if not id_:
            refuse("id", tk._("Please fill this in"))
        return self.get(id_)

    def by_token(self, token: str, *purposes: Purpose) -> T:
        """The row that a link is about; see `lookups.by_token`."""
        table: Any = self.model
        try:
            return lookups.by_token(table, token, *purposes)
        except UsedLink as e:
            e.now = self.now(e.row) if e.row else ""
            raise

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

    def _state(self, row: T) -> Any:
        return self.states(row.state)  # type: ignore[attr-defined]

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
        **values: Any,
    ) -> T:
        """Bring a row into being; commits.

        :param target: the state that it has from now on
        :param reason: why, as it is written down
        :param values: what its mails say besides
        :returns: the row
        :raises IntegrityError: where there is such a row already; then
            nothing has changed
        """
        transition = self.transition(action, None, target)
        assert transition  # noqa: S101 – the table is ours
        actor = self._actor(transition, context, row)
        step = Step(transition, row, context, actor, reason, values=values)
        with model.Session.begin_nested(), self._whole(step):
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
        row = self.authorized(action, context, data_dict, purpose)
        # Where it is refused after all, nobody waits for the row any longer.
        with model.Session.begin_nested():
            row = self._locked(row)
            # Others may have been faster, so all is asked once more.
            self.authorized(action, context, data_dict, purpose)
            transition = self.check(action, row, target, field)
            step = Step(
                transition,
                row,
                context,
                self._actor(transition, context, row, data_dict),
                data_dict.get("reason", ""),
                data_dict.get("reason_code", ""),
            )
            self.prepare(step, data_dict)
            with self._whole(step):
                yield step
        commit(context)

    def authorized(
        self,
        action: str,
        context: Context,
        data_dict: DataDict,
        purpose: Purpose | None = None,
    ) -> T:
        """The row that somebody may take a step of, whatever its state.

        For what comes before the step, and is not for others.

        :param data_dict: `id` or `token`, and what the auth function needs
        :param purpose: what the token must be good for (default: the steps)
        :raises ObjectNotFound: where there is no such row
        :raises NotAuthorized: where they may not
        :raises ValidationError: where the token is of no use (any more)
        """
        row = self.find(data_dict, *self._purposes(purpose))
        asked = {**data_dict, "id": row.id}  # type: ignore[attr-defined]
        tk.check_access(action, context, asked)
        return row

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
        with model.Session.begin_nested():
            row = self._locked(row)
            transition = self.check(action, row)
            actor = self._actor(transition, context, row)
            step = Step(transition, row, context, actor, reason, values=values)
            with self._whole(step):
                pass
        return row

    def _purposes(self, asked: Purpose | None) -> list[Purpose]:
        return [p for p in [asked or self.purpose] if p]

    def _locked(self, row: T) -> T:
        locked = lookups.lock(row)
        if locked is None:
            raise tk.ObjectNotFound(self.missing())
        return locked

    def _actor(
        self,
        transition: Transition,
        context: Context,
        row: T,
        asked: DataDict | None = None,
    ) -> Actor:
        """As whom somebody takes a step.

        :param asked: what their right was asked with, if it was; who has a
            link is one of those who may
        """
        of_row = {**(asked or {}), "id": row.id}  # type: ignore[attr-defined]
        return as_whom(
            transition.actors,
            context,
            lambda actor: self.is_actor(actor, context, row, of_row),
            is_one=asked is None or bool(asked.get("token")),
        )

    def _record(self, step: Step[T]) -> None:
        """Record the event, as all is that the step brings with it."""
        is_noted = step.transition.is_noted and not step.is_idle
        is_event = step.is_change or is_noted
        if not (is_event and self.subject):
            return
        # Its own events come first.
        model.Session.flush()
        row: Any = step.row
        source, target = step.transition.source, step.transition.target
        data = self.data(step.row)
        if step.reason_code:
            data["reason_code"] = step.reason_code
        Event.record(
            self.subject,
            row.id,
            step.transition.action,
            source.value if source else None,
            target.value,
            project=model.Package.get(getattr(row, "project_id", None)),
            reason=step.reason,
            data=data,
        )

    @contextmanager
    def _whole(self, step: Step[T]) -> Iterator[None]:
        """Write a step with all that it brings; in a savepoint."""
        with acting(step.actor, step.user_id):
            yield
            step.write()
            self.follow(step)
            if self.waits and step.is_change:
                model.Session.flush()
                self.wait(step.row)
            self._record(step)
            for actor, template in step.transition.mails.items():
                self.send(
                    template,
                    actor,
                    step.row,
                    reason=step.reason,
                    **step.values,
                )
            self.bring_about(step)
