from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ckantoolkit as tk
from sqlalchemy.exc import IntegrityError

from ckan import model
from ckan.types import Context, DataDict

from ...fields import PROJECT_TYPE
from ...model import (
    Event,
    Partner,
    PartnerState,
    Side,
    Subject,
    Support,
    SupportState,
)
from .. import schema
from ..auth.partners import found
from ..context import commit, user_id
from ..errors import refuse
from ..transitions import CREATE, END, Transition
from .links import package, readable

#: Why a private person's name is stored.
NAMED = "The person agreed to be named"


@tk.validate_action_data(schema.support_create)
def digifarm_support_create(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Record who supports a project.

    You must be allowed to update the project.

    :param project: id or name of the project
    :type project: string
    :param area: in which area; one of the choices of `help_wanted`
    :type area: string
    :param partner: id or name of a partner of the directory; without one, it
        is a private person
    :type partner: string
    :param person: name of a private person that is to be shown (optional)
    :type person: string
    :param consent: whether that person has agreed to be named
    :type consent: bool
    :param scope: what exactly, and until when, in a line (optional)
    :type scope: string
    :param since: since when, such as `2021` or `2021-10` (optional)
    :type since: string

    :returns: the support
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project or partner
    :raises NotAuthorized: where you may not update the project
    :raises ValidationError: with the name of the parameter
    """
    project = package(data_dict, Side.PROJECT)
    if project.type != PROJECT_TYPE:
        raise tk.ObjectNotFound(tk._("Civic project not found"))
    tk.check_access(
        "digifarm_support_create", context, {"project": project.id}
    )
    if project.state == model.State.DELETED:
        refuse("project", tk._("Has been deleted"))
    partner = _partner(data_dict)
    support = Support(
        project_id=project.id,
        area=data_dict["area"],
        partner_id=partner.id if partner else None,
        person=data_dict["person"],
        scope=data_dict["scope"],
        since=data_dict.get("since", ""),
        state=CREATE.target.value,
    )
    try:
        with model.Session.begin_nested():
            model.Session.add(support)
    except IntegrityError as e:
        message = tk._("This is recorded already")
        refuse("partner" if partner else "person", message, e)
    _record(context, support, NAMED if support.person else "")
    commit(context)
    return _dictize(support, partner)


@tk.validate_action_data(schema.support_end)
def digifarm_support_end(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """End a support; it stays in the history of project and partner.

    The name of a private person goes.

    You must be allowed to update the project, or the partner.

    :param id: id of the support
    :type id: string
    :param reason: why (optional)
    :type reason: string

    :returns: the support
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such support
    :raises NotAuthorized: where you may not
    :raises ValidationError: where it has ended already
    """
    support = Support.lock(data_dict["id"])
    if support is None:
        raise tk.ObjectNotFound(tk._("Support not found"))
    tk.check_access("digifarm_support_end", context, data_dict)
    _advance(support, END)
    support.person = ""
    _record(context, support, data_dict["reason"])
    commit(context)
    partner = model.Session.get(Partner, support.partner_id or "")
    return _dictize(support, partner)


@tk.side_effect_free
@tk.validate_action_data(schema.support_list)
def digifarm_support_list(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Who supports a project, or which projects a partner supports.

    :param project: id or name of a project
    :type project: string
    :param partner: id or name of a partner, where no project is given
    :type partner: string
    :param state: `accepted` or `ended` (optional, default: `accepted`)
    :type state: string

    :returns: supports, the oldest first: `id`, `area`, `scope`, `since`,
        `state`, `project_id`, `partner` (a dictionary with `id`, `name`,
        `title` and `state`, or None for a private person) and `person`. A
        partner's supports are those of projects that you may read, and have
        `project`, a package dictionary
    :rtype: list of dictionaries

    :raises ObjectNotFound: where there is no such project or partner
    :raises NotAuthorized: where you may not see it
    """
    if not data_dict.keys() & {"project", "partner"}:
        refuse("project", tk._("Give a project or a partner"))
    tk.check_access("digifarm_support_list", context, data_dict)
    states = [SupportState(data_dict["state"])]
    if data_dict.get("project"):
        project = package(data_dict, Side.PROJECT)
        supports = Support.of(states, project_id=project.id)
        return [_dictize(support, partner) for support, partner in supports]
    partner = found(data_dict["partner"])
    supports = Support.of(states, partner_id=partner.id)
    return _with_projects(context, supports)


def _with_projects(
    context: Context, supports: Sequence[tuple[Support, Partner | None]]
) -> list[dict[str, Any]]:
    ids = dict.fromkeys(support.project_id for support, _ in supports)
    projects = {
        project["id"]: project for project in readable(context, list(ids))
    }
    return [
        {**_dictize(support, partner), "project": projects[support.project_id]}
        for support, partner in supports
        if support.project_id in projects
    ]


def _partner(data_dict: DataDict) -> Partner | None:
    """The partner that is named, or None for a private person."""
    if not data_dict["partner"]:
        if data_dict["person"] and not data_dict["consent"]:
            message = tk._("Please ask first, or leave the name empty")
            refuse("consent", message)
        return None
    if data_dict["person"]:
        refuse("person", tk._("Give a partner or a private person, not both"))
    partner = found(data_dict["partner"])
    if partner.state != PartnerState.ACTIVE.value:
        raise tk.ObjectNotFound(tk._("Partner not found"))
    return partner


def _advance(support: Support, transition: Transition) -> None:
    """Take a support a step further in its life.

    :raises ValidationError: where its state doesn't allow that
    """
    if SupportState(support.state) not in transition.sources:
        refuse("id", tk._("This support has ended already"))
    support.state = transition.target.value


def _record(context: Context, support: Support, reason: str) -> None:
    Event.record(
        Subject.SUPPORT, support.id, support.state, user_id(context), reason
    )


def _dictize(support: Support, partner: Partner | None) -> dict[str, Any]:
    return {
        "id": support.id,
        "project_id": support.project_id,
        "area": support.area,
        "scope": support.scope,
        "since": support.since,
        "state": support.state,
        "person": support.person,
        "partner": partner
        and {
            key: getattr(partner, key)
            for key in ("id", "name", "title", "state")
        },
    }
