"""Finds partners for actions."""

from __future__ import annotations

import ckantoolkit as tk

from ..lib import lookups
from .model import Partner, PartnerState


def found(reference: str) -> Partner:
    """The partner with an id or name.

    :raises ObjectNotFound: where there is none
    """
    partner = Partner.get(reference)
    if partner is None:
        raise tk.ObjectNotFound(tk._("Partner not found"))
    return partner


def active_partner(reference: str) -> Partner:
    """A partner of the directory.

    :param reference: its id or name
    :raises ObjectNotFound: where there is none
    """
    partner = found(reference)
    if partner.state != PartnerState.ACTIVE.value:
        raise tk.ObjectNotFound(tk._("Partner not found"))
    return partner


def lasting_partner(reference: str) -> Partner:
    """A partner of the directory that stays there until the commit.

    Before anything of it is locked: who joins two partners locks them first.

    :param reference: its id or name
    :raises ObjectNotFound: where there is none
    """
    partner = lookups.share(active_partner(reference))
    if partner is None or partner.state != PartnerState.ACTIVE.value:
        raise tk.ObjectNotFound(tk._("Partner not found"))
    return partner
