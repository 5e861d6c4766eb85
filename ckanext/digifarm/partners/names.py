"""The names of partners in addresses."""

from __future__ import annotations

from ..lib.names import _free
from . import fields as partner_fields
from .model import Partner


def of_partner(title: str) -> str:
    """A name for a new partner that is made from its title."""
    return _free(title, "partner", Partner.name, partner_fields.RESERVED_NAMES)
