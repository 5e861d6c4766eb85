from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..confirmations import caring
from ..lib import clock, lookups, people, tokens
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, model
from ..lib.context import commit, user_id
from ..lib.errors import UsedLink, refuse
from ..lib.permissions import allowed, updatable
from ..lib.tokens import Purpose
from ..projects import search, stages
from ..projects.lookups import package, readable
from ..proposals.model import Proposal
from ..support.model import Support
from ..tasks.model import Task
from ..upkeep.reading import num_dead
from . import care, membership, needs, ownership, queries, schema
from .model import Invitation, InvitationState
from .ownership import Claimed
from .workflow import INVITATIONS


@tk.validate_action_data(lib_schema.token)
def digifarm_project_claim(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Become an owner of a project by the link that was sent to the address.

    You must be logged in, and have that link.

    :param token: what the link ends with
    :type token: string

    :returns: `id` and `name` of the project
    :rtype: dictionary

    :raises NotAuthorized: where you are not logged in
    :raises ValidationError: where the link is of no use (any more)
    """
    tk.check_access("digifarm_project_claim", context, data_dict)
    user = _user(context)
    row = _claimed(data_dict["token"])
    # Each in its place; see `care.lock`.
    if isinstance(row, Proposal):
        lookups.lock(row)
    care.lock(row.project_id or "")
    if isinstance(row, Invitation):
        membership.lock(row.project_id or "", user.id, row.created_by)
        lookups.lock(row)
    # While we waited for the lock, the link may have been used.
    row = _claimed(data_dict["token"])
    project = _to_claim(row)
    if row.user_id is None:
        ownership.claim(row, project, user)
        _end_care(row, project, user)
        _end_search(row, project)
    elif not _is_owner(row, project, user):
        # A double click is fine; who has lost the right doesn't get it back.
        raise _used(row)
    commit(context)
    return {"id": project.id, "name": project.name}


@tk.side_effect_free
@tk.validate_action_data(lib_schema.token)
def digifarm_project_claim_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Which project a link to claim one is for.

    You must have that link.

    :param token: what the link ends with
    :type token: string

    :returns: `name` and `title` of the project; `is_owner`: whether you own
        it by this link already; of an invitation, `by`: who invites you, and
        `hands_over`: whether they would own it no longer
    :rtype: dictionary

    :raises ValidationError: where the link is of no use (any more)
    """
    tk.check_access("digifarm_project_claim_show", context, data_dict)
    row = _claimed(data_dict["token"])
    project = _to_claim(row)
    user = model.User.get(user_id(context))
    is_owner = False
    # Who isn't logged in may be the one.
    if row.user_id and user:
        is_owner = _is_owner(row, project, user)
        if not is_owner:
            raise _used(row)
    return {
        "name": project.name,
        "title": project.title or project.name,
        "is_owner": is_owner,
        **_invitation(row),
    }


def _check_inviter(row: Invitation) -> None:
    """Refuse an invitation of somebody who could invite nobody now.

    :raises ValidationError: where they belong to the team no longer
    """
    by = model.User.get(row.created_by)
    if by is None:
        return
    asked = Context(user=by.name, auth_user_obj=by)
    if not by.is_active or not allowed(
        "package_update", asked, row.project_id
    ):
        refuse(
            "token",
            tk._("Whoever has invited you doesn’t look after it any longer"),
        )


def _end_care(row: Claimed, project: model.Package, user: model.User) -> None:
    """Let the support end of who has handed a project over."""
    if not (isinstance(row, Invitation) and row.hands_over):
        return
    if row.created_by not in {None, user.id}:
        care.end(project.id, row.created_by)


def _end_search(row: Claimed, project: model.Package) -> None:
    """Look for nobody any more where somebody has come by an invitation.

    Who was accepted before has ended it by that.
    """
    if isinstance(row, Invitation):
        caring.taken_on(project.id, Context(), by_team=False)


def _invitation(row: Claimed) -> dict[str, Any]:
    """Who lets somebody claim a project, where that is an invitation."""
    if not isinstance(row, Invitation):
        return {"by": "", "hands_over": False}
    by = model.User.get(row.created_by)
    return {
        "by": by.display_name if by else "",
        "hands_over": row.hands_over,
    }


def _is_owner(row: Claimed, project: model.Package, user: model.User) -> bool:
    """Whether somebody has used a link, and still owns the project."""
    return row.user_id == user.id and bool(
        queries.owned_among([project.id], user.id)
    )


def _used(row: Claimed) -> UsedLink:
    """What to say to who comes with the link of somebody else."""
    return UsedLink(
        row, tk._("Somebody has taken on the project with it before.")
    )


def _to_claim(row: Claimed) -> model.Package:
    """The project that somebody may own now.

    :raises ValidationError: where there is none
    """
    project = model.Package.get(row.project_id)
    if (
        project is None
        or project.state != model.State.ACTIVE
        or not people.collaborate()
    ):
        refuse("token", tk._("This project can’t be claimed"))
    return project


@tk.side_effect_free
@tk.validate_action_data(lib_schema.page)
def digifarm_project_mine(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """The projects that you own, or edit for your organisations.

    Private ones too; deleted ones not, and neither what is only proposed.
    You must be logged in.

    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count` (of more than 500 that follow the offset, 500 are
        counted) and `results`: first those that you own, and among them
        what nobody has touched for the longest; package dictionaries with
        `is_owner` and `needs`, a list of what is to be done, in this order:
        `{"need": "offers", "count": …}`: offers wait for an answer;
        `{"need": "reported", "count": …}`: somebody says to have done tasks;
        `{"need": "addresses", "count": …}`: addresses don't answer;
        `{"need": "taken", "count": …}`: somebody is at tasks;
        `{"need": "no_supporter", "areas": […]}`: help is wanted there and
        nobody gives any; `{"need": "license", "status": …}`: the licence is
        not verified, or not open; `{"need": "image_alt"}`: the picture has no
        description; `{"need": "stale"}`: not touched or confirmed for a year
    :rtype: dictionary

    :raises NotAuthorized: where you are not logged in
    """
    tk.check_access("digifarm_project_mine", context, data_dict)
    user = _user(context)
    owner = user.id if people.collaborate() else None
    count, ids = queries.of_editor(
        PROJECT_TYPE,
        owner,
        people.organizations_of(user),
        **_part(data_dict),
    )
    owned = queries.owned_among(ids, owner)
    supports = Support.of_projects(ids)
    held = Task.num_held(ids)
    projects = readable(context, ids)
    dead = num_dead(projects)
    now = clock.now()
    return {
        "count": count,
        "results": [
            {
                **project,
                "is_owner": project["id"] in owned,
                "needs": needs.needs(
                    project,
                    supports.get(project["id"], []),
                    search.license_status(project),
                    now,
                    held.get(project["id"], {}),
                    num_dead=dead.get(project["id"], 0),
                ),
            }
            for project in projects
        ],
    }


@tk.side_effect_free
@tk.validate_action_data(lib_schema.page)
def digifarm_project_deleted_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """The deleted projects that you own, or edit for your organisations.

    You can restore them. You must be logged in.

    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count`, and `results`: dictionaries with `id`, `name` and
        `title`
    :rtype: dictionary

    :raises NotAuthorized: where you are not logged in
    """
    tk.check_access("digifarm_project_deleted_list", context, data_dict)
    user = _user(context)
    count, ids = queries.of_editor(
        PROJECT_TYPE,
        user.id if people.collaborate() else None,
        people.organizations_of(user),
        **_part(data_dict),
        state=model.State.DELETED,
    )
    return {"count": count, "results": queries.named(ids)}


@tk.side_effect_free
@tk.validate_action_data(schema.project_owned)
def digifarm_project_owned(context: Context, data_dict: DataDict) -> bool:
    """Whether somebody looks after a project; not who.

    That is an owner, or a supporter in the area `care`. On a portal without
    owners it is always the organisation.

    :param id: id or name of the project
    :type id: string

    :rtype: bool

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not read it
    """
    project = package({"project": data_dict["id"]}, "project")
    if project.type != PROJECT_TYPE:
        raise tk.ObjectNotFound(tk._("Civic project not found"))
    context = tk.fresh_context(context, package=project)
    tk.check_access("digifarm_project_owned", context, data_dict)
    return not people.collaborate() or queries.has_owner(
        project.id, needs.CARE
    )


@tk.side_effect_free
@tk.validate_action_data(lib_schema.page)
def digifarm_project_care_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Public projects that look for somebody who looks after them.

    Those that pause or are over are left out. You must be a reviewer.

    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count` (of more than 500 that follow the offset, 500 are
        counted) and `results`: first what nobody has touched for the
        longest; package dictionaries with `reason`: `wanted` where its people
        say so, `city` where reviewers do as these don't answer, or `nobody`
        where nobody is named; and `can_update`: whether
        you may update it
    :rtype: dictionary

    :raises NotAuthorized: where you are no reviewer
    """
    tk.check_access("digifarm_project_care_list", context, data_dict)
    found = queries.without_caretaker(
        PROJECT_TYPE,
        needs.CARE,
        stages.QUIET,
        with_owners=people.collaborate(),
    )
    count, ids = queries.ids(found, **_part(data_dict))
    projects = readable(context, ids)
    editable = updatable(context, projects) | Proposal.kept_projects(ids)
    return {
        "count": count,
        "results": [
            {
                **project,
                "can_update": project["id"] in editable,
                "reason": (
                    needs.whose(project)
                    if needs.wants_care(project)
                    else needs.Search.NOBODY
                ).value,
            }
            for project in projects
        ],
    }


def _user(context: Context) -> model.User:
    """Who acts; they must be logged in, also where nobody was asked."""
    user = model.User.get(user_id(context))
    if user is None:
        raise tk.NotAuthorized(tk._("Please log in first"))
    return user


def _part(data_dict: DataDict) -> dict[str, Any]:
    """The part of a list that is asked for."""
    return {
        "limit": data_dict["limit"],
        "offset": data_dict["offset"],
    }


def _claimed(token: str) -> Claimed:
    """What a link to claim a project is about.

    :raises ValidationError: where the link is of no use (any more)
    """
    try:
        id_, _ = tokens.read(token, Purpose.CLAIM)
    except tk.Invalid as e:
        refuse("token", e.error, e)
    if model.Session.get(Proposal, id_):
        return lookups.by_token(Proposal, token, Purpose.CLAIM)
    if model.Session.get(Invitation, id_):
        row = INVITATIONS.by_token(token, Purpose.CLAIM)
        if row.state == InvitationState.WITHDRAWN.value:
            refuse(
                "token", INVITATIONS.not_possible(InvitationState.WITHDRAWN)
            )
        if row.state == InvitationState.INVITED.value:
            _check_inviter(row)
        return row
    return lookups.by_token(Support, token, Purpose.CLAIM)
