from __future__ import annotations

from typing import Any

from . import fields as partner_fields


def digifarm_partner_choice_label(field: str, value: str) -> str:
    """The word for a choice of a partner's field."""
    return partner_fields.choice_label(field, value)


def digifarm_partner_options(
    found: list[dict[str, Any]],
) -> list[dict[str, str]]:
    """Partners as the choices of a field.

    :param found: as :py:func:`digifarm_partner_search` gives them
    """
    return [
        {"value": partner["name"], "label": partner["title"]}
        for partner in found
    ]
