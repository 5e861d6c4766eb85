"""The life of a support. docs/support.md has the same table in words."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any

import ckantoolkit as tk
from typing_extensions import override

from ..confirmations import caring
from ..lib import index, lookups, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import Context, DataDict, model
from ..lib.context import user_id
from ..lib.events import Subject
from ..lib.permissions import allowed, may_update
from ..lib.step import Step
from ..lib.tokens import Purpose
from ..lib.transitions import Transition
from ..lib.waiting import differs
from ..lib.workflow import Workflow
from ..owners import needs, ownership
from ..owners.ownership import Entry, Way
from ..partners.model import Partner
from . import answering, mails
from .model import Support, SupportState

_S = SupportState
_A = Actor

#: Says whether it has helped.
EVALUATE = "digifarm_support_evaluate"

_OFFERED_MAILS = {
    _A.SUPPORTER: "support_received",
    _A.PROJECT: "support_offered",
    # As far as they may answer.
    _A.REVIEWER: "support_offered",
}

TRANSITIONS = (
    Transition(
        "digifarm_support_create",
        None,
        _S.ACCEPTED,
        (_A.PROJECT,),
        {_A.SUPPORTER: "support_recorded"},
    ),
    Transition(
        "digifarm_support_offer",
        None,
        _S.UNCONFIRMED,
        (_A.ANYBODY,),
        {_A.SUPPORTER: "support_confirm"},
    ),
    Transition(
        "digifarm_support_offer",
        None,
        _S.OFFERED,
        (_A.USER,),
        _OFFERED_MAILS,
    ),
    Transition(
        "digifarm_support_confirm",
        _S.UNCONFIRMED,
        _S.OFFERED,
        (_A.SUPPORTER,),
        _OFFERED_MAILS,
    ),
    # No mail has arrived, or the address was wrong.
    Transition(
        "digifarm_support_resend",
        _S.UNCONFIRMED,
        _S.UNCONFIRMED,
        (_A.ANYBODY,),
        {_A.SUPPORTER: "support_confirm"},
    ),
    Transition(
        "digifarm_support_request",
        None,
        _S.REQUESTED,
        (_A.PROJECT,),
        {_A.SUPPORTER: "support_requested"},
    ),
    Transition(
        "digifarm_support_accept",
        _S.OFFERED,
        _S.ACCEPTED,
        (_A.PROJECT, _A.REVIEWER),
        {
            _A.SUPPORTER: "support_accepted",
            _A.PROJECT: "support_accepted",
            _A.PARTNER: "support_named",
        },
    ),
    Transition(
        "digifarm_support_accept",
        _S.REQUESTED,
        _S.ACCEPTED,
        (_A.SUPPORTER,),
        {_A.SUPPORTER: "support_accepted", _A.PROJECT: "support_accepted"},
    ),
    Transition(
        "digifarm_support_decline",
        _S.OFFERED,
        _S.DECLINED,
        (_A.PROJECT, _A.REVIEWER),
        {_A.SUPPORTER: "support_declined"},
    ),
    Transition(
        "digifarm_support_decline",
        _S.REQUESTED,
        _S.DECLINED,
        (_A.SUPPORTER,),
        {_A.PROJECT: "support_declined"},
    ),
    Transition(
        "digifarm_support_withdraw",
        _S.OFFERED,
        _S.WITHDRAWN,
        (_A.SUPPORTER,),
        {_A.PROJECT: "support_withdrawn", _A.REVIEWER: "support_withdrawn"},
    ),
    Transition(
        "digifarm_support_withdraw",
        _S.REQUESTED,
        _S.WITHDRAWN,
        (_A.PROJECT,),
        {_A.SUPPORTER: "support_withdrawn"},
    ),
    Transition(
        "digifarm_support_end",
        _S.ACCEPTED,
        _S.ENDED,
        (_A.PROJECT, _A.SUPPORTER),
        {_A.SUPPORTER: "support_ended", _A.PROJECT: "support_ended"},
    ),
    # Until when it goes on.
    Transition(
        "digifarm_support_update",
        _S.ACCEPTED,
        _S.ACCEPTED,
        (_A.PROJECT, _A.SUPPORTER),
        {_A.SUPPORTER: "support_until", _A.PROJECT: "support_until"},
        is_noted=True,
    ),
    # The day has come until which it was given.
    Transition(
        "run_out",
        _S.ACCEPTED,
        _S.ENDED,
        (_A.PORTAL,),
        {_A.SUPPORTER: "support_ran_out", _A.PROJECT: "support_ran_out"},
    ),
    # Whether it was of use, for the numbers and the report of the year.
    Transition(EVALUATE, _S.ENDED, _S.ENDED, (_A.PROJECT,), is_noted=True),
    # Of two partners that are the same, one has what both had.
    Transition(
        "digifarm_partner_merge", _S.ACCEPTED, _S.ENDED, (_A.REVIEWER,)
    ),
    Transition(
        "digifarm_partner_merge", _S.REQUESTED, _S.WITHDRAWN, (_A.REVIEWER,)
    ),
    # Whoever offered it is forgotten, or nobody has answered for too long.
    Transition("forget", _S.OFFERED, _S.WITHDRAWN, (_A.PORTAL,)),
    Transition("forget", _S.REQUESTED, _S.WITHDRAWN, (_A.PORTAL,)),
    # Its project is over.
    Transition("project_over", _S.OFFERED, _S.DECLINED, (_A.PORTAL,)),
    Transition("project_over", _S.REQUESTED, _S.WITHDRAWN, (_A.PORTAL,)),
    Transition("project_over", _S.ACCEPTED, _S.ENDED, (_A.PORTAL,)),
    # Whoever became an owner by it looks after the project no longer; those
    # whom it concerns hear of that.
    Transition("owner_left", _S.ACCEPTED, _S.ENDED, (_A.PORTAL,)),
    # Its project was deleted long ago.
    Transition("forget", _S.ACCEPTED, _S.ENDED, (_A.PORTAL,)),
)


class SupportWorkflow(Workflow[Support]):
    """How a support begins and goes on."""

    subject = Subject.SUPPORT
    model = Support
    states = SupportState
    transitions = TRANSITIONS
    purpose = Purpose.SUPPORT
    waits = {_S.OFFERED: _A.PROJECT, _S.REQUESTED: _A.SUPPORTER}

    @override
    def missing(self) -> str:
        return tk._("Support not found")

    @override
    def not_possible(self, state: SupportState) -> str:
        return {
            _S.UNCONFIRMED: tk._("This offer is not confirmed yet"),
            _S.OFFERED: tk._("This offer waits for an answer"),
            _S.REQUESTED: tk._("This request waits for an answer"),
            _S.ACCEPTED: tk._("This support has been accepted already"),
            _S.DECLINED: tk._("This support has been declined already"),
            _S.WITHDRAWN: tk._("This support was withdrawn"),
            _S.ENDED: tk._("This support has ended already"),
        }[state]

    @override
    def now(self, row: Support) -> str:
        return {
            _S.UNCONFIRMED: "",
            _S.OFFERED: tk._(
                "The offer is confirmed and waits for the project’s answer."
            ),
            _S.REQUESTED: tk._("The request waits for an answer."),
            _S.ACCEPTED: tk._("The support has been accepted."),
            _S.DECLINED: tk._("The support has been declined."),
            _S.WITHDRAWN: tk._("It was withdrawn."),
            _S.ENDED: tk._("The support has ended."),
        }[SupportState(row.state)]

    @override
    def refused(self, context: Context, actors: Collection[Actor]) -> str:
        return tk._("You may not change this support")

    @override
    def is_actor(
        self,
        actor: Actor,
        context: Context,
        row: Support,
        data_dict: DataDict,
    ) -> bool:
        if actor is Actor.PROJECT:
            return may_update(context, row.project_id)
        if actor is Actor.SUPPORTER:
            return is_supporter(context, row, data_dict)
        if actor is Actor.REVIEWER:
            return answering.may_as_city(context, row)
        return False

    @override
    def users(self, actor: Actor, row: Support) -> list[model.User]:
        project = _project(row)
        if project.state != model.State.ACTIVE:
            return []
        if actor is Actor.PROJECT:
            team = people.of_project(project)
            is_for_city = answering.is_by_city(row)
            return team + (people.reviewers() if is_for_city else [])
        partner = model.Session.get(Partner, row.partner_id or "")
        organization = partner and partner.organization_id
        return people.editors_of(organization) if organization else []

    @override
    def audience(self, actor: Actor, row: Support) -> Hashable:
        is_asked = actor is Actor.SUPPORTER
        partner_id = row.partner_id if is_asked else None
        return row.project_id, partner_id, row.area == needs.CARE

    @override
    def moved_by(self, changed: Any) -> list[str]:
        """Requests wait for the organisation that acts for a partner.

        Offers to look after a project wait for reviewers, too, where its
        people don't answer.
        """
        if isinstance(changed, model.Package):
            return [changed.id] if answering.passes(changed) else []
        if isinstance(changed, Partner) and differs(
            changed, "organization_id"
        ):
            return Support.projects_of(changed.id, _S.REQUESTED)
        return []

    @override
    def data(self, row: Support) -> dict[str, Any]:
        found = {"area": row.area, "partner": row.partner_id}
        return {**found, **({"helped": row.helped} if row.helped else {})}

    @override
    def send(
        self, template: str, to: Actor, row: Support, **values: Any
    ) -> None:
        # Where nothing is different, nobody is told.
        is_same = values.pop("is_same", False)
        is_others = to is Actor.REVIEWER and not answering.is_by_city(row)
        if not is_same and not is_others:
            mails.send(template, to, row, **values)

    @override
    def follow(self, step: Step[Support]) -> None:
        """Links that were sent before are of no use any more.

        Whoever is accepted to look after a project owns it from then on. A
        private person is named as long as the support runs.
        """
        support, transition = step.row, step.transition
        if transition.source is not None and step.is_change:
            support.token_key = tokens.new_key()
        if transition.target in FINISHED:
            support.person = ""
        step.values["is_same"] = step.is_idle
        step.values["actor"] = model.User.get(step.user_id)
        step.values["by_city"] = step.actor is Actor.REVIEWER
        begins = step.is_change and transition.target is _S.ACCEPTED
        if begins and support.area == needs.CARE:
            caring.lock(support.project_id)
        by_team = begins and answering.is_by_team(step)
        if begins and transition.source:
            # Those who decided are told, not whoever owns it only now.
            step.values["team"] = people.of_project(_project(support))
            step.values["entry"] = _entry(step)
        if transition.source is _S.ACCEPTED and transition.target is _S.ENDED:
            step.values["gone"] = ownership.take(support)
        if begins and support.area == needs.CARE:
            step.values["left"] = caring.taken_on(
                support.project_id, step.context, by_team=by_team
            )
        if _S.ACCEPTED in {transition.source, transition.target}:
            index.reindex_later(support.project_id)

    @override
    def bring_about(self, step: Step[Support]) -> None:
        """Tell those who have no other mail who owns it no longer."""
        if gone := step.values.get("gone"):
            told = step.transition.mails
            mails.tell_gone(step.row, gone, told, reason=step.reason)


#: Nothing is asked of anybody any more.
FINISHED = frozenset({_S.DECLINED, _S.WITHDRAWN, _S.ENDED})

WORKFLOW = SupportWorkflow()


def is_supporter(
    context: Context, support: Support, data_dict: DataDict
) -> bool:
    """Whether somebody is on the side that supports.

    :param data_dict: `id` of the support, and perhaps a `token`
    """
    user = user_id(context)
    return (
        lookups.holds(Support, data_dict, Purpose.SUPPORT)
        or (user is not None and support.user_id == user)
        or may_update_partner(context, support.partner_id)
    )


def may_update_partner(context: Context, partner: str | None) -> bool:
    """Whether somebody, who must be a user, acts for a partner.

    :param partner: its id or name, or None for no partner
    """
    if not partner or not context.get("user"):
        return False
    return allowed("digifarm_partner_update", context, partner)


def _project(support: Support) -> model.Package:
    project = model.Package.get(support.project_id)
    assert project  # noqa: S101 – a support goes with its project
    return project


def _entry(step: Step[Support]) -> Entry:
    """How whoever looks after a project from now on comes to own it.

    Who has offered it is known by the support. Where a partner was asked, it
    is one of its people if they have accepted; else, its contact.
    """
    support = step.row
    if support.area != needs.CARE:
        return Entry(Way.NONE)
    partner = model.Session.get(Partner, support.partner_id or "")
    contact = mails.supporter(support, partner)
    acting = None
    if step.transition.source is _S.REQUESTED:
        acting = _acting(step, partner)
    return ownership.give(
        _project(support), support, contact.email if contact else "", acting
    )


def _acting(step: Step[Support], partner: Partner | None) -> model.User | None:
    """The user who takes a step, if they are one of a partner's people."""
    user = model.User.get(step.user_id)
    if user is None or partner is None:
        return None
    own = people.organizations_of(user)
    return user if partner.organization_id in own else None
