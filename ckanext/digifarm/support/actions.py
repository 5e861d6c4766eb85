from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ..lib import clock, partial_dates, people, rate_limits
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, ErrorDict, model
from ..lib.consent import agreed
from ..lib.context import user_id
from ..lib.errors import checked, refuse
from ..lib.permissions import is_reviewer, may_update
from ..lib.tokens import Purpose
from ..partners.lookups import found, lasting_partner
from ..partners.model import Partner
from ..projects import stages
from ..projects.lookups import MOST, open_project, package, readable_part
from . import answering, consent, schema, sides
from .model import Support, SupportState
from .workflow import WORKFLOW

#: Why a private person's name is stored.
NAMED = "The person agreed to be named"


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
    :param scope: what exactly, in a line (optional)
    :type scope: string
    :param since: since when, such as `2021` or `2021-10` (optional)
    :type since: string
    :param until: until when, such as `2027` or `2027-03`; both sides are asked
        before whether it goes on (optional)
    :type until: string

    :returns: the support
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project or partner
    :raises NotAuthorized: where you may not update the project, or not that
        often
    :raises ValidationError: with the name of the parameter
    """
    action = "digifarm_support_create"
    data_dict, complaints = checked(
        context, data_dict, schema.support_create()
    )
    complaints.add(_misnamed(data_dict))
    complaints.refuse()
    project = open_project(data_dict)
    tk.check_access(action, context, {"project": project.id})
    partner = None
    if data_dict["partner"]:
        partner = lasting_partner(data_dict["partner"])
    if partner and partner.contact_email:
        rate_limits.check(user_id(context))
        rate_limits.ask(partner.id)
    support = Support(
        project_id=project.id,
        area=data_dict["area"],
        partner_id=partner.id if partner else None,
        person=data_dict["person"],
        scope=data_dict["scope"],
        since=data_dict.get("since", ""),
        until=data_dict["until"],
    )
    if support.person:
        support.consented = clock.now()
        support.consent = agreed(consent.recording)
    reason = NAMED if support.person else ""
    state = SupportState.ACCEPTED
    try:
        WORKFLOW.begin(action, context, support, state, reason)
    except IntegrityError as e:
        message = tk._("This is recorded already")
        refuse("partner" if partner else "person", message, e)
    return dictize(support, partner)


@tk.side_effect_free
@tk.validate_action_data(lib_schema.step)
def digifarm_support_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """A support, for those on both sides of it.

    You must be on one of its sides: allowed to update the project or the
    partner, or have offered it. Reviewers see what they may answer.

    :param id: id of the support
    :type id: string
    :param token: instead of `id`: of a link to it that was sent by mail
    :type token: string

    :returns: the support with its contact, `gives_right`, whether somebody
        owns the project as long as it runs, `city_answers`, whether reviewers
        answer an offer, too, and `project`, a dictionary with `id`, `name`,
        `title` and `state`. Of a deleted project, only what can
        be withdrawn or ended
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such support (any more)
    :raises NotAuthorized: where you are on neither side
    :raises ValidationError: where the token is of no use (any more)
    """
    purposes = (Purpose.SUPPORT, Purpose.SUPPORT_CONFIRM)
    support = WORKFLOW.find(data_dict, *purposes)
    tk.check_access(
        "digifarm_support_show", context, {**data_dict, "id": support.id}
    )
    rows = Support.with_project(Support.id == support.id, with_deleted=True)
    if not rows:
        # Its project has been deleted, and nothing is left to be done.
        raise tk.ObjectNotFound(tk._("Support not found"))
    by = None
    if not data_dict.get("token") and not (
        may_update(context, support.project_id)
        or answering.may_as_city(context, support)
    ):
        by = user_id(context)
    return _dictize_for_both_sides(*rows[0], by=by)


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
    :param state: of the supports (optional, default: `accepted`). Others
        than `accepted` and `ended` are for those who may update the project,
        or the partner
    :type state: string

    :param contacts: also how those are reached who offered them, for those
        who may update the project (optional, default: no)
    :type contacts: bool
    :param limit: how many supports of a project, or projects of a partner, at
        most (optional, default and most: `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: supports, the oldest first: `id`, `area`, `scope`, `since`,
        `until` (the day on which it ended, or until when it goes on, or ""),
        `state`, `project_id`, `partner` (a dictionary with `id`, `name`,
        `title` and `state`, or None for a private person) and `person`; with
        `contacts`, also `contact_name`, `contact_email`, `message`,
        `modified`, `gives_right` (whether somebody owns the project as long
        as it runs), `is_own` (whether you give it) and `helped` (`yes`,
        `partly` or `no`, or ""). A partner's
        supports are those of projects that you may read, and have `project`,
        a package dictionary
    :rtype: list of dictionaries

    :raises ObjectNotFound: where there is no such project or partner
    :raises NotAuthorized: where you may not see it
    """
    if not data_dict.keys() & {"project", "partner"}:
        refuse("project", tk._("Give a project or a partner"))
    tk.check_access("digifarm_support_list", context, data_dict)
    if data_dict.get("project"):
        project = package(data_dict, "project")
        # Everybody reads the others, with each page of a project.
        is_private = data_dict["contacts"]
        user = model.User.get(user_id(context)) if is_private else None
        giver = sides.Giver(user)
        supports = Support.of(
            [SupportState(data_dict["state"])],
            project_id=project.id,
            **_part(data_dict),
        )
        return [
            {
                **dictize(support, partner, private=data_dict["contacts"]),
                **(
                    {
                        "helped": support.helped,
                        "is_own": giver.gives(support, partner),
                    }
                    if data_dict["contacts"]
                    else {}
                ),
            }
            for support, partner in supports
        ]
    return _of_partner(context, data_dict)


@tk.side_effect_free
@tk.validate_action_data(schema.support_inbox)
def digifarm_support_inbox(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """What waits for an answer, or was accepted, and concerns you.

    You must be logged in.

    :param side: only `project` or `supporter` (optional, default: both)
    :type side: string
    :param limit: how many of each at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many of each to leave out first (optional, default: 0)
    :type offset: int

    :returns: `project`: supports of projects that you may edit, and for
        reviewers offers to look after projects whose people don't answer;
        `supporter`:
        those that you have offered, or that a partner was asked for whose
        organisation you edit for. Each is a support with its contact as far
        as you may see it, and `project`, a dictionary with `id`, `name`,
        `title` and `state`. What you have offered to a deleted project is
        there as long as it can be withdrawn or ended
    :rtype: dictionary

    :raises NotAuthorized: where you are not logged in
    """
    tk.check_access("digifarm_support_inbox", context, data_dict)
    user = model.User.get(user_id(context))
    if user is None:
        raise tk.NotAuthorized(tk._("Please log in first"))
    organizations = people.organizations_of(user)
    owner = user.id if people.collaborate() else None
    part = _part(data_dict)
    result: dict[str, list[dict[str, Any]]] = {
        side: [] for side in schema.SIDES
    }
    if data_dict.get("side") != "supporter":
        result["project"] = [
            _dictize_for_both_sides(*found)
            for found in Support.of_editor(
                owner, organizations, *_of_city(context), **part
            )
        ]
    if data_dict.get("side") != "project":
        result["supporter"] = [
            _dictize_for_both_sides(*found, by=user.id)
            for found in Support.of_supporter(user.id, organizations, **part)
        ]
    return result


def _of_city(context: Context) -> list[sa.ColumnElement[bool]]:
    """What waits for reviewers, for whoever is one."""
    if not is_reviewer(context.get("user")):
        return []
    return [answering.is_waiting_for_city()]


def _of_partner(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """What a partner supports, of a part of the projects that one may read.

    How many there are that one may not read is nobody's business: so the
    projects are counted after that.
    """
    partner, state = (
        found(data_dict["partner"]),
        SupportState(data_dict["state"]),
    )
    projects = {
        project["id"]: project
        for project in readable_part(
            context,
            Support.projects_of(partner.id, state, MOST),
            **_part(data_dict),
        )["results"]
    }
    supports = Support.of(
        [state], partner_id=partner.id, project_ids=[*projects]
    )
    return [
        {**dictize(support, partner), "project": projects[support.project_id]}
        for support, partner in supports
    ]


def _part(data_dict: DataDict) -> dict[str, Any]:
    """The part of a list that is asked for."""
    return {key: data_dict[key] for key in ("limit", "offset")}


def _misnamed(data_dict: DataDict) -> ErrorDict:
    """What is wrong with who is named, in parameters that may be wrong."""
    if not data_dict.get("person"):
        return {}
    if data_dict.get("partner"):
        message = tk._("Give a partner or a private person, not both")
        return {"person": [message]}
    if data_dict.get("consent") is not True:
        message = tk._("Please ask first, or leave the name empty")
        return {"consent": [message]}
    return {}


def dictize(
    support: Support, partner: Partner | None, *, private: bool = False
) -> dict[str, Any]:
    """What the API says of a support.

    :param partner: the one that supports, or None for a private person
    :param private: whether to say how who supports is reached, and what they
        have written
    """
    result: dict[str, Any] = {
        "id": support.id,
        "project_id": support.project_id,
        "area": support.area,
        "scope": support.scope,
        "since": support.since,
        "until": _until(support),
        "state": support.state,
        "person": support.person,
        "partner": partner
        and {
            key: getattr(partner, key)
            for key in ("id", "name", "title", "state")
        },
    }
    if private:
        result["contact_name"] = support.contact_name
        result["contact_email"] = support.contact_email
        result["message"] = support.message
        result["modified"] = support.modified.isoformat()
        result["gives_right"] = support.owner_id is not None
    return result


def _until(support: Support) -> str:
    """The day on which it ended, or until when it goes on, or "".

    What has run out was noticed later, and had ended on the day agreed.
    """
    if support.state != SupportState.ENDED.value:
        return support.until
    noticed = support.modified.date()
    agreed = partial_dates.last_day(support.until)
    ran_out = agreed is not None and agreed < noticed
    return support.until if ran_out else noticed.isoformat()


def _dictize_for_both_sides(
    support: Support,
    partner: Partner | None,
    project: model.Package,
    *,
    by: str | None = None,
) -> dict[str, Any]:
    """A support for one of its sides.

    :param by: id of a user of the supporting side: who acts for a partner
        learns nothing private of others who made an offer in its name
    """
    is_others = bool(by and support.contact_email and support.user_id != by)
    return {
        **dictize(support, partner, private=not is_others),
        "city_answers": stages.city_answers(
            project.extras or {}, support.area
        ),
        "project": {
            key: getattr(project, key)
            for key in ("id", "name", "title", "state")
        },
    }
