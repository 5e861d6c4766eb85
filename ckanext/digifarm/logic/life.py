"""How a support begins and goes on, by the table of transitions."""

from __future__ import annotations

import ckantoolkit as tk

from ckan import model
from ckan.types import Context, DataDict

from .. import care, clock, jobs, search, tokens
from ..model import Event, Partner, Subject, Support, SupportState
from ..tokens import Purpose
from . import notices, owners, ownership, rows, transitions
from .context import user_id
from .errors import refuse
from .ownership import Entry, Way
from .transitions import Transition


def begin(
    context: Context, transition: Transition, support: Support, reason: str
) -> None:
    """Bring a support into being; commits nothing.

    :param reason: what is written down
    :raises IntegrityError: where there is such a support already
    """
    support.state = transition.target.value
    with model.Session.begin_nested():
        model.Session.add(support)
    _record(context, transition, support, reason)


def locked(data_dict: DataDict, *purposes: Purpose) -> Support:
    """The support that an `id` or a `token` names; see `rows.locked`.

    :param purposes: what the token may be good for, besides the usual steps
    """
    return rows.locked(
        Support,
        data_dict,
        Purpose.SUPPORT,
        *purposes,
        missing=tk._("Support not found"),
    )


def check(action: str, support: Support) -> Transition:
    """The step that an action takes now.

    :raises ValidationError: where there is none from the support's state
    """
    state = SupportState(support.state)
    transition = transitions.step(action, state)
    if transition is None:
        refuse("id", _not_possible(state))
    return transition


def go_on(
    context: Context,
    transition: Transition,
    support: Support,
    reason: str = "",
) -> None:
    """Take a step; links that were sent before are of no use then.

    Whoever is accepted to look after a project owns it from then on. Commits
    nothing.

    :param reason: why, in the words of who takes it
    :raises IntegrityError: where there is such a support already
    """
    # A savepoint writes first what has changed before.
    with model.Session.begin_nested():
        support.state = transition.target.value
        support.modified = clock.now()
        support.token_key = tokens.new_key()
        support.reminders = 0
    team = entry = None
    if transition.target is SupportState.ACCEPTED:
        # Those who decided are told, not whoever owns the project only now.
        team = owners.of_project(_project(support))
        entry = _entry(context, transition, support)
    _record(context, transition, support, reason, team=team, entry=entry)


def _project(support: Support) -> model.Package:
    project = model.Package.get(support.project_id)
    assert project  # noqa: S101 – a support goes with its project
    return project


def _entry(
    context: Context, transition: Transition, support: Support
) -> Entry:
    """How whoever looks after a project from now on comes to own it.

    Who has offered it is known by the support. Where a partner was asked, it
    is one of its people if they have accepted; else, its contact.
    """
    if support.area != care.CARE:
        return Entry(Way.NONE)
    partner = model.Session.get(Partner, support.partner_id or "")
    contact = notices.supporter(support, partner)
    acting = None
    if transition.source is SupportState.REQUESTED:
        acting = _acting(context, partner)
    return ownership.give(
        _project(support), support, contact.email if contact else "", acting
    )


def _acting(context: Context, partner: Partner | None) -> model.User | None:
    """The user who takes a step, if they are one of a partner's people."""
    user = model.User.get(user_id(context))
    if user is None or partner is None:
        return None
    own = owners.organizations_of(user)
    return user if partner.organization_id in own else None


def _record(
    context: Context,
    transition: Transition,
    support: Support,
    reason: str,
    *,
    team: list[model.User] | None = None,
    entry: Entry | None = None,
) -> None:
    if SupportState.ACCEPTED in {transition.source, transition.target}:
        jobs.later(search.reindex, support.project_id)
    user = user_id(context)
    Event.record(Subject.SUPPORT, support.id, support.state, user, reason)
    actor = model.User.get(user) if user else None
    notices.tell(
        transition,
        support,
        reason=reason,
        actor=actor,
        team=team,
        entry=entry,
    )


def _not_possible(state: SupportState) -> str:
    return {
        SupportState.UNCONFIRMED: tk._("This offer is not confirmed yet"),
        SupportState.OFFERED: tk._("This offer waits for an answer"),
        SupportState.REQUESTED: tk._("This request waits for an answer"),
        SupportState.ACCEPTED: tk._("This support has been accepted already"),
        SupportState.DECLINED: tk._("This support has been declined already"),
        SupportState.WITHDRAWN: tk._("This support was withdrawn"),
        SupportState.ENDED: tk._("This support has ended already"),
    }[state]
