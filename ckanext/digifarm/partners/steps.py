from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from sqlalchemy.exc import IntegrityError

from ..lib import clock, index, lookups, resending, tokens
from ..lib import schema as lib_schema
from ..lib.actors import Actor
from ..lib.ckan import Context, DataDict, make_uuid, model
from ..lib.consent import agreed
from ..lib.context import commit
from ..lib.errors import checked, refuse
from ..lib.language import current
from ..lib.submissions import Sender, identify, once
from ..lib.tokens import Purpose
from ..notes.model import Note
from ..support import merging
from ..support.workflow import WORKFLOW as SUPPORTS
from . import consent, mails, schema
from .actions import named
from .lookups import found
from .model import Partner, PartnerState
from .workflow import WORKFLOW, is_withdrawn


@tk.validate_action_data(lib_schema.step)
def digifarm_partner_delete(context: Context, data_dict: DataDict) -> None:
    """Take a partner out of the directory; its history stays.

    Its contact is told. You must be a reviewer, or an editor or admin of its
    organisation.

    :param id: id or name of the partner
    :type id: string
    :param reason: why (optional)
    :type reason: string

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you may not
    """
    WORKFLOW.take("digifarm_partner_delete", context, data_dict)


def digifarm_partner_restore(context: Context, data_dict: DataDict) -> None:
    """Bring a deleted partner back into the directory.

    You must be a reviewer, or an editor or admin of its organisation.

    :param id: id or name of the partner
    :type id: string

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you may not
    :raises ValidationError: where its contact has withdrawn it
    """
    action = "digifarm_partner_restore"
    with WORKFLOW.step(action, context, named(data_dict)) as step:
        if step.is_change and is_withdrawn(step.row):
            refuse("id", tk._("Its contact has withdrawn this partner"))


@tk.validate_action_data(schema.partner_merge)
def digifarm_partner_merge(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Join two entries of the same partner.

    What the first one supports moves to the second one, and so do the notes
    of reviewers; the first one leaves the directory, and its address leads to
    the second one. Where both support the same project in the same area, that
    of the first one ends. You must be a reviewer.

    :param id: id or name of the partner that goes
    :type id: string
    :param into: id or name of the partner that stays
    :type into: string

    :returns: the partner that stays
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: where both are the same, or one is not in the
        directory
    """
    action = "digifarm_partner_merge"
    goes, stays = found(data_dict["id"]), found(data_dict["into"])
    tk.check_access(action, context, {"id": goes.id})
    if goes is stays:
        refuse("into", tk._("Please choose another partner"))
    for partner in sorted((goes, stays), key=lambda partner: partner.id):
        if lookups.lock(partner) is None:
            raise tk.ObjectNotFound(tk._("Partner not found"))
    # While we waited for the locks, much may have changed.
    tk.check_access(action, context, {"id": goes.id})
    for partner in (goes, stays):
        if partner.state != PartnerState.ACTIVE.value:
            refuse("into", tk._("Both partners must be in the directory"))
    reason = tk._("The same partner as “{title}”").format(title=stays.title)
    with model.Session.begin_nested():
        for support in merging.doubled(goes.id, stays.id):
            SUPPORTS.go_on(action, support, context, reason)
        merging.move(goes.id, stays.id)
        Note.move(goes.id, stays.id)
        goes.merged_into = stays.id
        WORKFLOW.go_on(action, goes, context, reason, other=stays)
        mails.send("partner_merged", Actor.CONTACT, stays, other=goes)
    index.reindex_supported_later(stays.id)
    commit(context)
    return stays.dictize(with_contact=True)


def digifarm_partner_register(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Ask to be listed in the directory of partners.

    Everybody may. Without an account that has an e-mail address, a mail with
    a link comes to the given one; reviewers hear of it once somebody has
    followed it.

    The parameters are those of :py:func:`digifarm_partner_create`, without
    `name` and `organization_id`, and with `contact_name` required, as is
    `contact_email` without an account; besides:

    :param consent: true, as somebody has agreed that this is stored
    :type consent: bool
    :param submission: the form that it was sent with, up to you; what is sent
        twice with it counts once (optional)
    :type submission: string

    :returns: `id` and `state`, and for a form that has to be confirmed
        `token`, for :py:func:`digifarm_partner_resend`
    :rtype: dictionary

    :raises NotAuthorized: where you ask too often
    :raises ValidationError: with the names of the parameters
    """
    data_dict, complaints = checked(
        context, data_dict, schema.partner_register()
    )
    if complaints and "title" not in complaints:
        with complaints.gather():
            _check_title(data_dict["title"])
    complaints.refuse()
    sender = identify(context, "contact_email", data_dict)
    partner = once(
        context,
        Partner,
        sender,
        data_dict,
        lambda context, key: _register(context, data_dict, sender, key),
    )
    return _registered(partner, data_dict)


def _registered(partner: Partner, data_dict: DataDict) -> dict[str, Any]:
    """What whoever registers a partner learns of it."""
    return {
        "id": partner.id,
        "state": partner.state,
        **resending.offered(partner, data_dict),
    }


def _check_title(title: str) -> None:
    """Refuse a partner that is in the directory."""
    if Partner.is_listed(title, None):
        refuse("title", _is_listed())


def _register(
    context: Context, data_dict: DataDict, sender: Sender, key: str | None
) -> Partner:
    tk.check_access("digifarm_partner_register", context, data_dict)
    _check_title(data_dict["title"])
    values = {
        name: data_dict.get(name, "")
        for name in schema.partner_register()
        if name not in {"consent", "contact_email", "submission"}
    }
    partner = Partner(
        **values,
        contact_email=sender.email,
        submission=key,
        # A good name is for those in the directory.
        name=make_uuid(),
        language=current(),
        user_id=sender.user_id if sender.is_known else None,
        consented=clock.now(),
        consent=agreed(consent.registering),
        token_key=tokens.new_key(),
    )
    state = PartnerState.UNCONFIRMED
    if sender.is_known:
        state = PartnerState.PROPOSED
    return WORKFLOW.begin("digifarm_partner_register", context, partner, state)


@tk.validate_action_data(lib_schema.resend)
def digifarm_partner_resend(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Write the mail once more that asks to confirm a registration.

    You must have sent it, without an account that has an e-mail address,
    not more than a day ago; it must not be confirmed yet. The answer is the
    same whether mails went to the address before or not.

    :param token: as :py:func:`digifarm_partner_register` gives it
    :type token: string
    :param email: another address, where the first one was wrong: the link of
        the mail that went there is of no use any more (optional)
    :type email: string

    :returns: `id` and `state`, and `token` to do so again
    :rtype: dictionary

    :raises NotAuthorized: where you ask too often
    :raises ValidationError: where it is confirmed already, the token is of no
        use, or the address is none
    """
    partner = resending.resend(
        WORKFLOW,
        "digifarm_partner_resend",
        context,
        data_dict,
        column="contact_email",
    )
    return _registered(partner, data_dict)


@tk.validate_action_data(schema.partner_confirm)
def digifarm_partner_confirm(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Confirm a registration by the link that was sent to the address.

    You must have that link.

    :param token: what the link ends with
    :type token: string
    :param title: its name, as are `url`, `description`, `offer` and
        `contact_name` where it has to be something else by now (optional)
    :type title: string

    :returns: `id`, `title` and `state` of the partner, and `token` to follow
        it
    :rtype: dictionary

    :raises ValidationError: where the link is of no use (any more)
    """
    with WORKFLOW.step(
        "digifarm_partner_confirm",
        context,
        data_dict,
        purpose=Purpose.PARTNER_CONFIRM,
    ) as step:
        partner = step.row
        title = data_dict.get("title", partner.title)
        if title != partner.title and Partner.is_listed(title, None):
            refuse("title", _is_listed())
        for name in schema.CHANGEABLE:
            if name in data_dict:
                setattr(partner, name, data_dict[name])
    return {
        "id": partner.id,
        "title": partner.title,
        "state": partner.state,
        "token": tokens.make(Purpose.PARTNER, partner.id, partner.token_key),
    }


@tk.validate_action_data(schema.partner_accept)
def digifarm_partner_accept(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Let a partner that has registered into the directory.

    You must be a reviewer.

    :param id: id of the partner
    :type id: string
    :param version: what you have read, as `modified` names it; where it has
        changed since, nothing is decided (optional)
    :type version: string

    :returns: the partner
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: where it doesn't wait for that (any more), or has
        changed since you have read it
    """
    try:
        with WORKFLOW.step(
            "digifarm_partner_accept", context, data_dict
        ) as step:
            version = data_dict.get("version")
            if version and version != step.row.modified.isoformat():
                refuse(
                    "id",
                    tk._(
                        "This registration has changed meanwhile; please read"
                        " it once more"
                    ),
                )
            if Partner.is_listed(step.row.title, None):
                refuse("id", _is_listed())
    except IntegrityError as e:
        # Somebody let another one of this title in at the same moment.
        refuse("id", _is_listed(), e)
    return step.row.dictize(with_contact=True)


@tk.validate_action_data(schema.partner_refusal)
def digifarm_partner_decline(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Keep a partner that has registered out of the directory.

    You must be a reviewer.

    :param id: id of the partner
    :type id: string
    :param reason: why; the contact reads it (optional)
    :type reason: string
    :param reason_code: why in short, a choice of the schema file: one of
        `reasons`, `declining` (optional)
    :type reason_code: string

    :returns: the partner
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: where it doesn't wait for that (any more)
    """
    partner = WORKFLOW.take("digifarm_partner_decline", context, data_dict)
    return partner.dictize(with_contact=True)


def _is_listed() -> str:
    return tk._("This partner is in the directory already")
