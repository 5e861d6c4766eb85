"""Who offers support: a partner of the directory, a new one, or a person."""

from __future__ import annotations

import ckantoolkit as tk
from sqlalchemy.exc import IntegrityError

from ..lib import lookups
from ..lib.ckan import Context, DataDict, ErrorDict, make_uuid, model
from ..lib.errors import refuse
from ..partners.lookups import lasting_partner
from ..partners.model import Partner, PartnerState
from ..partners.workflow import WORKFLOW as PARTNERS
from .model import Support


def lacking_kind(data_dict: DataDict) -> ErrorDict:
    """What is wrong with an offer of a partner without a kind.

    :param data_dict: the parameters of `digifarm_support_offer`, which may be
        wrong
    """
    is_new = data_dict.get("partner_title") and not data_dict.get("partner")
    if is_new and not data_dict.get("partner_kind"):
        return {"partner_kind": [tk._("Please fill this in")]}
    return {}


def offering_partner(context: Context, data_dict: DataDict) -> Partner | None:
    """Who offers: one of the directory, a new one, or None for a person.

    A new one enters the directory when the offer is accepted.
    """
    if data_dict["partner"]:
        return lasting_partner(data_dict["partner"])
    title = data_dict["partner_title"]
    if not title:
        return None
    partner = Partner(
        # A good name is for those in the directory.
        name=make_uuid(),
        title=title,
        kind=data_dict["partner_kind"],
        url=data_dict.get("partner_url", ""),
        areas=[data_dict["area"]],
    )
    return PARTNERS.begin(
        "digifarm_support_offer", context, partner, PartnerState.UNCONFIRMED
    )


def settle_partner(
    context: Context, support: Support, listed: Partner | None
) -> None:
    """Make sure that an accepted partner is one of the directory.

    :param listed: the one that it is, if it was there before
    """
    partner = model.Session.get(Partner, support.partner_id or "")
    is_new = partner and partner.state == PartnerState.UNCONFIRMED.value
    if listed:
        support.partner_id = listed.id
        support.person = ""
        model.Session.flush()
        if is_new:
            model.Session.delete(partner)
    elif is_new:
        _enter_directory(context, partner, support)


def _enter_directory(
    context: Context, partner: Partner, support: Support
) -> None:
    message = tk._("A partner of this name is in the directory; choose it")
    lookups.take_turns(f"partner {partner.title.lower()}")
    if Partner.is_known(partner.title):
        refuse("partner", message)
    partner.contact_name = support.contact_name
    partner.contact_email = support.contact_email
    partner.language = support.language
    partner.consented = support.consented
    partner.consent = support.consent
    model.Session.flush()
    try:
        PARTNERS.go_on("digifarm_support_accept", partner, context)
    except IntegrityError as e:
        # Somebody of that name came in at the same moment.
        refuse("partner", message, e)
