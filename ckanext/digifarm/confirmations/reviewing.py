"""What reviewers see of what nobody confirms, before and after they decide.

So many SQL statements for a list, however long it is.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from ..lib import people
from ..lib.actors import Actor
from ..lib.ckan import Context, model
from ..lib.events import Event, Subject
from ..lib.permissions import is_sysadmin, updatable
from ..proposals.model import Proposal
from ..support.model import Support, SupportState
from ..upkeep import reading
from .model import Confirmation, ConfirmationState
from .workflow import ASK, DECIDE, TRANSITIONS

#: Who is written to by a step, as the table of transitions says.
_WRITTEN_TO = {
    transition.action: next(iter(transition.mails)).value
    for transition in TRANSITIONS
    if transition.mails and transition.target is not transition.source
} | {ASK: Actor.ASKED.value, "ask_again": Actor.ASKED.value}


def about(
    context: Context, rows: list[Confirmation], projects: list[model.Package]
) -> dict[str, dict[str, Any]]:
    """What is known of some projects, by the ids of the questions.

    :param context: of whoever looks
    :param rows: the questions
    :param projects: their projects
    """
    by_id = {project.id: project for project in projects}
    ids = [*by_id]
    organizations = _organizations({p.owner_org for p in projects})
    teams = people.of_projects(ids)
    events = _events([row.id for row in rows])
    names = people.names(
        {one.created_by for e in events.values() for one in e}
    )
    supports = _supports(ids)
    known = reading.of_projects(
        {p.id: {**(p.extras or {}), "url": p.url} for p in projects}
    )
    may_update = _may_update(context, projects)
    with_email = is_sysadmin(context)
    found = {}
    for row in rows:
        project = by_id.get(row.project_id or "")
        if project is None:
            continue
        extras = project.extras or {}
        found[row.id] = {
            "name": project.name,
            "organization": organizations.get(project.owner_org),
            "contact_name": extras.get("contact_name") or "",
            "contact_email": extras.get("contact_email") or "",
            "team": [_person(user, with_email) for user in teams[project.id]],
            **_said(events.get(row.id, []), names),
            **supports.get(project.id, {"supporters": [], "offers": []}),
            **known[project.id],
            "can_update": project.id in may_update,
        }
    return found


def _person(user: model.User, with_email: bool) -> dict[str, str]:
    """Somebody, as CKAN shows them: addresses are for sysadmins."""
    person = {"name": user.name, "title": user.display_name}
    return {**person, "email": user.email or ""} if with_email else person


def _organizations(ids: Collection[str | None]) -> dict[Any, dict[str, str]]:
    query = sa.select(model.Group).where(model.Group.id.in_(ids))
    return {
        one.id: {"name": one.name, "title": one.title or one.name}
        for one in model.Session.scalars(query)
    }


def _may_update(
    context: Context, projects: list[model.Package]
) -> Collection[str]:
    """Ids of those that the reader may update, as a reviewer, too."""
    named = [{"id": p.id, "owner_org": p.owner_org} for p in projects]
    kept = Proposal.kept_projects([project.id for project in projects])
    return updatable(context, named) | kept


def _events(ids: list[str]) -> dict[str, list[Event]]:
    """What has happened since somebody has answered last, in order."""
    query = (
        sa.select(Event)
        .where(
            Event.subject == Subject.CONFIRMATION.value,
            Event.subject_id.in_(ids),
        )
        .order_by(Event.number)
    )
    found: dict[str, list[Event]] = {}
    for event in model.Session.scalars(query):
        if event.target == ConfirmationState.ANSWERED.value:
            found.pop(event.subject_id, None)
        else:
            found.setdefault(event.subject_id, []).append(event)
    return found


def _said(events: list[Event], names: dict[Any, str]) -> dict[str, Any]:
    """Who was asked when, and what was decided last."""
    decisions = [e for e in events if e.action.startswith(f"{DECIDE}_")]
    last = decisions[-1] if decisions else None
    return {
        "asks": [
            {
                "whom": _WRITTEN_TO[event.action],
                "when": event.created.isoformat(),
            }
            for event in events
            if event.action in _WRITTEN_TO
        ],
        "decided": last
        and {
            "decision": last.action.removeprefix(f"{DECIDE}_"),
            "when": last.created.isoformat(),
            "by": names.get(last.created_by, ""),
            "reason": last.reason,
        },
    }


def _supports(project_ids: list[str]) -> dict[str, dict[str, list[Any]]]:
    """Who supports each project, and which offers wait for an answer."""
    states = (SupportState.ACCEPTED, SupportState.OFFERED)
    found: dict[str, dict[str, list[Any]]] = {}
    for support, partner in Support.of(states, project_ids=project_ids):
        of_project = found.setdefault(
            support.project_id, {"supporters": [], "offers": []}
        )
        is_offer = support.state == SupportState.OFFERED.value
        of_project["offers" if is_offer else "supporters"].append(
            {
                "id": support.id,
                "area": support.area,
                "title": partner.title if partner else support.person,
            }
        )
    return found
