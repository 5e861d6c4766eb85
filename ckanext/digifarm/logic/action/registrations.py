from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from sqlalchemy.exc import IntegrityError

from ckan import model
from ckan.model.types import make_uuid
from ckan.types import Context, DataDict

from ... import clock, config, mail, rate_limits, tokens
from ...language import current, known
from ...mail import Recipient
from ...model import Event, Partner, PartnerState, Subject
from .. import names, owners, rows, schema, transitions
from ..auth.partners import found
from ..context import commit, user_id
from ..errors import refuse
from ..senders import identify
from ..transitions import Actor, Transition


@tk.validate_action_data(schema.partner_register)
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

    :returns: `id` and `state`
    :rtype: dictionary

    :raises NotAuthorized: where you ask too often
    :raises ValidationError: with the names of the parameters
    """
    tk.check_access("digifarm_partner_register", context, data_dict)
    field = "contact_email"
    sender = identify(context, field, data_dict.get(field))
    rate_limits.check("register", sender.email)
    if sent := Partner.sent_with(data_dict.get("submission")):
        return {"id": sent.id, "state": sent.state}
    if Partner.is_listed(data_dict["title"], None):
        refuse("title", _is_listed())
    state = PartnerState.UNCONFIRMED
    if sender.is_known:
        state = PartnerState.PROPOSED
    values = {
        name: data_dict.get(name, "")
        for name in schema.partner_register()
        if name != "consent"
    }
    partner = Partner(
        **{**values, "submission": data_dict.get("submission")},
        # A good name is for those in the directory.
        name=make_uuid(),
        language=current(),
        consented=clock.now(),
        token_key=tokens.new_key(),
    )
    partner.contact_email = sender.email
    try:
        with model.Session.begin_nested():
            model.Session.add(partner)
    except IntegrityError:
        # A double click: the other one was faster.
        if not (sent := Partner.sent_with(data_dict.get("submission"))):
            raise
        return {"id": sent.id, "state": sent.state}
    step = transitions.begin("digifarm_partner_register", state)
    _go_on(context, step, partner)
    return {"id": partner.id, "state": partner.state}


@tk.validate_action_data(schema.token)
def digifarm_partner_confirm(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Confirm a registration by the link that was sent to the address.

    You must have that link.

    :param token: what the link ends with
    :type token: string

    :returns: `id`, `title` and `state` of the partner
    :rtype: dictionary

    :raises ValidationError: where the link is of no use (any more)
    """
    action = "digifarm_partner_confirm"
    partner = rows.by_token(
        Partner, data_dict["token"], tokens.Purpose.PARTNER_CONFIRM
    )
    tk.check_access(action, context, {**data_dict, "id": partner.id})
    _go_on(context, _step(action, partner), partner)
    return {"id": partner.id, "title": partner.title, "state": partner.state}


@tk.validate_action_data(schema.partner_decision)
def digifarm_partner_accept(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Let a partner that has registered into the directory.

    You must be a reviewer.

    :param id: id of the partner
    :type id: string

    :returns: the partner
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: where it doesn't wait for that (any more)
    """
    action = "digifarm_partner_accept"
    partner = _locked(data_dict)
    tk.check_access(action, context, {"id": partner.id})
    step = _step(action, partner)
    if Partner.is_listed(partner.title, None):
        refuse("id", _is_listed())
    try:
        with model.Session.begin_nested():
            partner.name = names.of_partner(partner.title)
    except IntegrityError as e:
        # Somebody let another one of this title in at the same moment.
        refuse("id", _is_listed(), e)
    _go_on(context, step, partner)
    return partner.dictize(with_contact=True)


@tk.validate_action_data(schema.partner_decision)
def digifarm_partner_decline(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Keep a partner that has registered out of the directory.

    You must be a reviewer.

    :param id: id of the partner
    :type id: string
    :param reason: why; the contact reads it (optional)
    :type reason: string

    :returns: the partner
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: where it doesn't wait for that (any more)
    """
    action = "digifarm_partner_decline"
    partner = _locked(data_dict)
    tk.check_access(action, context, {"id": partner.id})
    step = _step(action, partner)
    _go_on(context, step, partner, data_dict["reason"])
    return partner.dictize(with_contact=True)


@tk.side_effect_free
def digifarm_partner_proposed_list(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """The partners that wait for a reviewer's yes, the oldest first.

    You must be a reviewer.

    :returns: partners with their contacts
    :rtype: list of dictionaries

    :raises NotAuthorized: where you are no reviewer
    """
    tk.check_access("digifarm_partner_proposed_list", context, data_dict)
    return [
        partner.dictize(with_contact=True) for partner in Partner.proposed()
    ]


def _locked(data_dict: DataDict) -> Partner:
    partner = found(data_dict["id"])
    model.Session.refresh(partner, with_for_update=True)
    return partner


def _step(action: str, partner: Partner) -> Transition:
    step = transitions.step(action, PartnerState(partner.state))
    if step is None:
        refuse("id", tk._("This registration is settled already"))
    return step


def _is_listed() -> str:
    return tk._("This partner is in the directory already")


def _go_on(
    context: Context, step: Transition, partner: Partner, reason: str = ""
) -> None:
    """Take a step and commit; links that were sent are of no use then."""
    partner.state = step.target.value
    partner.token_key = tokens.new_key()
    Event.record(
        Subject.PARTNER, partner.id, partner.state, user_id(context), reason
    )
    for side, template in step.mails.items():
        for to in _recipients(side, partner):
            _write(template, to, partner, reason)
    commit(context)


def _recipients(side: Actor, partner: Partner) -> list[Recipient]:
    if side is Actor.REVIEWER:
        return owners.recipients(owners.reviewers())
    # Until it is confirmed, anybody may have written anything there.
    is_known = partner.state != PartnerState.UNCONFIRMED.value
    name = partner.contact_name if is_known else ""
    language = known(partner.language)
    if not partner.contact_email:
        return []
    return [Recipient(partner.contact_email, name, language)]


def _write(
    template: str, to: Recipient, partner: Partner, reason: str
) -> None:
    purpose = tokens.Purpose.PARTNER_CONFIRM
    mail.write(
        template,
        to,
        subject_id=partner.id,
        partner=partner,
        reason=reason,
        token=tokens.make(purpose, partner.id, partner.token_key),
        days=config.token_days(),
    )
