"""How somebody is invited to look after a project. docs/owners.md has it, too.

Their rights are CKAN's own: a project's owners are collaborators, and
core/changes.py writes down who becomes one, or is one no longer.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import ckantoolkit as tk
from typing_extensions import override

from ..lib.actors import Actor
from ..lib.ckan import Context, DataDict, model
from ..lib.permissions import allowed
from ..lib.step import Step
from ..lib.transitions import Transition
from ..lib.workflow import Workflow
from . import mails, membership
from .model import Invitation, InvitationState

_S = InvitationState
_A = Actor

TRANSITIONS = (
    Transition(
        "digifarm_owner_invite",
        None,
        _S.INVITED,
        (_A.PROJECT,),
        {_A.INVITED: "owner_invited"},
    ),
    Transition(
        "digifarm_project_claim",
        _S.INVITED,
        _S.ACCEPTED,
        (_A.INVITED,),
        {_A.PROJECT: "owner_joined"},
    ),
    Transition(
        "digifarm_owner_invitation_withdraw",
        _S.INVITED,
        _S.WITHDRAWN,
        (_A.PROJECT,),
    ),
)


class InvitationWorkflow(Workflow[Invitation]):
    """How an invitation begins and ends."""

    model = Invitation
    states = InvitationState
    transitions = TRANSITIONS
    repeatable = ("digifarm_owner_invitation_withdraw",)

    @override
    def missing(self) -> str:
        return tk._("Invitation not found")

    @override
    def not_possible(self, state: InvitationState) -> str:
        if state is _S.ACCEPTED:
            return tk._("This invitation has been accepted already")
        return tk._("This invitation was taken back")

    @override
    def now(self, row: Invitation) -> str:
        return {
            _S.INVITED: "",
            _S.ACCEPTED: tk._(
                "Somebody has taken on the project with it before."
            ),
            _S.WITHDRAWN: tk._("The invitation was taken back."),
        }[InvitationState(row.state)]

    @override
    def refused(self, context: Context, actors: Collection[Actor]) -> str:
        return tk._("You don’t look after this project")

    @override
    def is_actor(
        self,
        actor: Actor,
        context: Context,
        row: Invitation,
        data_dict: DataDict,
    ) -> bool:
        # Who is invited has come by the link.
        return actor is Actor.PROJECT and allowed(
            "package_update", context, row.project_id
        )

    @override
    def send(
        self, template: str, to: Actor, row: Invitation, **values: Any
    ) -> None:
        mails.send(template, to, row, **values)

    @override
    def follow(self, step: Step[Invitation]) -> None:
        """Let who hands a project over look after it no longer."""
        row, target = step.row, step.transition.target
        if target is _S.ACCEPTED and row.hands_over:
            before = model.User.get(row.created_by)
            if before and before.id != row.user_id:
                membership.remove(row.project_id, before.id)
                take_back(row.project_id, before.id)


INVITATIONS = InvitationWorkflow()


def take_back(project_id: str, user_id: str) -> None:
    """Take back what somebody has left who looks after a project no longer.

    Commits nothing.
    """
    for invitation in Invitation.waiting(project_id):
        if invitation.created_by == user_id:
            INVITATIONS.go_on(
                "digifarm_owner_invitation_withdraw", invitation, Context()
            )
