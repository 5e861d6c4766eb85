from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from sqlalchemy.exc import IntegrityError

from ..lib import clock, rate_limits, tokens
from ..lib.ckan import Context, DataDict, model
from ..lib.consent import agreed
from ..lib.context import user_id
from ..lib.errors import checked, refuse, validate
from ..lib.language import current
from ..lib.submissions import Sender, identify, once
from ..partners.lookups import active_partner, lasting_partner
from ..partners.model import Partner
from ..projects import reasons
from ..projects.lookups import asking_project, open_project
from . import consent, schema
from .actions import dictize
from .model import Support, SupportState
from .offer_steps import offered
from .supporters import lacking_kind, offering_partner, settle_partner
from .workflow import WORKFLOW


def digifarm_support_offer(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Offer support to a project.

    Everybody may who may read the project. Without an account that has an
    e-mail address, a mail with a link comes to the given one; the project
    hears of the offer once somebody has followed it.

    :param project: id or name of the project
    :type project: string
    :param area: in which area; one of the choices of `help_wanted`
    :type area: string
    :param partner: id or name of the partner of the directory that offers it
        (optional)
    :type partner: string
    :param partner_title: instead: name of a partner that is not in the
        directory; with neither, it is a private person (optional)
    :type partner_title: string
    :param partner_kind: what kind of partner that is; see
        :py:func:`digifarm_partner_create`
    :type partner_kind: string
    :param partner_url: its website (optional)
    :type partner_url: string
    :param named: whether a private person wants to be named on the page of
        the project (optional, default: no)
    :type named: bool
    :param scope: what exactly, in a line (optional)
    :type scope: string
    :param until: until when, such as `2027` or `2027-03` (optional)
    :type until: string
    :param message: to the people of the project, not public (optional)
    :type message: string
    :param contact_name: whom to answer; not public
    :type contact_name: string
    :param contact_email: the address to answer to; not public. With an
        account it is that of the account
    :type contact_email: string
    :param consent: true, as somebody has agreed that this is stored
    :type consent: bool
    :param submission: the form that it was sent with, up to you; what is sent
        twice with it counts once (optional)
    :type submission: string

    :returns: `id` and `state`, and for a form that has to be confirmed
        `token`, for :py:func:`digifarm_support_resend`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project or partner
    :raises NotAuthorized: where you may not, or not that often
    :raises ValidationError: with the names of the parameters; also where the
        project pauses or is over
    """
    data_dict, complaints = checked(context, data_dict, schema.support_offer())
    complaints.add(lacking_kind(data_dict))
    complaints.refuse()
    sender = identify(context, "contact_email", data_dict)
    support = once(
        context,
        Support,
        sender,
        data_dict,
        lambda context, key: _offer(context, data_dict, sender, key),
    )
    return offered(support, data_dict)


def _offer(
    context: Context, data_dict: DataDict, sender: Sender, key: str | None
) -> Support:
    action = "digifarm_support_offer"
    project = open_project(data_dict)
    tk.check_access(action, context, {"project": project.id})
    asking_project(data_dict, area=data_dict["area"])
    partner = offering_partner(context, data_dict)
    person = data_dict["contact_name"] if data_dict["named"] else ""
    support = Support(
        project_id=project.id,
        area=data_dict["area"],
        partner_id=partner.id if partner else None,
        person="" if partner else person,
        scope=data_dict["scope"],
        until=data_dict["until"],
        message=data_dict["message"],
        contact_name=data_dict["contact_name"],
        contact_email=sender.email,
        language=current(),
        user_id=sender.user_id,
        consented=clock.now(),
        consent=agreed(consent.offering),
        submission=key,
        token_key=tokens.new_key(),
    )
    state = (
        SupportState.OFFERED if sender.is_known else SupportState.UNCONFIRMED
    )
    return WORKFLOW.begin(action, context, support, state)


@tk.validate_action_data(schema.support_confirm)
def digifarm_support_confirm(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Confirm an offer by the link that was sent to the address.

    You must have that link.

    :param token: what the link ends with
    :type token: string
    :param scope: what exactly, in a line, as are `until`, `message` and
        `contact_name` where it has to be something else by now (optional)
    :type scope: string

    :returns: `id` and `state` of the support, and `token` to follow it
    :rtype: dictionary

    :raises ValidationError: where the link is of no use (any more), or the
        project pauses or is over
    """
    with WORKFLOW.step(
        "digifarm_support_confirm",
        context,
        data_dict,
        purpose=tokens.Purpose.SUPPORT_CONFIRM,
    ) as step:
        support = step.row
        project = {"project": support.project_id}
        asking_project(project, "token", support.area)
        for name in schema.CHANGEABLE:
            if name in data_dict:
                setattr(support, name, data_dict[name])
        if support.person:
            support.person = support.contact_name
    token = tokens.make(tokens.Purpose.SUPPORT, support.id, support.token_key)
    return {"id": support.id, "state": support.state, "token": token}


@validate(schema.support_request)
def digifarm_support_request(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Ask a partner of the directory to support a project.

    The partner's contact gets a mail with a link; you don't learn the
    address. You must be allowed to update the project.

    :param project: id or name of the project
    :type project: string
    :param area: in which area; one of the choices of `help_wanted`
    :type area: string
    :param partner: id or name of the partner
    :type partner: string
    :param scope: what exactly, in a line (optional)
    :type scope: string
    :param until: until when, such as `2027` or `2027-03` (optional)
    :type until: string
    :param message: to the partner, not public (optional)
    :type message: string

    :returns: the support
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project or partner
    :raises NotAuthorized: where you may not update the project, or ask that
        often
    :raises ValidationError: with the names of the parameters; also where
        nobody could be asked, or is asked already, or where the project
        pauses or is over
    """
    action = "digifarm_support_request"
    project = open_project(data_dict)
    tk.check_access(action, context, {"project": project.id})
    asking_project(data_dict, area=data_dict["area"])
    if project.private:
        refuse("project", tk._("Nobody else can see this project yet"))
    partner = active_partner(data_dict["partner"])
    if not partner.contact_email:
        refuse("partner", tk._("We don’t know how to reach this partner"))
    if Support.runs(project.id, data_dict["area"], partner.id):
        refuse("partner", _is_there())
    rate_limits.check(user_id(context))
    rate_limits.ask(partner.id)
    partner = lasting_partner(partner.id)
    support = Support(
        project_id=project.id,
        area=data_dict["area"],
        partner_id=partner.id,
        person="",
        scope=data_dict["scope"],
        until=data_dict["until"],
        message=data_dict["message"],
        token_key=tokens.new_key(),
    )
    try:
        WORKFLOW.begin(action, context, support, SupportState.REQUESTED)
    except IntegrityError as e:
        refuse("partner", _is_there(), e)
    return dictize(support, partner)


@tk.validate_action_data(schema.support_accept)
def digifarm_support_accept(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Accept an offer, or a request to a partner.

    You must be on the side that is asked: allowed to update the project that
    something is offered to, or the partner that was asked, or have the link.
    Reviewers accept, too, who would look after a project that nobody has
    confirmed for long, or for which they look for somebody; then that search
    is over. Both sides get the address of the other one. A partner that was
    not in the directory enters it, unless you say which one of the directory
    it is.

    :param id: id of the support
    :type id: string
    :param token: instead of `id`: of a link to it that was sent by mail
    :type token: string
    :param partner: id or name of the partner of the directory who made the
        offer (optional; only for those who may update the project)
    :type partner: string

    :returns: the support
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such support or partner
    :raises NotAuthorized: where you may not
    :raises ValidationError: where it doesn't wait for an answer (any more),
        or the partner supports the project already
    """
    action = "digifarm_support_accept"
    partner = None
    if reference := data_dict.get("partner"):
        WORKFLOW.authorized(action, context, data_dict)
        partner = lasting_partner(reference)
    try:
        with WORKFLOW.step(action, context, data_dict) as step:
            support = step.row
            open_project({"project": support.project_id})
            if support.state == SupportState.OFFERED.value:
                settle_partner(context, support, partner)
            support.since = clock.now().date().isoformat()
            step.write()
    except IntegrityError as e:
        message = (
            tk._("This partner supports the project there already")
            if support.partner_id
            else tk._("Somebody of this name supports the project there")
        )
        refuse("partner", message, e)
    return _dictize(support)


@tk.validate_action_data(reasons.declining)
def digifarm_support_decline(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Decline an offer, or a request to a partner.

    You must be on the side that is asked, as in
    :py:func:`digifarm_support_accept`.

    :param id: id of the support
    :type id: string
    :param token: instead of `id`: of a link to it that was sent by mail
    :type token: string
    :param reason: why; the other side reads it (optional)
    :type reason: string
    :param reason_code: why in short, a choice of the schema file: one of
        `reasons`, `declining` (optional)
    :type reason_code: string

    :returns: the support
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such support
    :raises NotAuthorized: where you may not
    :raises ValidationError: where it doesn't wait for an answer (any more)
    """
    return _dictize(
        WORKFLOW.take("digifarm_support_decline", context, data_dict)
    )


@tk.validate_action_data(reasons.ending)
def digifarm_support_withdraw(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Take back an offer or a request before it is answered.

    You must be on the side that has asked: have offered it, or be allowed to
    update the project that asks.

    :param id: id of the support
    :type id: string
    :param token: instead of `id`: of a link to it that was sent by mail
    :type token: string
    :param reason: why; the other side reads it (optional)
    :type reason: string
    :param reason_code: why in short, a choice of the schema file: one of
        `reasons`, `ending` (optional)
    :type reason_code: string

    :returns: the support
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such support
    :raises NotAuthorized: where it is not yours
    :raises ValidationError: where it doesn't wait for an answer (any more)
    """
    return _dictize(
        WORKFLOW.take("digifarm_support_withdraw", context, data_dict)
    )


@tk.validate_action_data(reasons.ending)
def digifarm_support_end(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """End a support; it stays in the history of project and partner.

    The name of a private person goes.

    You must be on one of its sides: allowed to update the project or the
    partner, or have offered it.

    :param id: id of the support
    :type id: string
    :param token: instead of `id`: of a link to it that was sent by mail
    :type token: string
    :param reason: why; the other side reads it (optional)
    :type reason: string
    :param reason_code: why in short, a choice of the schema file: one of
        `reasons`, `ending` (optional)
    :type reason_code: string

    :returns: the support
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such support
    :raises NotAuthorized: where you may not
    :raises ValidationError: where it has ended already
    """
    return _dictize(WORKFLOW.take("digifarm_support_end", context, data_dict))


def _is_there() -> str:
    return tk._("This partner has been asked, or supports you already")


def _dictize(support: Support) -> dict[str, Any]:
    partner = model.Session.get(Partner, support.partner_id or "")
    return dictize(support, partner)
