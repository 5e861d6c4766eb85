from __future__ import annotations

import ckantoolkit as tk

from . import fields as partner_fields


def digifarm_partner_choice_label(field: str, value: str) -> str:
    """The word for a choice of a partner's field."""
    return partner_fields.choice_label(field, value)


def digifarm_partner_label(field: str) -> str:
    """The word for a field of a partner."""
    return partner_fields.label(field)


def digifarm_partner_gone(step: str) -> str:
    """Why a partner is gone, in a few words.

    :param step: the action by which it went, or ""
    """
    return {
        "digifarm_partner_withdraw": tk._("Withdrawn by its contact"),
        "digifarm_partner_decline": tk._("Registration declined"),
        "digifarm_partner_merge": tk._("Joined with another entry"),
    }.get(step, tk._("Deleted"))
