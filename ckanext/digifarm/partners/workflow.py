"""The life of a partner. docs/support.md has the same table in words."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any

import ckantoolkit as tk
from typing_extensions import override

from ..lib import lookups, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import Context, DataDict, is_id, model
from ..lib.context import user_id
from ..lib.events import Event, Subject
from ..lib.permissions import allowed, is_reviewer
from ..lib.step import Step
from ..lib.tokens import Purpose
from ..lib.transitions import Transition
from ..lib.workflow import Workflow
from . import mails, names
from .model import Partner, PartnerState

_S = PartnerState
_A = Actor

#: Only its contact takes it back, and nobody else undoes that.
WITHDRAW = "digifarm_partner_withdraw"

# Reviewers may update every partner, so they are asked about first.
TRANSITIONS = (
    Transition(
        "digifarm_partner_create",
        None,
        _S.ACTIVE,
        (_A.REVIEWER, _A.PARTNER),
        {_A.CONTACT: "partner_contact"},
    ),
    # Who looks at them hears of it by what waits: there may be many at once.
    Transition(
        "digifarm_partner_create",
        None,
        _S.PROPOSED,
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
        {_A.REVIEWER: "partner_proposed", _A.CONTACT: "partner_received"},
    ),
    Transition(
        "digifarm_partner_confirm",
        _S.UNCONFIRMED,
        _S.PROPOSED,
        (_A.CONTACT,),
        {_A.REVIEWER: "partner_proposed", _A.CONTACT: "partner_received"},
    ),
    # Where there is another contact now, they get a link of their own.
    *(
        Transition(
            "digifarm_partner_update",
            state,
            state,
            (_A.REVIEWER, _A.PARTNER),
            {_A.CONTACT: mail} if mail else {},
        )
        for state, mail in (
            (_S.UNCONFIRMED, "partner_confirm"),
            (_S.PROPOSED, "partner_received"),
            (_S.ACTIVE, "partner_contact"),
            (_S.DELETED, ""),
        )
    ),
    Transition(
        "digifarm_partner_change", _S.PROPOSED, _S.PROPOSED, (_A.CONTACT,)
    ),
    # What is public already changes at once; reviewers look at it.
    Transition(
        "digifarm_partner_change",
        _S.ACTIVE,
        _S.ACTIVE,
        (_A.CONTACT,),
        {_A.REVIEWER: "partner_changed"},
    ),
    Transition(
        "digifarm_partner_withdraw",
        _S.PROPOSED,
        _S.DELETED,
        (_A.CONTACT,),
        {_A.REVIEWER: "partner_withdrawn", _A.CONTACT: "partner_deleted"},
    ),
    Transition(
        "digifarm_partner_withdraw",
        _S.ACTIVE,
        _S.DELETED,
        (_A.CONTACT,),
        {_A.REVIEWER: "partner_withdrawn", _A.CONTACT: "partner_deleted"},
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
        {_A.CONTACT: "partner_deleted"},
    ),
    Transition(
        "digifarm_partner_restore",
        _S.DELETED,
        _S.ACTIVE,
        (_A.REVIEWER, _A.PARTNER),
        {_A.CONTACT: "partner_accepted"},
    ),
    Transition(
        "digifarm_partner_merge",
        _S.ACTIVE,
        _S.DELETED,
        (_A.REVIEWER,),
        {_A.CONTACT: "partner_merged"},
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
    purpose = Purpose.PARTNER
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
            _S.DELETED: _why_gone(row),
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
            return is_contact(context, row, data_dict)
        return False

    @override
    def users(self, actor: Actor, row: Partner) -> list[model.User]:
        return people.reviewers()

    @override
    def audience(self, actor: Actor, row: Partner) -> Hashable:
        return actor

    @override
    def data(self, row: Partner) -> dict[str, Any]:
        into = {"merged_into": row.merged_into} if row.merged_into else {}
        return {"kind": row.kind, **into}

    @override
    def send(
        self, template: str, to: Actor, row: Partner, **values: Any
    ) -> None:
        # Where nothing has changed that they must know, nobody is told.
        if values.get("changed") != []:
            mails.send(template, to, row, **values)

    @override
    def follow(self, step: Step[Partner]) -> None:
        """Links that were sent before are of no use any more.

        Who is in the directory has a good name, made of the title.
        """
        partner, target = step.row, step.transition.target
        if step.is_change and step.transition.source is not None:
            partner.token_key = tokens.new_key()
        if target is _S.ACTIVE:
            # Its address leads to itself again.
            partner.merged_into = None
            if is_id(partner.name):
                partner.name = names.of_partner(partner.title)


WORKFLOW = PartnerWorkflow()


def is_contact(context: Context, row: Partner, data_dict: DataDict) -> bool:
    """Whether somebody is the contact of a partner, by link or account.

    :param data_dict: `id` of the partner, and perhaps a `token`
    """
    is_new = row.state == _S.UNCONFIRMED.value
    purpose = Purpose.PARTNER_CONFIRM if is_new else Purpose.PARTNER
    if lookups.holds(Partner, data_dict, purpose):
        return True
    user = user_id(context)
    return user is not None and row.user_id == user


def is_withdrawn(row: Partner) -> bool:
    """Whether its contact has taken a partner back."""
    return _last_step(row) == WITHDRAW


def _why_gone(row: Partner) -> str:
    last = _last_step(row)
    if last == WITHDRAW:
        return tk._("It was withdrawn.")
    if stays := row.stays():
        return tk._(
            "It was joined with another entry, “{title}”, which is in the"
            " directory of partners."
        ).format(title=stays.title)
    if last == "digifarm_partner_decline":
        return tk._("The city’s team has declined the registration.")
    return tk._("The partner is not in the directory.")


def _last_step(row: Partner) -> str:
    events = Event.of(Subject.PARTNER, row.id)
    return events[-1].action if events else ""
