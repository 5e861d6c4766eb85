from __future__ import annotations

from . import fields as partner_fields


def digifarm_partner_choice_label(field: str, value: str) -> str:
    """The word for a choice of a partner's field."""
    return partner_fields.choice_label(field, value)


def digifarm_partner_label(field: str) -> str:
    """The word for a field of a partner."""
    return partner_fields.label(field)
