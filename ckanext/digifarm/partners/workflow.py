"""The life of a partner. docs/support.md has the same table in words."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any

import ckantoolkit as tk
from typing_extensions import override

from ..lib import lookups, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import Context, DataDict, is_id, model
from ..lib.events import Subject
from ..lib.permissions import allowed, is_reviewer
from ..lib.step import Step
from ..lib.tokens import Purpose
from ..lib.transitions import Transition
from ..lib.workflow import Workflow
from . import mails, names
from .model import Partner, PartnerState

_S = PartnerState
_A = Actor

# Reviewers may update every partner, so they are asked about first.
TRANSITIONS = (
    Transition(
        "digifarm_partner_create",
        None,
        _S.ACTIVE,
        (_A.REVIEWER, _A.PARTNER),
    ),
    Transition(
        "digifarm_partner_register",
        None,
        _S.UNCONFIRMED,
        (_A.ANYBODY,),
        {_A.CONTACT: "partner_confirm"},
    ),
    Transition(
        "digifarm_partner_register",
        None,
        _S.PROPOSED,
        (_A.USER,),
        {_A.REVIEWER: "partner_proposed"},
    ),
    Transition(
        "digifarm_partner_confirm",
        _S.UNCONFIRMED,
        _S.PROPOSED,
        (_A.CONTACT,),
        {_A.REVIEWER: "partner_proposed"},
    ),
    # No mail has arrived, or the address was wrong.
    Transition(
        "digifarm_partner_resend",
        _S.UNCONFIRMED,
        _S.UNCONFIRMED,
        (_A.ANYBODY,),
        {_A.CONTACT: "partner_confirm"},
    ),
    Transition(
        "digifarm_partner_accept",
        _S.PROPOSED,
        _S.ACTIVE,
        (_A.REVIEWER,),
        {_A.CONTACT: "partner_accepted"},
    ),
    Transition(
        "digifarm_partner_decline",
        _S.PROPOSED,
        _S.DELETED,
        (_A.REVIEWER,),
        {_A.CONTACT: "partner_declined"},
    ),
    Transition(
        "digifarm_partner_delete",
        _S.ACTIVE,
        _S.DELETED,
        (_A.REVIEWER, _A.PARTNER),
    ),
    Transition(
        "digifarm_partner_restore",
        _S.DELETED,
        _S.ACTIVE,
        (_A.REVIEWER, _A.PARTNER),
    ),
    Transition(
        "digifarm_partner_merge", _S.ACTIVE, _S.DELETED, (_A.REVIEWER,)
    ),
    # One that is not in the directory yet offers support, and is accepted.
    Transition("digifarm_support_offer", None, _S.UNCONFIRMED, (_A.ANYBODY,)),
    Transition(
        "digifarm_support_accept", _S.UNCONFIRMED, _S.ACTIVE, (_A.PROJECT,)
    ),
)


class PartnerWorkflow(Workflow[Partner]):
    """How a partner comes into the directory, and leaves it."""

    subject = Subject.PARTNER
    model = Partner
    states = PartnerState
    transitions = TRANSITIONS
    purpose = Purpose.PARTNER_CONFIRM
    waits = {_S.PROPOSED: _A.REVIEWER}
    repeatable = ("digifarm_partner_delete", "digifarm_partner_restore")

    @override
    def missing(self) -> str:
        return tk._("Partner not found")

    @override
    def not_possible(self, state: PartnerState) -> str:
        if state in {_S.ACTIVE, _S.DELETED}:
            return tk._("This registration is settled already")
        return tk._("This registration is not settled yet")

    @override
    def now(self, row: Partner) -> str:
        return {
            _S.UNCONFIRMED: "",
            _S.PROPOSED: tk._(
                "The registration is confirmed, and the city’s team looks at"
                " it."
            ),
            _S.ACTIVE: tk._("The partner is in the directory."),
            _S.DELETED: tk._("The partner is not in the directory."),
        }[PartnerState(row.state)]

    @override
    def refused(self, context: Context, actors: Collection[Actor]) -> str:
        return tk._("You may not edit this partner")

    @override
    def get(self, reference: str) -> Partner:
        """The partner with an id or name."""
        found = Partner.get(reference)
        if found is None:
            raise tk.ObjectNotFound(self.missing())
        return found

    @override
    def is_actor(
        self,
        actor: Actor,
        context: Context,
        row: Partner,
        data_dict: DataDict,
    ) -> bool:
        if actor is Actor.PARTNER:
            return allowed("digifarm_partner_update", context, row.id)
        if actor is Actor.REVIEWER:
            return is_reviewer(context.get("user"))
        if actor is Actor.CONTACT:
            purpose = Purpose.PARTNER_CONFIRM
            return lookups.holds(Partner, data_dict, purpose)
        return False

    @override
    def users(self, actor: Actor, row: Partner) -> list[model.User]:
        return people.reviewers()

    @override
    def audience(self, actor: Actor, row: Partner) -> Hashable:
        return actor

    @override
    def data(self, row: Partner) -> dict[str, Any]:
        return {"kind": row.kind}

    @override
    def send(
        self, template: str, to: Actor, row: Partner, **values: Any
    ) -> None:
        mails.send(template, to, row, **values)

    @override
    def follow(self, step: Step[Partner]) -> None:
        """Links that were sent before are of no use any more.

        Who is in the directory has a good name, made of the title.
        """
        partner, target = step.row, step.transition.target
        if step.is_change and step.transition.source is not None:
            partner.token_key = tokens.new_key()
        if target is _S.ACTIVE and is_id(partner.name):
            partner.name = names.of_partner(partner.title)


WORKFLOW = PartnerWorkflow()
