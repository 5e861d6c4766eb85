from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from sqlalchemy.exc import IntegrityError

from ..lib import addresses, people, rate_limits
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, is_authorized, model
from ..lib.context import commit, user_id
from ..lib.errors import refuse, validate
from ..lib.language import current
from ..projects.lookups import open_project
from ..proposals.model import OPEN_STATES, Proposal
from . import care, mails, membership, ownership, schema
from .model import Invitation, InvitationState
from .workflow import INVITATIONS, take_back


@validate(schema.owner_invite)
def digifarm_owner_invite(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Invite somebody to look after a project with you, or in your place.

    A mail with a link goes to the address; whoever follows it, and logs in or
    registers, is an owner then. You must be allowed to update the project.

    :param project: id or name of the project
    :type project: string
    :param email: where the link goes
    :type email: string
    :param hands_over: true, if you look after the project no longer once
        they do; only for its owners (optional, default: false)
    :type hands_over: bool

    :returns: `id` of the invitation
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not, or not that often
    :raises ValidationError: with the names of the parameters; also where the
        address is invited already, or the portal has no owners
    """
    action = "digifarm_owner_invite"
    project = open_project(data_dict)
    tk.check_access(action, context, {"project": project.id})
    _check_owned(project)
    own = user_id(context)
    if data_dict["hands_over"] and not membership.is_owner(project.id, own):
        refuse("hands_over", tk._("Only who owns a project hands it over"))
    _check_address(project, data_dict["email"])
    if data_dict["hands_over"] and any(
        other.hands_over and other.created_by == own
        for other in Invitation.waiting(project.id)
    ):
        refuse(
            "hands_over",
            tk._("You hand it over to somebody already; please wait for them"),
        )
    rate_limits.check(own)
    invitation = Invitation(
        project_id=project.id,
        # Nobody is invited twice who writes it in another way.
        email=data_dict["email"].lower(),
        hands_over=data_dict["hands_over"],
        language=current(),
        created_by=own,
    )
    account = ownership.waiting_account(project, invitation.email)
    try:
        INVITATIONS.begin(
            action,
            context,
            invitation,
            InvitationState.INVITED,
            account=account,
        )
    except IntegrityError as e:
        refuse("email", tk._("This address is invited already"), e)
    return {"id": invitation.id}


@tk.validate_action_data(lib_schema.step)
def digifarm_owner_invitation_withdraw(
    context: Context, data_dict: DataDict
) -> None:
    """Take back an invitation to look after a project.

    Its link is of no use any more. You must be allowed to update the project.

    :param id: id of the invitation
    :type id: string

    :raises ObjectNotFound: where there is no such invitation
    :raises NotAuthorized: where you may not
    :raises ValidationError: where it has been accepted already
    """
    INVITATIONS.take("digifarm_owner_invitation_withdraw", context, data_dict)


@tk.validate_action_data(schema.owner_remove)
def digifarm_owner_remove(context: Context, data_dict: DataDict) -> None:
    """Look after a project no longer, or take that right from somebody.

    Everybody else who looks after it is told; where nobody is left, those are
    its organisation's editors. Where they have the right no longer, nothing
    happens. You must be the owner, or an editor or admin of the organisation,
    or a reviewer who may update the project.

    :param project: id or name of the project
    :type project: string
    :param user_id: id or name of the owner (optional, default: you)
    :type user_id: string
    :param reason: why; the others read it (optional)
    :type reason: string

    :raises ObjectNotFound: where there is no such project or user
    :raises NotAuthorized: where you may not
    """
    project = open_project(data_dict)
    own = model.User.get(user_id(context))
    named = data_dict["user_id"]
    user = model.User.get(named) if named else own
    if user is None:
        raise tk.ObjectNotFound(tk._("Account not found"))
    tk.check_access(
        "digifarm_owner_remove",
        context,
        {"project": project.id, "user_id": user.id},
    )
    with model.Session.begin_nested():
        # Of two who step down at once, one is the last.
        care.lock(project.id)
        if membership.remove(project.id, user.id):
            take_back(project.id, user.id)
            care.end(project.id, user.id, data_dict["reason"])
            mails.tell_left(
                project, user, by_self=user is own, reason=data_dict["reason"]
            )
    commit(context)


@tk.side_effect_free
@tk.validate_action_data(schema.project_owned)
def digifarm_project_team(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Who looks after a project, and who is invited to.

    You must be allowed to update the project.

    :param id: id or name of the project
    :type id: string

    :returns: `has_owners`: whether this portal has owners at all; `owners`:
        dictionaries with `id`, `name`, `title`, `is_me`, `is_waiting` (their
        account waits for its password) and `can_remove`; `invitations`:
        dictionaries with `id`, `email`, `hands_over`, `created`, `by` (who
        has invited them) and `is_mine`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not update it
    """
    project = open_project({"project": data_dict["id"]})
    tk.check_access("digifarm_project_team", context, {"project": project.id})
    own = user_id(context)
    has_owners = people.collaborate()
    owners = membership.owners(project.id) if has_owners else []
    can_remove = _can_remove(context, project, owners)
    invitations = Invitation.waiting(project.id)
    names = people.names({invitation.created_by for invitation in invitations})
    return {
        "has_owners": has_owners,
        "owners": [
            {
                "id": user.id,
                "name": user.name,
                "title": user.display_name,
                "is_me": user.id == own,
                "is_waiting": not user.is_active,
                "can_remove": can_remove and user.id != own,
            }
            for user in owners
        ],
        "invitations": [
            {
                "id": invitation.id,
                "email": invitation.email,
                "hands_over": invitation.hands_over,
                "created": invitation.created.isoformat(),
                "by": names.get(invitation.created_by, ""),
                "is_mine": own is not None and invitation.created_by == own,
            }
            for invitation in invitations
        ],
    }


def _can_remove(
    context: Context, project: model.Package, owners: list[model.User]
) -> bool:
    """Whether somebody may take the right from others; from one, or all."""
    others = [user for user in owners if user.id != user_id(context)]
    other = others[0].id if others else ""
    asked = {"project": project.id, "user_id": other}
    answer = is_authorized(
        "digifarm_owner_remove", tk.fresh_context(context), asked
    )
    return answer.get("success", False)


def _check_address(project: model.Package, email: str) -> None:
    """Refuse the address of somebody who looks after the project already.

    :raises ValidationError: where it is one of the team's accounts
    """
    mailbox = addresses.mailbox(email)
    if any(
        user.email and addresses.mailbox(user.email) == mailbox
        for user in membership.owners(project.id)
    ):
        refuse("email", tk._("This person looks after the project already"))


def _check_owned(project: model.Package) -> None:
    """Refuse what nobody could own now.

    :raises ValidationError: where the portal has no owners, or it is only
        proposed
    """
    if not people.collaborate():
        refuse("project", tk._("This portal’s projects have no owners"))
    if Proposal.of_project(project.id, OPEN_STATES):
        refuse("project", tk._("This project is only proposed"))
